/** Gradients of ops that move elements. */

import { apply } from "../../trace/index.ts";
import { type SomeRules, toShapeOf } from "./rule.ts";

export const layout = {
  reshape: (g, { inputs: [x] }) => [g.reshape(x.shape)],
  transpose: (g, { attrs: { permutation } }) => {
    const inverse = new Array<number>(permutation.length);
    permutation.forEach((from, to) => {
      inverse[from] = to;
    });
    return [g.transpose(inverse)];
  },
  expand: (g, { inputs: [x] }) => [toShapeOf(g, x)],
  slice: (g, { inputs: [x], attrs: { starts, sizes } }) => [
    g.pad(
      starts,
      x.shape.map((size, axis) => size - starts[axis] - sizes[axis]),
    ),
  ],
  pad: (g, { inputs: [x], attrs: { low } }) => [apply("slice", [g], { starts: low, sizes: x.shape })],
  concat: (g, { inputs, attrs: { axis } }) => {
    let start = 0;
    return inputs.map((input) => {
      const part = g.slice(axis, start, input.shape[axis]);
      start += input.shape[axis];
      return part;
    });
  },
} satisfies SomeRules;
