/** An encoder of labels: places that say what is wanted. */

import type { Tensor } from "../../../core/trace/index.ts";
import { embedding, initializers } from "../../nn/index.ts";
import type { Encoder } from "./token-network.ts";

export type LabelEncoderParameters = { readonly weight: Tensor };

/**
 * Learned vectors for each label: `label` int32 [B] -> places [B, places, size].
 *
 * Several places are a plan: what a sound of this label is like, one stretch of time after the other.
 */
export function labelEncoder(options: {
  readonly classes: number;
  readonly size: number;
  /** 1 where absent. */
  readonly places?: number;
}): Encoder<LabelEncoderParameters> {
  const { classes, size, places = 1 } = options;
  const table = embedding({ count: classes, size: places * size, init: initializers.normal(1) });
  return {
    init: (key) => table.init(key),
    encode: (parameters, { label }, context) => {
      const vectors = table.apply(parameters, label, context);
      return { places: vectors.reshape([label.shape[0], places, size]) };
    },
  };
}
