/** Ops that read or write at computed places, in ONNX. */

import { hostArrayFrom, type Shape, sizeOf } from "../../../base/index.ts";
import type { TensorType } from "../../../graph/index.ts";
import type { OnnxBuilder } from "../builder.ts";
import { onnxDType } from "../schema.ts";
import { type Lowering, type LoweringContext, lowerZeros, type SomeLowerings } from "./lowering.ts";

/** Up to this many rows, adding by a product with a one-hot matrix is the faster way. */
const largestOneHot = 256;

/** The rows of a one-hot matrix that are made at once hold at most this many numbers. */
const largestProduct = 2 ** 24;

/**
 * The product of a matrix that says which update belongs to which row, [rows, count], and the updates: the same
 * sums in the same order, whatever the number of threads.
 */
function lowerByProduct({ onnx, inputs, types, attrs, output, type, path }: LoweringContext<"scatterAdd">): void {
  const [updates, indices] = types;
  const { axis, size } = attrs;
  const count = sizeOf(indices.shape);
  const before = sizeOf(updates.shape.slice(0, axis));
  const after = sizeOf(updates.shape.slice(axis + indices.shape.length));
  const numbersFrom = (first: number, total: number, shape: Shape): string =>
    onnx.constant(
      indices.dtype as "int32" | "int64",
      shape,
      hostArrayFrom(
        indices.dtype,
        Array.from({ length: total }, (_, i) => first + i),
      ),
    );
  // Looking the numbers up counts negative indices from the end and refuses those outside, as ScatterElements does.
  const flatIndices = onnx.reshape(inputs[1], [1, count], { path });
  const checked = onnx.node("Gather", [numbersFrom(0, size, [size]), flatIndices], { path });
  const flatShape = before === 1 ? [count, after] : [before, count, after];
  const flatUpdates = onnx.reshape(inputs[0], flatShape, { path });
  const rowsAtOnce = Math.max(1, Math.floor(largestProduct / count));
  const parts = Array.from({ length: Math.ceil(size / rowsAtOnce) }, (_, part) => {
    const first = part * rowsAtOnce;
    const rowCount = Math.min(rowsAtOnce, size - first);
    const matches = onnx.node("Equal", [numbersFrom(first, rowCount, [rowCount, 1]), checked], { path });
    const oneHot = onnx.node("Cast", [matches], { path, attributes: { to: { int: onnxDType.float32 } } });
    return onnx.node(before === 1 ? "Gemm" : "MatMul", [oneHot, flatUpdates], { path });
  });
  const attributes = { axis: { int: before === 1 ? 0 : 1 } };
  const sums = parts.length === 1 ? parts[0] : onnx.node("Concat", parts, { path, attributes });
  onnx.reshape(sums, type.shape, { output, path });
}

/**
 * Never ScatterND: with more than one thread it loses updates of equal indices (ONNX Runtime issue 18048).
 */
const lowerScatterAdd: Lowering<"scatterAdd"> = (context) => {
  const { onnx, target, inputs, types, attrs, output, type, path } = context;
  const [updates, indices] = types;
  const { axis, size } = attrs;
  if (sizeOf(updates.shape) === 0 || size === 0) {
    lowerZeros(onnx, type, { output, path });
    return;
  }
  if (target.unorderedScatter || (axis === 0 && size <= largestOneHot)) {
    lowerByProduct(context);
    return;
  }
  const count = sizeOf(indices.shape);
  const flatShape = [...updates.shape.slice(0, axis), count, ...updates.shape.slice(axis + indices.shape.length)];
  const flat = onnx.reshape(inputs[0], flatShape, { path });
  const index = onnx.reshape(
    inputs[1],
    flatShape.map((_, i) => (i === axis ? count : 1)),
    { path },
  );
  const everywhere = onnx.node("Expand", [index, onnx.ints(flatShape)], { path });
  const zeros = lowerZeros(onnx, type, { path });
  const attributes = { axis: { int: axis }, reduction: { string: "add" } };
  onnx.node("ScatterElements", [zeros, everywhere, flat], { output, path, attributes });
};

const lowerScatterAddAlongAxis: Lowering<"scatterAddAlongAxis"> = (context) => {
  const { onnx, inputs, types, attrs, output, type, path } = context;
  if (sizeOf(types[0].shape) === 0) {
    lowerZeros(onnx, type, { output, path });
    return;
  }
  const attributes = { axis: { int: attrs.axis }, reduction: { string: "add" } };
  onnx.node("ScatterElements", [lowerZeros(onnx, type, { path }), inputs[1], inputs[0]], {
    output,
    path,
    attributes,
  });
};

/** A start that was asked for, moved to where `count` of `size` elements follow: int64 [1]. */
function lowerStart(
  onnx: OnnxBuilder,
  start: string,
  { dtype }: TensorType,
  { size, count }: { readonly size: number; readonly count: number },
  path: string,
): string {
  const last = size - count;
  return onnx.shared(`start ${start} up to ${last}`, () => {
    const to = { int: onnxDType.int64 };
    const wide = dtype === "int64" ? start : onnx.node("Cast", [start], { path, attributes: { to } });
    const bounds = [0, last].map((bound) => onnx.constant("int64", [], BigInt64Array.of(BigInt(bound))));
    return onnx.reshape(onnx.node("Clip", [wide, ...bounds], { path }), [1], { path });
  });
}

/** Where the elements from a start on end. */
function lowerEnd(onnx: OnnxBuilder, start: string, count: number, path: string): string {
  return onnx.shared(`${start} + ${count}`, () => onnx.node("Add", [start, onnx.ints([count])], { path }));
}

const lowerDynamicSlice: Lowering<"dynamicSlice"> = (context) => {
  const { onnx, inputs, types, attrs, output, path } = context;
  const { axis, size: count } = attrs;
  const size = types[0].shape[axis];
  if (count === size) onnx.node("Identity", [inputs[0]], { output, path });
  else {
    const start = lowerStart(onnx, inputs[1], types[1], { size, count }, path);
    onnx.node("Slice", [inputs[0], start, lowerEnd(onnx, start, count, path), onnx.ints([axis])], { output, path });
  }
};

/**
 * Whether to write an update's elements one by one into a copy of the whole, 35 ns each, rather than to join three parts,
 * which copies the whole twice, 0.7 ns an element, in two more nodes (measured with one thread).
 */
function isWrittenInto(update: number, whole: number): boolean {
  return update < whole / 50 + 250;
}

const lowerDynamicUpdateSlice: Lowering<"dynamicUpdateSlice"> = (context) => {
  const { onnx, inputs, types, attrs, output, type, path } = context;
  const { axis } = attrs;
  const [x, update] = inputs;
  const size = type.shape[axis];
  const { shape } = types[1];
  const count = shape[axis];
  if (count === size || sizeOf(shape) === 0) {
    onnx.node("Identity", [count === size ? update : x], { output, path });
    return;
  }
  const start = lowerStart(onnx, inputs[2], types[2], { size, count }, path);
  if (isWrittenInto(sizeOf(shape), sizeOf(type.shape))) {
    const everywhere = onnx.shared(`places from ${start}, axis ${axis} of ${shape.join()}`, () => {
      const numbers = BigInt64Array.from({ length: count }, (_, i) => BigInt(i));
      const along = onnx.constant(
        "int64",
        shape.map((_, i) => (i === axis ? count : 1)),
        numbers,
      );
      return onnx.node("Expand", [onnx.node("Add", [along, start], { path }), onnx.ints(shape)], { path });
    });
    onnx.node("ScatterElements", [x, everywhere, update], { output, path, attributes: { axis: { int: axis } } });
    return;
  }
  const before = onnx.node("Slice", [x, onnx.ints([0]), start, onnx.ints([axis])], { path });
  const end = lowerEnd(onnx, start, count, path);
  const after = onnx.node("Slice", [x, end, onnx.ints([size]), onnx.ints([axis])], { path });
  onnx.node("Concat", [before, update, after], { output, path, attributes: { axis: { int: axis } } });
};

export const indexing = {
  gather: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Gather", inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  },
  scatterAdd: lowerScatterAdd,
  takeAlongAxis: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("GatherElements", inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  },
  scatterAddAlongAxis: lowerScatterAddAlongAxis,
  dynamicSlice: lowerDynamicSlice,
  dynamicUpdateSlice: lowerDynamicUpdateSlice,
} satisfies SomeLowerings;
