/** Ops that read or write at computed places, in ONNX. */

import { sizeOf } from "../../../base/index.ts";
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
  const flatIndices = onnx.reshape(inputs[1], [1, count], { path });
  const flatShape = before === 1 ? [count, after] : [before, count, after];
  const flatUpdates = onnx.reshape(inputs[0], flatShape, { path });
  const rowsAtOnce = Math.max(1, Math.floor(largestProduct / count));
  const parts = Array.from({ length: Math.ceil(size / rowsAtOnce) }, (_, part) => {
    const first = part * rowsAtOnce;
    const numbers = Array.from({ length: Math.min(rowsAtOnce, size - first) }, (_, i) => first + i);
    const rows =
      indices.dtype === "int64"
        ? onnx.constant("int64", [numbers.length, 1], BigInt64Array.from(numbers, BigInt))
        : onnx.constant("int32", [numbers.length, 1], Int32Array.from(numbers));
    const matches = onnx.node("Equal", [rows, flatIndices], { path });
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

export const indexing = {
  gather: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Gather", inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  },
  scatterAdd: lowerScatterAdd,
} satisfies SomeLowerings;
