/** Monotone maps of single numbers, each steered by numbers of its own; and the simplest of them, scale and shift. */

import type { Shape } from "../../../core/base/index.ts";
import type { Tensor } from "../../../core/trace/index.ts";

export interface ElementwiseResult {
  readonly y: Tensor;
  /** log dy/dx of each element, of the shape of y. */
  readonly logDerivative: Tensor;
}

/**
 * A monotone map of each element of x [B, C, ...], steered by `size` unbounded numbers for each.
 *
 * Shapes: raw [B, size C, ...], of which the first C channels are the first number of each element. All zeros make
 * the map the identity.
 */
export interface ElementwiseBijection {
  readonly size: number;
  forward(x: Tensor, raw: Tensor): ElementwiseResult;
  /** The x of a y, with log dx/dy. */
  inverse(y: Tensor, raw: Tensor): ElementwiseResult;
}

/** raw [B, size C, ...] as [B, size, C, ...]. */
export function steering(raw: Tensor, size: number, [batch, ...event]: Shape): Tensor {
  return raw.reshape([batch, size, ...event]);
}

/**
 * Scale and shift.
 *
 * y = x e^s + t, with t = raw[0] and s = bound tanh(raw[1] / bound)
 *
 * Units and ranges: `bound` is the largest |s|, 2 where absent: no layer then stretches by more than e^2 = 7.4, so
 * that rounding errors stay small in the inverse.
 *
 * Source: Dinh, Sohl-Dickstein and Bengio, "Density estimation using Real NVP" (2017), equations 4 and 5, with its
 * tanh for s.
 */
export function affine({ bound = 2 }: { readonly bound?: number } = {}): ElementwiseBijection {
  const parts = (x: Tensor, raw: Tensor): readonly [Tensor, Tensor] => {
    const [shift, scale] = raw.split(2, 1);
    return [
      shift.reshape(x.shape),
      scale
        .reshape(x.shape)
        .mul(1 / bound)
        .tanh()
        .mul(bound),
    ];
  };
  return {
    size: 2,
    forward: (x, raw) => {
      const [shift, logScale] = parts(x, raw);
      return { y: x.mul(logScale.exp()).add(shift), logDerivative: logScale };
    },
    inverse: (y, raw) => {
      const [shift, logScale] = parts(y, raw);
      const logDerivative = logScale.neg();
      return { y: y.sub(shift).mul(logDerivative.exp()), logDerivative };
    },
  };
}
