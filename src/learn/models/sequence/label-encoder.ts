/** An encoder of labels: a place that says what is wanted. */

import type { Tensor } from "../../../core/trace/index.ts";
import { embedding, initializers } from "../../nn/index.ts";
import type { Encoder } from "./token-network.ts";

export type LabelEncoderParameters = { readonly weight: Tensor };

/** A learned vector for each label: `label` int32 [B] -> places [B, 1, size]. */
export function labelEncoder(options: {
  readonly classes: number;
  readonly size: number;
}): Encoder<LabelEncoderParameters> {
  const { classes, size } = options;
  const table = embedding({ count: classes, size, init: initializers.normal(1) });
  return {
    init: (key) => table.init(key),
    encode: (parameters, { label }, context) => {
      const vectors = table.apply(parameters, label, context);
      return { places: vectors.reshape([label.shape[0], 1, size]) };
    },
  };
}
