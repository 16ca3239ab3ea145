/** What every density offers. */

import { broadcastShapes, formatShape, GalateaError, type Shape } from "../../core/base/index.ts";
import { constant, Tensor, type TensorLike } from "../../core/trace/index.ts";

/**
 * Independent random variables, one for each element of `shape`: values, log-probabilities and entropies are
 * elementwise, and who needs those of whole examples sums them with {@link sumOverEvent}.
 *
 * Natural logarithms everywhere: the unit is nat.
 */
export interface Distribution {
  readonly shape: Shape;
  /** Log of the density or probability at x. Shapes: x broadcasts against `shape`, and gives the result's shape. */
  logProb(x: Tensor): Tensor;
  /** One sample of `shape`. Shapes: the key is uint32 [2]. */
  sample(key: Tensor): Tensor;
  /** The most probable value, of `shape`. */
  mode(): Tensor;
  /** Expected -logProb, of `shape`. */
  entropy(): Tensor;
}

/**
 * Sums elementwise values over everything but the leading batch axes.
 *
 * Shapes: [B, ...] -> [B], for `batchAxes` = 1.
 */
export function sumOverEvent(values: Tensor, batchAxes = 1): Tensor {
  const axes = values.shape.flatMap((_, axis) => (axis < batchAxes ? [] : [axis]));
  return axes.length === 0 ? values : values.sum(axes);
}

/** A number as a scalar tensor. */
export function asTensor(value: TensorLike): Tensor {
  return value instanceof Tensor ? value : constant(value);
}

/**
 * The shape that parameters have together.
 * @throws GalateaError `shape` when they do not broadcast.
 */
export function commonShape(where: string, a: Tensor, b: Tensor): Shape {
  const shape = broadcastShapes(a.shape, b.shape);
  if (shape === undefined) {
    const seen = `${where}: parameters of shapes ${formatShape(a.shape)} and ${formatShape(b.shape)}`;
    throw new GalateaError("shape", a.path, seen, "they must broadcast");
  }
  return shape;
}
