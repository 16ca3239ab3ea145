/** Normalization by size alone. */

import { formatShape, type Shape } from "../../core/base/index.ts";
import { constant, ones, type Tensor } from "../../core/trace/index.ts";
import type { Module } from "./module.ts";
import { misfit } from "./normalization.ts";

/** Scale. */
export type RmsNormParameters = { readonly weight: Tensor };

export interface RmsNormOptions {
  /** Sizes of the last axes, over which the mean square is taken; a number for the last axis alone. */
  readonly shape: number | Shape;
  readonly epsilon?: number;
}

/**
 * Brings each example to a mean square of 1 over its last axes.
 *
 * y = x / sqrt(mean(x^2) + epsilon) * weight
 *
 * Shapes: x [..., ...shape] -> the same; weight of `shape`.
 * Units and ranges: epsilon 1e-6 where absent (PyTorch's default is the type's own, 1.2e-7).
 * @throws GalateaError `shape`, while tracing, when x does not end in `shape`.
 *
 * Source: Zhang and Sennrich, "Root mean square layer normalization" (2019), without a bias, as in PyTorch's `RMSNorm`.
 */
export function rmsNorm({ shape, epsilon = 1e-6 }: RmsNormOptions): Module<RmsNormParameters> {
  const sizes = typeof shape === "number" ? [shape] : shape;
  return {
    init: () => ({ weight: ones(sizes) }),
    apply: ({ weight }, x) => {
      const first = x.rank - sizes.length;
      if (first < 0 || sizes.some((size, i) => x.shape[first + i] !== size)) {
        throw misfit("rmsNorm", weight, x, `it must end in ${formatShape(sizes)}`);
      }
      const meanSquare = x.square().mean(
        sizes.map((_, i) => first + i),
        true,
      );
      return x.mul(constant(1).div(meanSquare.add(epsilon).sqrt())).mul(weight);
    },
  };
}
