/** Ops that move elements without computing with them. */

import { formatShape, type Shape, sameShape, sizeOf } from "../../base/index.ts";
import { OpProblem, op, requireAxis, requireDType, requireInputs, type TensorType } from "./definition.ts";

function requireRank(count: number, type: TensorType, what: string): void {
  if (count !== type.shape.length) {
    throw new OpProblem(
      "shape",
      `${count} ${what} for a tensor of shape ${formatShape(type.shape)}`,
      `give ${type.shape.length}, one for each axis`,
    );
  }
}

export const layout = {
  reshape: op<{ readonly shape: Shape }>({
    doc: "The same elements in row-major order under another shape of the same size.",
    shapes: "[...] -> [shape...]",
    infer: (inputs, { shape }) => {
      requireInputs(inputs, 1);
      if (sizeOf(shape) !== sizeOf(inputs[0].shape)) {
        throw new OpProblem(
          "shape",
          `${formatShape(inputs[0].shape)} has ${sizeOf(inputs[0].shape)} elements, ${formatShape(shape)} has ${sizeOf(shape)}`,
          "the counts must be equal",
        );
      }
      return [{ dtype: inputs[0].dtype, shape }];
    },
  }),
  transpose: op<{ readonly permutation: readonly number[] }>({
    doc: "Axes in another order: output axis i is input axis permutation[i].",
    shapes: "[N0, N1, ...] -> [N(permutation[0]), N(permutation[1]), ...]",
    infer: (inputs, { permutation }) => {
      requireInputs(inputs, 1);
      requireRank(permutation.length, inputs[0], "axes in the permutation");
      const sorted = [...permutation].sort((a, b) => a - b);
      if (sorted.some((axis, index) => axis !== index)) {
        throw new OpProblem("shape", `${formatShape(permutation)} is no permutation`, "name each axis once");
      }
      return [{ dtype: inputs[0].dtype, shape: permutation.map((axis) => inputs[0].shape[axis]) }];
    },
  }),
  expand: op<{ readonly shape: Shape }>({
    doc: "Axes of size 1, and missing leading axes, repeated to reach a shape.",
    shapes: "[...] -> [shape...]",
    infer: (inputs, { shape }) => {
      requireInputs(inputs, 1);
      const from = inputs[0].shape;
      const missing = shape.length - from.length;
      if (missing < 0 || from.some((size, axis) => size !== 1 && size !== shape[axis + missing])) {
        throw new OpProblem(
          "shape",
          `${formatShape(from)} cannot be repeated to ${formatShape(shape)}`,
          "sizes must be equal or 1, counted from the last axis",
        );
      }
      return [{ dtype: inputs[0].dtype, shape }];
    },
  }),
  slice: op<{ readonly starts: readonly number[]; readonly sizes: readonly number[] }>({
    doc: "A block: from starts[i], sizes[i] elements along axis i.",
    shapes: "[...] -> [sizes...]",
    infer: (inputs, { starts, sizes }) => {
      requireInputs(inputs, 1);
      requireRank(starts.length, inputs[0], "starts");
      requireRank(sizes.length, inputs[0], "sizes");
      const outside = inputs[0].shape.findIndex(
        (size, axis) =>
          !Number.isInteger(starts[axis]) || starts[axis] < 0 || sizes[axis] < 0 || starts[axis] + sizes[axis] > size,
      );
      if (outside >= 0) {
        throw new OpProblem(
          "shape",
          `${sizes[outside]} elements from ${starts[outside]} along axis ${outside} of ${formatShape(inputs[0].shape)}`,
          `the block must lie within 0 to ${inputs[0].shape[outside]}`,
        );
      }
      return [{ dtype: inputs[0].dtype, shape: sizes }];
    },
  }),
  pad: op<{ readonly low: readonly number[]; readonly high: readonly number[] }>({
    doc: "Zeros around: low[i] before and high[i] after along axis i.",
    shapes: "[N0, N1, ...] -> [low[0] + N0 + high[0], low[1] + N1 + high[1], ...]",
    infer: (inputs, { low, high }) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], ["float32"], "its input");
      requireRank(low.length, inputs[0], "paddings before");
      requireRank(high.length, inputs[0], "paddings after");
      if ([...low, ...high].some((count) => count < 0 || !Number.isInteger(count))) {
        throw new OpProblem("shape", `paddings ${formatShape(low)} and ${formatShape(high)}`, "none may be negative");
      }
      return [{ dtype: "float32", shape: inputs[0].shape.map((size, axis) => low[axis] + size + high[axis]) }];
    },
  }),
  concat: op<{ readonly axis: number }>({
    doc: "Tensors one after the other along an axis; all other sizes equal.",
    shapes: "[A..., N, B...] x [A..., M, B...] x ... -> [A..., N + M + ..., B...]",
    infer: (inputs, { axis }) => {
      if (inputs.length === 0) throw new OpProblem("shape", "got no tensors", "it takes at least one");
      const [first] = inputs;
      requireAxis(axis, first);
      let total = 0;
      for (const input of inputs) {
        const fits = sameShape(
          input.shape.map((size, i) => (i === axis ? 0 : size)),
          first.shape.map((size, i) => (i === axis ? 0 : size)),
        );
        if (!fits) {
          throw new OpProblem(
            "shape",
            `${formatShape(first.shape)} and ${formatShape(input.shape)} along axis ${axis}`,
            "all other sizes must be equal",
          );
        }
        if (input.dtype !== first.dtype) {
          throw new OpProblem("dtype", `types differ, ${first.dtype} and ${input.dtype}`, "cast one of them");
        }
        total += input.shape[axis];
      }
      return [{ dtype: first.dtype, shape: first.shape.map((size, i) => (i === axis ? total : size)) }];
    },
  }),
};
