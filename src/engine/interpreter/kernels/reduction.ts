/** Kernels of ops that join the elements along axes. */

import { sizeOf, stridesOf } from "../../../core/base/index.ts";
import type { OpName, ReduceAttrs } from "../../../core/graph/index.ts";
import type { HostValue } from "../value.ts";
import { fill, forEachPlace, type Kernel, reader } from "./kernel.ts";

/** Combines all elements that share their coordinates outside the reduced axes, starting from `start`. */
function reduce(
  x: HostValue,
  { axes, keepDims }: ReduceAttrs,
  start: number,
  combine: (total: number, element: number) => number,
): HostValue {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const data = new Float64Array(sizeOf(kept)).fill(start);
  forEachPlace(x.shape, (at, index) => {
    const place = strides.reduce((sum, stride, axis) => sum + stride * at[axis], 0);
    data[place] = combine(data[place], x.data[index]);
  });
  return { dtype: x.dtype, shape: keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis)), data };
}

/** The elements along an axis at a place of the shape without it. */
function lineOf(x: HostValue, axis: number): (at: readonly number[]) => number[] {
  const read = reader(x, x.shape.length);
  return (at) => Array.from({ length: x.shape[axis] }, (_, place) => read(at.toSpliced(axis, 0, place)));
}

/** The first element that none is `before`, along an axis. */
function firstOf(x: HostValue, axis: number, before: (a: number, b: number) => boolean): HostValue {
  const elements = lineOf(x, axis);
  return fill("int64", x.shape.toSpliced(axis, 1), (at) =>
    elements(at).reduce((best, element, place, line) => (before(element, line[best]) ? place : best), 0),
  );
}

export const reduction = {
  reduceSum: ([x], attrs) => {
    const total = reduce(x, attrs, 0, (sum, element) => sum + element);
    return x.dtype === "int32" ? { ...total, data: total.data.map((sum) => sum | 0) } : total;
  },
  // Math.max and Math.min give NaN where there is one.
  reduceMax: ([x], attrs) => reduce(x, attrs, Number.NEGATIVE_INFINITY, Math.max),
  reduceMin: ([x], attrs) => reduce(x, attrs, Number.POSITIVE_INFINITY, Math.min),
  argMax: ([x], { axis }) => firstOf(x, axis, (a, b) => a > b),
  argMin: ([x], { axis }) => firstOf(x, axis, (a, b) => a < b),
  cumulativeSum: ([x], { axis, reverse, exclusive }) => {
    const elements = lineOf(x, axis);
    const sums = fill(x.dtype, x.shape, (at) => {
      const place = at[axis];
      const line = elements(at.toSpliced(axis, 1));
      const part = reverse ? line.slice(place + Number(exclusive)) : line.slice(0, place + Number(!exclusive));
      return part.reduce((sum, element) => sum + element, 0);
    });
    return x.dtype === "int32" ? { ...sums, data: sums.data.map((sum) => sum | 0) } : sums;
  },
  topK: ([x], { axis, k, largest }) => {
    const elements = lineOf(x, axis);
    const indices = fill("int64", x.shape.with(axis, k), (at) => {
      const line = elements(at.toSpliced(axis, 1));
      // Array's sort is stable: of equal elements the first comes first.
      const order = line.map((_, place) => place).sort((a, b) => (largest ? line[b] - line[a] : line[a] - line[b]));
      return order[at[axis]];
    });
    const read = reader(indices, x.shape.length);
    const values = fill(x.dtype, indices.shape, (at) => elements(at.toSpliced(axis, 1))[read(at)]);
    return [values, indices];
  },
} satisfies { [N in OpName]?: Kernel<N> };
