/** Ops that move elements without computing with them. */

import { formatShape, type Shape, sameShape, sizeOf } from "../../base/index.ts";
import { OpProblem, op, requireAxes, requireAxis, requireInputs, type TensorType } from "./definition.ts";

export interface SliceAttrs {
  readonly starts: readonly number[];
  /** How many elements are taken. */
  readonly sizes: readonly number[];
  /** From one taken element to the next; 1 along every axis where absent. */
  readonly steps?: readonly number[];
}

export interface PadAttrs {
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** What stands around the tensor; 0 where absent. A mode does without. */
  readonly value?: number;
  /** `reflect` mirrors the tensor at its first and last element, `edge` repeats these. */
  readonly mode?: "reflect" | "edge";
}

function requireRank(count: number, type: TensorType, what: string): void {
  if (count !== type.shape.length) {
    throw new OpProblem(
      "shape",
      `${count} ${what} for a tensor of shape ${formatShape(type.shape)}`,
      `give ${type.shape.length}, one for each axis`,
    );
  }
}

/** `count` elements from `start` on must lie within an axis. */
function requireRun(x: TensorType, axis: number, size: number, start: number, count: number, step: number): void {
  const areWhole = [start, count, step].every(Number.isInteger);
  const end = count === 0 ? start : start + (count - 1) * step + 1;
  if (areWhole && start >= 0 && count >= 0 && step >= 1 && end <= size) return;
  const every = step === 1 ? "" : `, ${step} apart,`;
  throw new OpProblem(
    "shape",
    `${count} elements from ${start}${every} along axis ${axis} of ${formatShape(x.shape)}`,
    `the block must lie within 0 to ${size}${step >= 1 ? "" : ", and its step is a whole number from 1 up"}`,
  );
}

/** What is mirrored or repeated must be there. */
function requireSource(x: TensorType, low: readonly number[], high: readonly number[], mode: PadAttrs["mode"]): void {
  const axis = x.shape.findIndex((size, i) => {
    const count = Math.max(low[i], high[i]);
    return count > 0 && (mode === "edge" ? size === 0 : count >= size);
  });
  if (axis < 0) return;
  const right = mode === "edge" ? "the axis needs an element" : "at most one less than its size";
  throw new OpProblem(
    "shape",
    `${low[axis]} before and ${high[axis]} after by ${mode} along axis ${axis} of ${formatShape(x.shape)}`,
    right,
  );
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
  slice: op<SliceAttrs>({
    doc: "A block: along axis i sizes[i] elements from starts[i] on, each steps[i] after the last (1 where absent).",
    shapes: "[...] -> [sizes...]",
    infer: (inputs, { starts, sizes, steps }) => {
      requireInputs(inputs, 1);
      const [x] = inputs;
      requireRank(starts.length, x, "starts");
      requireRank(sizes.length, x, "sizes");
      if (steps) requireRank(steps.length, x, "steps");
      x.shape.forEach((size, axis) => {
        requireRun(x, axis, size, starts[axis], sizes[axis], steps?.[axis] ?? 1);
      });
      return [{ dtype: x.dtype, shape: sizes }];
    },
  }),
  reverse: op<{ readonly axes: readonly number[] }>({
    doc: "The same elements, last first along the given axes.",
    shapes: "[...] -> [...]",
    infer: (inputs, { axes }) => {
      requireInputs(inputs, 1);
      requireAxes(axes, inputs[0].shape);
      return [inputs[0]];
    },
  }),
  pad: op<PadAttrs>({
    doc: "low[i] elements before and high[i] after along axis i: a value (0 where absent), or by mode the tensor's own, mirrored (reflect) or its first and last repeated (edge).",
    shapes: "[N0, N1, ...] -> [low[0] + N0 + high[0], low[1] + N1 + high[1], ...]",
    infer: (inputs, { low, high, value = 0, mode }) => {
      requireInputs(inputs, 1);
      const [x] = inputs;
      requireRank(low.length, x, "paddings before");
      requireRank(high.length, x, "paddings after");
      if ([...low, ...high].some((count) => count < 0 || !Number.isInteger(count))) {
        throw new OpProblem("shape", `paddings ${formatShape(low)} and ${formatShape(high)}`, "none may be negative");
      }
      if (x.dtype !== "float32" && !Number.isInteger(value)) {
        throw new OpProblem("dtype", `the number ${value} around ${x.dtype}`, "cast the tensor to float32");
      }
      if (mode) requireSource(x, low, high, mode);
      return [{ dtype: x.dtype, shape: x.shape.map((size, axis) => low[axis] + size + high[axis]) }];
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
