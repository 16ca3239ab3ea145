/** Layout ops as functions, for passes that write many of them. What would do nothing adds no node. */

import { type Shape, sameShape } from "../../base/index.ts";
import { constantValue, emitValue, type Value } from "../../graph/index.ts";

export function reshape(x: Value, shape: Shape, path: string): Value {
  return sameShape(x.shape, shape) ? x : emitValue("reshape", [x], { shape }, path);
}

/** The last two axes exchanged. */
export function swapLastTwo(x: Value, path: string): Value {
  const { shape } = x;
  const rank = shape.length;
  const permutation = shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  const swapped = permutation.map((axis) => shape[axis]);
  // Only one of the axes is more than a name.
  if (shape[rank - 1] === 1 || shape[rank - 2] === 1) return reshape(x, swapped, path);
  return emitValue("transpose", [x], { permutation }, path);
}

/** The first two axes exchanged. */
export function swapFirstTwo(x: Value, path: string): Value {
  const { shape } = x;
  const permutation = shape.map((_, axis) => (axis < 2 ? 1 - axis : axis));
  if (shape[0] === 1 || shape[1] === 1) {
    return reshape(
      x,
      permutation.map((axis) => shape[axis]),
      path,
    );
  }
  return emitValue("transpose", [x], { permutation }, path);
}

/** `count` elements from `start` along an axis. */
export function slice(x: Value, axis: number, start: number, count: number, path: string): Value {
  if (count === x.shape[axis]) return x;
  const starts = x.shape.map((_, i) => (i === axis ? start : 0));
  const sizes = x.shape.map((size, i) => (i === axis ? count : size));
  return emitValue("slice", [x], { starts, sizes }, path);
}

/** Zeros before and after along an axis; negative counts take elements away. */
export function pad(x: Value, axis: number, low: number, high: number, path: string): Value {
  const start = Math.max(0, -low);
  const kept = slice(x, axis, start, x.shape[axis] - start - Math.max(0, -high), path);
  if (low <= 0 && high <= 0) return kept;
  const around = (count: number): number[] => x.shape.map((_, i) => (i === axis ? Math.max(0, count) : 0));
  return emitValue("pad", [kept], { low: around(low), high: around(high) }, path);
}

export function concat(parts: readonly Value[], axis: number, path: string): Value {
  return parts.length === 1 ? parts[0] : emitValue("concat", parts, { axis }, path);
}

/** Elements along an axis by number. */
export function take(x: Value, axis: number, indices: readonly number[], path: string): Value {
  if (indices.length === x.shape[axis] && indices.every((index, i) => index === i)) return x;
  return emitValue("gather", [x, constantValue("int64", [indices.length], indices)], { axis }, path);
}
