/** Limits on gradients. */

import { leavesOf, mapTree } from "../../core/base/index.ts";
import { constant, type Tensor, type TensorTree } from "../../core/trace/index.ts";
import { requireOption, updateScope } from "./optimizer.ts";

/**
 * Shortens gradients to a greatest length, all taken as one vector.
 *
 * norm = sqrt(sum over all leaves of g^2);  g' = g * min(1, maxNorm / (norm + 1e-6))
 *
 * Units and ranges: maxNorm above 0. A norm that is not finite makes the gradients NaN or 0: check it.
 * @throws GalateaError `config` when maxNorm is outside its range.
 *
 * Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013), with the
 * 1e-6 of PyTorch's `clip_grad_norm_`.
 */
export function clipByGlobalNorm<T extends TensorTree>(
  gradients: T,
  maxNorm: number,
): { readonly gradients: T; readonly norm: Tensor } {
  requireOption("clipByGlobalNorm", "maxNorm", maxNorm, maxNorm > 0, "above 0");
  const squares = leavesOf<Tensor>(gradients).map(({ path, value }) => value.within(updateScope(path)).square().sum());
  const norm = squares.reduce((sum, square) => sum.within(updateScope()).add(square), constant(0)).sqrt();
  const factor = constant(maxNorm).div(norm.add(1e-6)).minimum(1);
  const clipped = mapTree<Tensor, Tensor>(gradients, (gradient, path) =>
    gradient.within(updateScope(path)).mul(factor).within(undefined),
  );
  return { gradients: clipped as T, norm: norm.within(undefined) };
}
