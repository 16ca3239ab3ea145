/** A convolution whose kernel is as large as its image is a product of matrices. */

import { sizeOf } from "../../base/index.ts";
import {
  type Conv2dAttrs,
  emitValue,
  type Graph,
  isOp,
  type Node,
  rewriteGraph,
  type Value,
} from "../../graph/index.ts";
import { reshape } from "./layout-nodes.ts";

/** All but the first axis as one. */
function asMatrix(x: Value, path: string): Value {
  return reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))], path);
}

/** Whether image and kernel are one over the other, in one place and for all channels. */
function covers(x: Value, weight: Value, { padding, dilation }: Conv2dAttrs): boolean {
  const isWhole = [1, 2, 3].every((axis) => x.shape[axis] === weight.shape[axis]);
  const hasGaps = dilation.some((gap, axis) => gap > 1 && weight.shape[axis + 2] > 1);
  return isWhole && !hasGaps && padding.every((count) => count === 0);
}

function product(node: Node, [a, b]: readonly Value[]): Value | undefined {
  const [output] = node.outputs;
  const { path } = node;
  const matmul = (left: Value, right: Value, transposeA: boolean, transposeB: boolean): Value => {
    const operands = [asMatrix(left, path), asMatrix(right, path)];
    return reshape(emitValue("matmul", operands, { transposeA, transposeB, alpha: 1 }, path), output.shape, path);
  };
  if (isOp(node, "conv2d") && covers(a, b, node.attrs)) return matmul(a, b, false, true);
  if (isOp(node, "conv2dInputGradient") && covers(output, b, node.attrs)) return matmul(a, b, false, false);
  if (isOp(node, "conv2dWeightGradient") && covers(a, output, node.attrs)) return matmul(b, a, true, false);
  return undefined;
}

/** conv2d(x [B, C, h, w], weight [O, C, h, w]) = x weight^T over [B, C h w] and [O, C h w]; the same for its gradients. */
export function convolutionsAsProducts(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs) => {
    const value = product(node, inputs);
    return value && [value];
  });
}
