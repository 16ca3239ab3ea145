/** Sums of matrix products as one product over a longer axis. */

import { sizeOf } from "../../base/index.ts";
import { emitValue, type Graph, isOp, type MatmulAttrs, rewriteGraph, type Value } from "../../graph/index.ts";
import { usesOf } from "./uses.ts";

/** A stack [terms, rows, columns] as one matrix whose rows are those of all terms. */
function joinRows(stack: Value): Value {
  const [terms, rows, columns] = stack.shape;
  return emitValue("reshape", [stack], { shape: [terms * rows, columns] });
}

/** A stack [terms, rows, columns] as [rows, columns * terms]: as a move of one axis, the fastest of all orders. */
function joinColumns(stack: Value): Value {
  const [terms, rows, columns] = stack.shape;
  const swapped = emitValue("transpose", [stack], { permutation: [1, 2, 0] });
  return emitValue("reshape", [swapped], { shape: [rows, columns * terms] });
}

/** A stack with the last two axes exchanged. */
function swap(stack: Value): Value {
  return emitValue("transpose", [stack], { permutation: [0, 2, 1] });
}

/**
 * sum over t of alpha op(A_t) op(B_t), of stacks A and B [t, ., .]: the terms lie one after the other along the axis
 * that a product sums over.
 */
export function summedProduct(a: Value, b: Value, attrs: MatmulAttrs, path: string): Value {
  // Where both products sum over their last axis, the order along it is free.
  if (!attrs.transposeA && attrs.transposeB) return emitValue("matmul", [joinColumns(a), joinColumns(b)], attrs, path);
  const left = joinRows(attrs.transposeA ? a : swap(a));
  const right = joinRows(attrs.transposeB ? swap(b) : b);
  return emitValue("matmul", [left, right], { ...attrs, transposeA: true, transposeB: false }, path);
}

/**
 * The sum over all leading axes of a product of stacks, as gradients by shared factors are, becomes one product where
 * nothing else reads the stack.
 */
export function lengthenProducts(graph: Graph): Graph {
  const uses = usesOf(graph.outputs.map(({ value }) => value));
  return rewriteGraph(graph, (node, inputs) => {
    const [product] = inputs;
    if (!isOp(node, "reduceSum") || !isOp(product.node, "matmul") || uses.get(node.inputs[0]) !== 1) return undefined;
    const [a, b] = product.node.inputs;
    const leading = product.shape.slice(0, -2);
    const { axes } = node.attrs;
    const isWhole = axes.length === leading.length && axes.every((axis, i) => axis === i);
    const areStacks = [a, b].every(({ shape }) => shape.length === product.shape.length);
    const haveAll = areStacks && [a, b].every(({ shape }) => leading.every((size, axis) => shape[axis] === size));
    if (leading.length === 0 || !isWhole || !haveAll) return undefined;
    const flat = [a, b].map((operand) => {
      const shape = [sizeOf(leading), ...operand.shape.slice(-2)];
      return leading.length === 1 ? operand : emitValue("reshape", [operand], { shape });
    });
    const sum = summedProduct(flat[0], flat[1], product.node.attrs, node.path);
    return [emitValue("reshape", [sum], { shape: node.outputs[0].shape }, node.path)];
  });
}
