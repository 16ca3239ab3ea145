/** Products of one matrix with each of a stack: a matrix product kernel packs its right operand, so that the shared
 * one stands on the left, as it is. */

import { emitValue, type Graph, isOp, rewriteGraph, type Value } from "../../graph/index.ts";

/** Smaller stacks do not repay a transposed copy. */
const smallestStack = 4;

function swapLastTwo(value: Value): Value {
  const rank = value.shape.length;
  const permutation = value.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  return emitValue("transpose", [value], { permutation });
}

function isStack({ shape }: Value): boolean {
  return shape.length > 2 && shape.slice(0, -2).reduce((count, size) => count * size) >= smallestStack;
}

/** A^T B_t becomes (A^T) B_t with a transposed copy, and A_t^T B becomes (B^T A_t)^T. */
export function shareFactors(graph: Graph): Graph {
  return rewriteGraph(graph, (node, [a, b]) => {
    if (!isOp(node, "matmul") || !node.attrs.transposeA) return undefined;
    const { transposeB, alpha } = node.attrs;
    const product = (left: Value, right: Value, flipRight: boolean): Value =>
      emitValue("matmul", [left, right], { transposeA: false, transposeB: flipRight, alpha }, node.path);
    if (a.shape.length === 2 && isStack(b)) return [product(swapLastTwo(a), b, transposeB)];
    if (b.shape.length !== 2 || !isStack(a)) return undefined;
    return [swapLastTwo(product(transposeB ? b : swapLastTwo(b), a, false))];
  });
}
