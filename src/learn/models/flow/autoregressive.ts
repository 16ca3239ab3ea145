/** Autoregressive layers: each number is transformed given all that come before it. */

import { scan, type Tensor, type TensorTree, tensor, where, zeros } from "../../../core/trace/index.ts";
import { type ElementwiseBijection, sumOverEvent } from "../../prob/index.ts";
import type { FlowLayer } from "./layer.ts";
import { type MaskedNetworkOptions, maskedNetwork } from "./masked-network.ts";

export interface AutoregressiveOptions extends Omit<MaskedNetworkOptions, "inputs" | "outputs"> {
  readonly transform: ElementwiseBijection;
}

/** Up to so many numbers the inverse is written out, beyond it is a loop. */
const longestUnrolled = 4;

/**
 * y_i = T(x_i; network(those x_j that come before x_i)); log |det| = sum of log T'
 *
 * Forward is one pass of the network. The inverse finds one number after the other, a pass each, as a loop inside
 * the program. Turned round (`inverted`) it is an inverse autoregressive flow, which samples in one pass.
 *
 * Shapes: x [B, D] -> the same.
 *
 * Source: Papamakarios, Pavlakou and Murray, "Masked autoregressive flow for density estimation" (2017); Kingma et
 * al., "Improving variational inference with inverse autoregressive flow" (2016); Germain et al., "MADE" (2015).
 */
export function autoregressive({ transform, ...options }: AutoregressiveOptions): FlowLayer {
  const { order } = options;
  const size = order.length;
  const network = maskedNetwork({ ...options, outputs: transform.size });
  /** Row i is 1 at the number that comes as number i. */
  const turns = order.map((_, turn) => order.map((place) => (place === turn ? 1 : 0)));
  return {
    init: (key) => network.init(key),
    forward: (parameters, x, given) => {
      const { y, logDerivative } = transform.forward(x, network.apply(parameters, x, given));
      return { y, logDet: sumOverEvent(logDerivative) };
    },
    inverse: (parameters, y, given) => {
      type Known = { readonly x: Tensor; readonly logDerivative: Tensor };
      // What is not known yet is 0, and no known number depends on it.
      const find = ({ x }: Known, turn: Tensor): Known => {
        const next = transform.inverse(y, network.apply(parameters, x, given));
        const isTurn = turn.equal(1).reshape([1, size]).expand(x.shape);
        return { x: where(isTurn, next.y, x), logDerivative: next.logDerivative };
      };
      const start: Known = { x: zeros(y.shape), logDerivative: zeros(y.shape) };
      const found =
        size <= longestUnrolled
          ? turns.reduce((known, turn) => find(known, tensor(turn, [size])), start)
          : scan<Known, Tensor, TensorTree>(
              (known, turn) => ({ carry: find(known, turn), y: {} }),
              start,
              tensor(turns.flat(), [size, size]),
            ).carry;
      // In the last turn the network saw all that any number depends on.
      return { x: found.x, logDet: sumOverEvent(found.logDerivative) };
    },
  };
}
