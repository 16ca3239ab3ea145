/** Transposes and scales around matrix products become flags and factors of the product itself. */

import {
  emitValue,
  type Graph,
  isOp,
  type MatmulAttrs,
  type Node,
  rewriteGraph,
  type Value,
} from "../../graph/index.ts";
import { asScaled, isMovable } from "./simplify.ts";
import { usesOf } from "./uses.ts";

/** Whether a value is another one with its last two axes exchanged; gives that other one. */
function untransposed({ node }: Value): Value | undefined {
  if (!isOp(node, "transpose")) return undefined;
  const { permutation } = node.attrs;
  const rank = permutation.length;
  const swapsLastTwo = permutation.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
  return rank >= 2 && swapsLastTwo ? node.inputs[0] : undefined;
}

interface Product {
  readonly a: Value;
  readonly b: Value;
  readonly attrs: MatmulAttrs;
}

/** Takes transposes and constant factors off the operands until none is left. */
function absorbOperands({ a, b, attrs }: Product): Product {
  const flippedA = untransposed(a);
  if (flippedA) return absorbOperands({ a: flippedA, b, attrs: { ...attrs, transposeA: !attrs.transposeA } });
  const flippedB = untransposed(b);
  if (flippedB) return absorbOperands({ a, b: flippedB, attrs: { ...attrs, transposeB: !attrs.transposeB } });
  const left = asScaled(a);
  const byLeft = attrs.alpha * left.factor;
  if (left.factor !== 1 && isMovable(byLeft))
    return absorbOperands({ a: left.x, b, attrs: { ...attrs, alpha: byLeft } });
  const right = asScaled(b);
  const byRight = attrs.alpha * right.factor;
  if (right.factor !== 1 && isMovable(byRight)) {
    return absorbOperands({ a, b: right.x, attrs: { ...attrs, alpha: byRight } });
  }
  return { a, b, attrs };
}

/** The product that a node is a multiple or a transpose of. */
function absorbResult(node: Node, inputs: readonly Value[]): Product | undefined {
  const multiple = asScaled({ ...node.outputs[0], node: { ...node, inputs } });
  if (multiple.factor !== 1 && isOp(multiple.x.node, "matmul")) {
    const { attrs, inputs: operands } = multiple.x.node;
    const alpha = attrs.alpha * multiple.factor;
    return isMovable(alpha) ? { a: operands[0], b: operands[1], attrs: { ...attrs, alpha } } : undefined;
  }
  const inner = untransposed({ ...node.outputs[0], node: { ...node, inputs } });
  if (inner === undefined || !isOp(inner.node, "matmul")) return undefined;
  const { attrs, inputs: operands } = inner.node;
  return {
    a: operands[1],
    b: operands[0],
    attrs: { transposeA: !attrs.transposeB, transposeB: !attrs.transposeA, alpha: attrs.alpha },
  };
}

/**
 * c (A^T B) becomes matmul {transposeA, alpha = c}. A factor or transpose of a result is absorbed only
 * where nothing else uses the bare product, which would otherwise be computed twice.
 */
export function foldIntoMatmul(graph: Graph): Graph {
  const uses = usesOf(graph.outputs.map(({ value }) => value));
  return rewriteGraph(graph, (node, inputs) => {
    if (isOp(node, "matmul")) {
      const { a, b, attrs } = absorbOperands({ a: inputs[0], b: inputs[1], attrs: node.attrs });
      return a === node.inputs[0] && b === node.inputs[1] ? undefined : [emitValue("matmul", [a, b], attrs, node.path)];
    }
    // What stands here for an input may be a product that the input itself was not.
    const usedOnce = inputs.every((input, i) => input.node.op !== "matmul" || uses.get(node.inputs[i]) === 1);
    const product = usedOnce ? absorbResult(node, inputs) : undefined;
    return product && [emitValue("matmul", [product.a, product.b], product.attrs, node.path)];
  });
}
