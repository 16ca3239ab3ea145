/** Kernels of ops that read or write at computed places. */

import { GalateaError, type Shape, sizeOf, stridesOf } from "../../../core/base/index.ts";
import type { OpName } from "../../../core/graph/index.ts";
import type { HostValue } from "../value.ts";
import { fill, forEachPlace, type Kernel, reader } from "./kernel.ts";

/** Row-major data seen as [before, along, after] an axis, which may span several (`width`) or none. */
function around(shape: Shape, axis: number, width = 1): { before: number; along: number; after: number } {
  return {
    before: sizeOf(shape.slice(0, axis)),
    along: sizeOf(shape.slice(axis, axis + width)),
    after: sizeOf(shape.slice(axis + width)),
  };
}

/**
 * The place that an index names, negative ones counted from the end.
 * @throws GalateaError `backend` for an index outside.
 */
function placeOf(index: number, size: number): number {
  if (index >= -size && index < size) return index < 0 ? index + size : index;
  const right = size === 0 ? "the axis is empty" : `it must lie within ${-size} to ${size - 1}`;
  throw new GalateaError("backend", "interpreter", `index ${index}`, right);
}

/** Where a block begins: the start asked for, or the nearest one that keeps the block inside. */
function clampedStart(start: HostValue, count: number, size: number): number {
  return Math.min(Math.max(start.data[0], 0), size - count);
}

export const indexing = {
  gather: ([x, indices], { axis }) => {
    const { before, along, after } = around(x.shape, axis);
    const count = indices.data.length;
    const data = new Float64Array(before * count * after);
    for (let b = 0; b < before; b++) {
      for (let i = 0; i < count; i++) {
        const row = placeOf(indices.data[i], along);
        for (let a = 0; a < after; a++) {
          data[(b * count + i) * after + a] = x.data[(b * along + row) * after + a];
        }
      }
    }
    return { dtype: x.dtype, shape: x.shape.toSpliced(axis, 1, ...indices.shape), data };
  },
  scatterAdd: ([updates, indices], { axis, size }) => {
    const { before, along: count, after } = around(updates.shape, axis, indices.shape.length);
    const data = new Float64Array(before * size * after);
    for (let b = 0; b < before; b++) {
      for (let i = 0; i < count; i++) {
        const row = placeOf(indices.data[i], size);
        for (let a = 0; a < after; a++) {
          data[(b * size + row) * after + a] += updates.data[(b * count + i) * after + a];
        }
      }
    }
    return { dtype: updates.dtype, shape: updates.shape.toSpliced(axis, indices.shape.length, size), data };
  },
  takeAlongAxis: ([x, indices], { axis }) => {
    const [read, index] = [reader(x, x.shape.length), reader(indices, x.shape.length)];
    return fill(x.dtype, indices.shape, (at) => read(at.with(axis, placeOf(index(at), x.shape[axis]))));
  },
  scatterAddAlongAxis: ([updates, indices], { axis, size }) => {
    const shape = updates.shape.with(axis, size);
    const strides = stridesOf(shape);
    const data = new Float64Array(sizeOf(shape));
    forEachPlace(updates.shape, (at, i) => {
      const to = at.with(axis, placeOf(indices.data[i], size));
      data[to.reduce((sum, place, j) => sum + place * strides[j], 0)] += updates.data[i];
    });
    return { dtype: updates.dtype, shape, data };
  },
  dynamicSlice: ([x, start], { axis, size }) => {
    const from = clampedStart(start, size, x.shape[axis]);
    const read = reader(x, x.shape.length);
    return fill(x.dtype, x.shape.with(axis, size), (at) => read(at.with(axis, from + at[axis])));
  },
  dynamicUpdateSlice: ([x, update, start], { axis }) => {
    const count = update.shape[axis];
    const from = clampedStart(start, count, x.shape[axis]);
    const [readX, readUpdate] = [reader(x, x.shape.length), reader(update, x.shape.length)];
    return fill(x.dtype, x.shape, (at) => {
      const place = at[axis] - from;
      return place >= 0 && place < count ? readUpdate(at.with(axis, place)) : readX(at);
    });
  },
} satisfies { [N in OpName]?: Kernel<N> };
