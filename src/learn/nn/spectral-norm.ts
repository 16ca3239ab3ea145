/** Spectral normalization: a layer whose weight is divided by its largest singular value. */

import { sizeOf } from "../../core/base/index.ts";
import { foldKey, randomNormal, type Tensor, type TensorTree } from "../../core/trace/index.ts";
import type { Module } from "./module.ts";

/** A layer with a weight. */
type Weighted = { readonly weight: Tensor };

/** The layer's own leaves, with the weight under PyTorch's names: as it is trained, and its left singular vector so far. */
export type SpectralNormParameters<P extends Weighted> = Omit<P, "weight"> & {
  readonly weight_orig: Tensor;
  readonly weight_u: Tensor;
};

export interface SpectralNormOptions {
  /** The weight's axis that counts outputs; 0 where absent, as for all layers but transposed convolutions (1). */
  readonly axis?: number;
  /** Steps of the power iteration in each use while training; 1 where absent. */
  readonly iterations?: number;
  readonly epsilon?: number;
}

/** Steps of the power iteration on the initial weight, so that the first uses are normalized too. */
const initialIterations = 15;

/**
 * A layer with its weight W divided by an estimate of its largest singular value, which bounds by how much the layer
 * stretches anything.
 *
 * v = normalize(W^T u), u' = normalize(W v), W / (u'^T W v), with W as a matrix [outputs, everything else]
 *
 * u' is kept in `weight_u` as a running value; no gradient flows through u' and v, but through W in u'^T W v. Outside
 * training u is used as it is.
 *
 * Shapes: the layer's; `weight_orig` as the layer's weight, `weight_u` [outputs].
 *
 * Source: Miyato, Kataoka, Koyama and Yoshida, "Spectral normalization for generative adversarial networks" (2018),
 * algorithm 1. Names as in PyTorch's `spectral_norm`, whose `weight_v` we compute from `weight_u` instead of keeping it.
 */
export function spectralNorm<P extends Weighted & TensorTree>(
  layer: Module<P>,
  { axis = 0, iterations = 1, epsilon = 1e-12 }: SpectralNormOptions = {},
): Module<SpectralNormParameters<P> & TensorTree> {
  const asMatrix = (weight: Tensor): Tensor => {
    const outputs = weight.shape[axis];
    return weight.moveAxis(axis, 0).reshape([outputs, sizeOf(weight.shape) / outputs]);
  };
  const normalize = (x: Tensor): Tensor => x.div(x.square().sum().sqrt().maximum(epsilon));
  const iterate = (matrix: Tensor, start: Tensor, steps: number): { readonly u: Tensor; readonly v: Tensor } => {
    let u = start;
    let v = normalize(u.matmul(matrix));
    for (let step = 0; step < steps; step++) {
      if (step > 0) v = normalize(u.matmul(matrix));
      u = normalize(matrix.matmul(v));
    }
    return { u, v };
  };
  return {
    init: (key) => {
      const { weight, ...rest } = layer.init(foldKey(key, 0));
      const start = randomNormal(foldKey(key, 1), [weight.shape[axis]]);
      const { u } = iterate(asMatrix(weight), start, initialIterations);
      return { weight_orig: weight, weight_u: u, ...rest } as never;
    },
    apply: (parameters, x, context) => {
      const { weight_orig: weight, weight_u, ...rest } = parameters as SpectralNormParameters<Weighted>;
      const matrix = asMatrix(weight);
      const constant = matrix.stopGradient();
      const { u, v } = iterate(constant, context.current(weight_u).stopGradient(), context.training ? iterations : 0);
      if (context.training) context.update(weight_u, u);
      const largest = u.stopGradient().matmul(matrix).matmul(v.stopGradient());
      return layer.apply({ ...rest, weight: weight.div(largest) } as never, x, context);
    },
  };
}
