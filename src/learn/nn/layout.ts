/** Layers that give an example another shape. */

import type { Shape } from "../../core/base/index.ts";
import type { TensorFunction } from "./module.ts";

/**
 * Each example under another shape.
 *
 * Shapes: x [B, ...] -> [B, ...shape]; one size of `shape` may be -1.
 * @throws GalateaError `shape`, while tracing, when the counts of elements differ.
 */
export function reshape(shape: Shape): TensorFunction {
  return (x) => x.reshape([x.shape[0], ...shape]);
}

/** Each example as a vector. Shapes: x [B, ...] -> [B, n]. */
export function flatten(): TensorFunction {
  return (x) => x.flatten();
}
