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

export const reduction = {
  reduceSum: ([x], attrs) => {
    const total = reduce(x, attrs, 0, (sum, element) => sum + element);
    return x.dtype === "int32" ? { ...total, data: total.data.map((sum) => sum | 0) } : total;
  },
  reduceMax: ([x], attrs) => reduce(x, attrs, Number.NEGATIVE_INFINITY, Math.max),
  argMax: ([x], { axis }) => {
    const read = reader(x, x.shape.length);
    return fill("int64", x.shape.toSpliced(axis, 1), (at) => {
      const candidates = Array.from({ length: x.shape[axis] }, (_, place) => read(at.toSpliced(axis, 0, place)));
      return candidates.reduce((best, candidate, place) => (candidate > candidates[best] ? place : best), 0);
    });
  },
} satisfies { [N in OpName]?: Kernel<N> };
