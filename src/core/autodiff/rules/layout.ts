/** Gradients of ops that move elements. */

import type { Shape } from "../../base/index.ts";
import type { SliceAttrs } from "../../graph/index.ts";
import { apply, type Tensor } from "../../trace/index.ts";
import { type SomeRules, toShapeOf } from "./rule.ts";

/** Zeros of a shape, but for a block that a slice would take: the transpose of slice. */
function intoBlock(block: Tensor, shape: Shape, { starts, sizes, steps }: SliceAttrs): Tensor {
  const apart = steps?.map((step, axis) => (sizes[axis] > 1 ? step : 1));
  const spread = apart?.some((step) => step > 1) ? interleaveZeros(block, apart) : block;
  return spread.pad(
    starts,
    shape.map((size, axis) => size - starts[axis] - spread.shape[axis]),
  );
}

/** Elements `steps[i]` apart along axis i, zeros between them: each becomes the first of a row of zeros. */
function interleaveZeros(x: Tensor, steps: readonly number[]): Tensor {
  const rows = x.reshape(x.shape.flatMap((size) => [size, 1]));
  const filled = rows.pad(
    rows.shape.map(() => 0),
    steps.flatMap((step) => [0, step - 1]),
  );
  const joined = filled.reshape(x.shape.map((size, axis) => size * steps[axis]));
  return apply("slice", [joined], {
    starts: x.shape.map(() => 0),
    sizes: x.shape.map((size, axis) => (size - 1) * steps[axis] + 1),
  });
}

/** Along one axis, adds what lies before and after `size` elements to the elements that stood there as copies. */
function foldBorders(g: Tensor, axis: number, low: number, size: number, mode: "reflect" | "edge"): Tensor {
  const border = (start: number, count: number): Tensor => {
    const part = g.slice(axis, start, count);
    return mode === "reflect" ? part.reverse(axis) : part.sum(axis, true);
  };
  const at = (part: Tensor, start: number): Tensor =>
    part.pad(
      part.shape.map((_, i) => (i === axis ? start : 0)),
      part.shape.map((count, i) => (i === axis ? size - start - count : 0)),
    );
  const inner = mode === "reflect" ? 1 : 0;
  const high = g.shape[axis] - low - size;
  const own = g.slice(axis, low, size);
  const withLow = low === 0 ? own : own.add(at(border(0, low), inner));
  if (high === 0) return withLow;
  const last = border(low + size, high);
  return withLow.add(at(last, size - inner - last.shape[axis]));
}

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
  slice: (g, { inputs: [x], attrs }) => [intoBlock(g, x.shape, attrs)],
  reverse: (g, { attrs: { axes } }) => [g.reverse(axes)],
  pad: (g, { inputs: [x], attrs: { low, mode } }) => {
    if (x.dtype !== "float32") return [undefined];
    if (mode === undefined) return [apply("slice", [g], { starts: low, sizes: x.shape })];
    return [x.shape.reduce((folded, size, axis) => foldBorders(folded, axis, low[axis], size, mode), g)];
  },
  concat: (g, { inputs, attrs: { axis } }) => {
    let start = 0;
    return inputs.map((input) => {
      const part = g.slice(axis, start, input.shape[axis]);
      start += input.shape[axis];
      return part;
    });
  },
} satisfies SomeRules;
