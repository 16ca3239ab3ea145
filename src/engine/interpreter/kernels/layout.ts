/** Kernels of ops that move elements. */

import type { OpName, PadAttrs } from "../../../core/graph/index.ts";
import { fill, type Kernel, reader } from "./kernel.ts";

/** Where a padded element comes from, counted from the tensor's first element; without a mode it may lie outside. */
function sourceOf(place: number, size: number, mode: PadAttrs["mode"]): number {
  if (mode === "edge") return Math.min(Math.max(place, 0), size - 1);
  if (mode === "reflect") return place < 0 ? -place : place < size ? place : 2 * (size - 1) - place;
  return place;
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
  slice: ([x], { starts, sizes, steps }) => {
    const read = reader(x, sizes.length);
    return fill(x.dtype, sizes, (at) => read(at.map((place, axis) => starts[axis] + place * (steps?.[axis] ?? 1))));
  },
  reverse: ([x], { axes }) => {
    const read = reader(x, x.shape.length);
    return fill(x.dtype, x.shape, (at) =>
      read(at.map((place, axis) => (axes.includes(axis) ? x.shape[axis] - 1 - place : place))),
    );
  },
  pad: ([x], { low, high, value = 0, mode }) => {
    const shape = x.shape.map((size, axis) => low[axis] + size + high[axis]);
    const read = reader(x, shape.length);
    return fill(x.dtype, shape, (at) => {
      const from = at.map((place, axis) => sourceOf(place - low[axis], x.shape[axis], mode));
      return from.every((place, axis) => place >= 0 && place < x.shape[axis]) ? read(from) : value;
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
} satisfies { [N in OpName]?: Kernel<N> };
