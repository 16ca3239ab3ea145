/** Kernels of ops that read or write at computed places. */

import { GalateaError, type Shape, sizeOf } from "../../../core/base/index.ts";
import type { OpName } from "../../../core/graph/index.ts";
import type { Kernel } from "./kernel.ts";

/** Row-major data seen as [before, along, after] an axis, which may span several (`width`) or none. */
function around(shape: Shape, axis: number, width = 1): { before: number; along: number; after: number } {
  return {
    before: sizeOf(shape.slice(0, axis)),
    along: sizeOf(shape.slice(axis, axis + width)),
    after: sizeOf(shape.slice(axis + width)),
  };
}

/** @throws GalateaError `backend` for an index outside 0 .. size-1, of which the op table says nothing. */
function requireRow(index: number, size: number): void {
  if (index < 0 || index >= size) {
    throw new GalateaError("backend", "interpreter", `index ${index}`, `it must lie within 0 to ${size - 1}`);
  }
}

export const indexing = {
  gather: ([x, indices], { axis }) => {
    const { before, along, after } = around(x.shape, axis);
    const count = indices.data.length;
    const data = new Float64Array(before * count * after);
    for (let b = 0; b < before; b++) {
      for (let i = 0; i < count; i++) {
        requireRow(indices.data[i], along);
        for (let a = 0; a < after; a++) {
          data[(b * count + i) * after + a] = x.data[(b * along + indices.data[i]) * after + a];
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
        requireRow(indices.data[i], size);
        for (let a = 0; a < after; a++) {
          data[(b * size + indices.data[i]) * after + a] += updates.data[(b * count + i) * after + a];
        }
      }
    }
    return { dtype: updates.dtype, shape: updates.shape.toSpliced(axis, indices.shape.length, size), data };
  },
} satisfies { [N in OpName]?: Kernel<N> };
