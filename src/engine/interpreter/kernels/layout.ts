/** Kernels of ops that move elements. */

import { GalateaError, type Shape, sizeOf } from "../../../core/base/index.ts";
import type { OpName } from "../../../core/graph/index.ts";
import { fill, type Kernel, reader } from "./kernel.ts";

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

export const layout = {
  reshape: ([x], { shape }) => ({ dtype: x.dtype, shape, data: x.data }),
  transpose: ([x], { permutation }) => {
    const shape = permutation.map((axis) => x.shape[axis]);
    const read = reader(x, shape.length);
    const from = new Array<number>(shape.length);
    return fill(x.dtype, shape, (at) => {
      permutation.forEach((axis, i) => {
        from[axis] = at[i];
      });
      return read(from);
    });
  },
  expand: ([x], { shape }) => fill(x.dtype, shape, reader(x, shape.length)),
  slice: ([x], { starts, sizes }) => {
    const read = reader(x, sizes.length);
    return fill(x.dtype, sizes, (at) => read(at.map((place, axis) => place + starts[axis])));
  },
  pad: ([x], { low, high }) => {
    const shape = x.shape.map((size, axis) => low[axis] + size + high[axis]);
    const read = reader(x, shape.length);
    return fill(x.dtype, shape, (at) => {
      const from = at.map((place, axis) => place - low[axis]);
      return from.every((place, axis) => place >= 0 && place < x.shape[axis]) ? read(from) : 0;
    });
  },
  concat: (inputs, { axis }) => {
    const [first] = inputs;
    const ends: number[] = [];
    for (const { shape } of inputs) ends.push((ends.at(-1) ?? 0) + shape[axis]);
    const readers = inputs.map((input) => reader(input, first.shape.length));
    const shape = first.shape.map((size, i) => (i === axis ? (ends.at(-1) as number) : size));
    return fill(first.dtype, shape, (at) => {
      const part = ends.findIndex((end) => at[axis] < end);
      const start = part === 0 ? 0 : ends[part - 1];
      return readers[part](at.map((place, i) => (i === axis ? place - start : place)));
    });
  },
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
