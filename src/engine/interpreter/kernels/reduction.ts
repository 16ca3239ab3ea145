/** Kernels of ops that join the elements along axes. */

import { type DType, sizeOf, stridesOf } from "../../../core/base/index.ts";
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

/** A value whose elements along an axis, `size` of them, are computed from the input's, line by line. */
function mapLines(
  dtype: DType,
  x: HostValue,
  axis: number,
  size: number,
  compute: (line: readonly number[]) => readonly number[],
): HostValue {
  const elements = lineOf(x, axis);
  const shape = x.shape.with(axis, size);
  const data = new Float64Array(sizeOf(shape));
  const step = sizeOf(shape.slice(axis + 1));
  forEachPlace(x.shape.toSpliced(axis, 1), (at, index) => {
    const start = Math.floor(index / step) * step * size + (index % step);
    compute(elements(at)).forEach((element, place) => {
      data[start + place * step] = element;
    });
  });
  return { dtype, shape, data };
}

/** The sum of what stands before each element, or with it. */
function runningSums(line: readonly number[], exclusive: boolean): number[] {
  let total = 0;
  return line.map((element) => {
    const before = total;
    total += element;
    return exclusive ? before : total;
  });
}

/** Places of a line in the order of their elements. Array's sort is stable: of equal ones the first comes first. */
function orderOf(line: readonly number[], largest: boolean): number[] {
  return line.map((_, place) => place).sort((a, b) => (largest ? line[b] - line[a] : line[a] - line[b]));
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
    const sums = mapLines(x.dtype, x, axis, x.shape[axis], (line) =>
      reverse ? runningSums(line.toReversed(), exclusive).reverse() : runningSums(line, exclusive),
    );
    return x.dtype === "int32" ? { ...sums, data: sums.data.map((sum) => sum | 0) } : sums;
  },
  topK: ([x], { axis, k, largest }) => {
    const first = (line: readonly number[]): number[] => orderOf(line, largest).slice(0, k);
    return [
      mapLines(x.dtype, x, axis, k, (line) => first(line).map((place) => line[place])),
      mapLines("int64", x, axis, k, first),
    ];
  },
} satisfies { [N in OpName]?: Kernel<N> };
