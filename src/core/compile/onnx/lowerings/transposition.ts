/** Axes in another order, by the runtime's fastest kernels. */

import { type Shape, sizeOf } from "../../../base/index.ts";
import type { Lowering } from "./lowering.ts";

/** Axes that stay side by side as one, and none of size 1: the fewest axes that say the same. */
function merged(shape: Shape, permutation: readonly number[]): { shape: Shape; permutation: readonly number[] } {
  const order = permutation.filter((axis) => shape[axis] !== 1);
  const follows = (i: number): boolean => {
    const between = shape.slice(order[i - 1] + 1, order[i]);
    return i > 0 && order[i] > order[i - 1] && sizeOf(between) === 1;
  };
  const groups: number[][] = [];
  order.forEach((axis, i) => {
    if (follows(i)) groups[groups.length - 1].push(axis);
    else groups.push([axis]);
  });
  const sorted = [...groups].sort(([a], [b]) => a - b);
  return {
    shape: sorted.map((group) => sizeOf(group.map((axis) => shape[axis]))),
    permutation: groups.map((group) => sorted.indexOf(group)),
  };
}

/** For [N, rows, columns] -> [N, columns, rows]: the sizes. */
function asMatrices(shape: Shape, permutation: readonly number[]): readonly [number, number, number] | undefined {
  const fewest = merged(shape, permutation);
  const order = fewest.permutation.join();
  if (order === "1,0") return [1, fewest.shape[0], fewest.shape[1]];
  return order === "0,2,1" ? [fewest.shape[0], fewest.shape[1], fewest.shape[2]] : undefined;
}

/**
 * Where matrices with a block of rows or columns are transposed, the operators that put channels into blocks and out of
 * them do it in several threads; Transpose has one.
 */
export const lowerTranspose: Lowering<"transpose"> = (context) => {
  const { onnx, target, inputs, types, attrs, output, type, path } = context;
  const block = target.convolutionBlock;
  const movesFloats = type.dtype === "float32" && sizeOf(type.shape) > 0;
  const sizes = movesFloats ? asMatrices(types[0].shape, attrs.permutation) : undefined;
  if (block === undefined || !sizes || (sizes[1] !== block && sizes[2] !== block)) {
    onnx.node("Transpose", inputs, { output, path, attributes: { perm: { ints: attrs.permutation } } });
    return;
  }
  const [count, rows, columns] = sizes;
  const options = { path, domain: "com.microsoft.nchwc" };
  const length = rows === block ? columns : rows;
  const blocks = onnx.reshape(inputs[0], [count, block, 1, length], { path });
  const reordered =
    rows === block
      ? onnx.node("ReorderInput", [blocks], options)
      : onnx.node("ReorderOutput", [blocks], { ...options, attributes: { channels: { int: block } } });
  onnx.reshape(reordered, type.shape, { output, path });
};
