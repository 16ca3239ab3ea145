/** Ops that read or write at computed places, in ONNX. */

import { sizeOf } from "../../../base/index.ts";
import { onnxDType } from "../schema.ts";
import { type Lowering, lowerZeros, type SomeLowerings } from "./lowering.ts";

/** Up to this many rows, adding by a product with a one-hot matrix is the faster way. */
const largestOneHot = 256;

/**
 * Never ScatterND: with more than one thread it loses updates of equal indices (ONNX Runtime issue 18048).
 */
const lowerScatterAdd: Lowering<"scatterAdd"> = ({ onnx, inputs, types, attrs, output, type, path }) => {
  const [updates, indices] = types;
  const { axis, size } = attrs;
  const count = sizeOf(indices.shape);
  if (sizeOf(updates.shape) === 0) {
    lowerZeros(onnx, type, { output, path });
    return;
  }
  const before = updates.shape.slice(0, axis);
  const after = updates.shape.slice(axis + indices.shape.length);
  if (axis === 0 && size <= largestOneHot) {
    const numbers = Array.from({ length: size }, (_, i) => i);
    const rows =
      indices.dtype === "int64"
        ? onnx.constant("int64", [size, 1], BigInt64Array.from(numbers, BigInt))
        : onnx.constant("int32", [size, 1], Int32Array.from(numbers));
    const flatIndices = onnx.reshape(inputs[1], [1, count], { path });
    const matches = onnx.node("Equal", [rows, flatIndices], { path });
    const oneHot = onnx.node("Cast", [matches], { path, attributes: { to: { int: onnxDType.float32 } } });
    const flatUpdates = onnx.reshape(inputs[0], [count, sizeOf(after)], { path });
    const sums = onnx.node("Gemm", [oneHot, flatUpdates], { path });
    onnx.reshape(sums, type.shape, { output, path });
    return;
  }
  const flatShape = [...before, count, ...after];
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
