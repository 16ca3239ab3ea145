/** The fully connected layer. */

import { sizeOf } from "../../core/base/index.ts";
import { foldKey } from "../../core/trace/index.ts";
import { type Initializer, torchDefault } from "./initializers.ts";
import { type AffineParameters, affineParameters, type Module } from "./module.ts";

export interface LinearOptions<Bias extends boolean = boolean> {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: Bias;
  /** Of the weight; `torchDefault` where absent. */
  readonly init?: Initializer;
  /** Of the bias; `torchDefault` where absent. */
  readonly biasInit?: Initializer;
}

/**
 * A fully connected layer.
 *
 * y = x W^T + b
 *
 * Shapes: x [..., inputs] -> [..., outputs]; weight [outputs, inputs], bias [outputs].
 * @throws GalateaError `shape`, while tracing, when the last axis of x is not `inputs`.
 */
export function linear<const Bias extends boolean = true>({
  inputs,
  outputs,
  bias,
  init = torchDefault,
  biasInit = torchDefault,
}: LinearOptions<Bias>): Module<AffineParameters<Bias>> {
  const fans = { inputs, outputs };
  return {
    init: (key) => {
      const weight = init(foldKey(key, 0), [outputs, inputs], fans);
      return affineParameters<Bias>(weight, bias === false ? undefined : biasInit(foldKey(key, 1), [outputs], fans));
    },
    apply: (parameters, x) => {
      const { weight, bias } = parameters as AffineParameters<boolean>;
      const leading = x.shape.slice(0, -1);
      const rows = x.rank === 2 ? x : x.reshape([sizeOf(leading), x.shape.at(-1) ?? 1]);
      const product = rows.matmul(weight, { transposeB: true });
      return (bias ? product.add(bias) : product).reshape([...leading, outputs]);
    },
  };
}
