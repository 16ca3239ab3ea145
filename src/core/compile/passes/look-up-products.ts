/** Products with rows of a small table: the table is multiplied once, and rows of the product are looked up.
 *
 * With rows = gather(E, i), of [V, K] by n > V indices: rows W = gather(E W, i); and as the gradients by the table
 * and by W both sum over the indices of each row, that sum S = scatterAdd(D, i) is made once for both: S W^T, E^T S. */

import { sizeOf } from "../../base/index.ts";
import { emitValue, type Graph, isOp, type Node, rewriteGraph, type Value } from "../../graph/index.ts";
import { swapLastTwo } from "./layout-nodes.ts";

/** Larger tables are not worth adding up by a product, which is the fast way for small ones. */
const largestTable = 256;

interface Rows {
  readonly table: Value;
  readonly indices: Value;
}

/** Reads a value as rows of a table much smaller than their number: [...indices, K]. */
function rowsOf({ node }: Value): Rows | undefined {
  if (!isOp(node, "gather") || node.attrs.axis !== 0) return undefined;
  const [table, indices] = node.inputs;
  if (table.shape.length !== 2 || !isSmall(table.shape[0], table.shape[1], indices)) return undefined;
  return { table, indices };
}

function isSmall(rows: number, columns: number, indices: Value): boolean {
  return rows <= Math.min(largestTable, columns) && 2 * rows <= sizeOf(indices.shape);
}

function product(a: Value, b: Value, transposeA: boolean, transposeB: boolean, alpha: number, path: string): Value {
  return emitValue("matmul", [a, b], { transposeA, transposeB, alpha }, path);
}

/** Rows times a matrix, or a matrix times rows as columns. */
function lookUp({ attrs, path }: Node<"matmul">, [a, b]: readonly Value[]): Value | undefined {
  const { transposeA, transposeB, alpha } = attrs;
  const left = transposeA || b.shape.length !== 2 ? undefined : rowsOf(a);
  if (left) {
    const all = product(left.table, b, false, transposeB, alpha, path);
    return emitValue("gather", [all, left.indices], { axis: 0 }, path);
  }
  const right = !transposeB || a.shape.length !== 2 ? undefined : rowsOf(b);
  if (!right) return undefined;
  const all = product(right.table, a, false, !transposeA, alpha, path);
  return swapLastTwo(emitValue("gather", [all, right.indices], { axis: 0 }, path), path);
}

/** sum over i of d_i x row_i, [M, K]: what `d` [..., n, M] (or, transposed, [..., M, n]) adds up to for each row. */
function sumOfRows(d: Value, areColumns: boolean, rows: Rows, alpha: number, path: string): Value {
  const sums = addUp(areColumns ? swapLastTwo(d, path) : d, rows.indices, rows.table.shape[0], path);
  return product(sums, rows.table, true, false, alpha, path);
}

function addUp(updates: Value, indices: Value, size: number, path: string): Value {
  return emitValue("scatterAdd", [updates, indices], { axis: 0, size }, path);
}

/** A product that sums over all indices, alone or over the leading axes as well. */
function addUpProduct(node: Node, inputs: readonly Value[]): Value | undefined {
  const matmul = isOp(node, "reduceSum") ? inputs[0].node : node;
  const [a, b] = isOp(node, "reduceSum") ? matmul.inputs : inputs;
  if (!isOp(matmul, "matmul") || matmul.attrs.transposeB) return undefined;
  const rows = rowsOf(b);
  const leading = b.shape.slice(0, -2);
  if (!rows || a.shape.length !== b.shape.length || leading.some((size, axis) => a.shape[axis] !== size)) {
    return undefined;
  }
  const summed = isOp(node, "reduceSum") ? node.attrs.axes : [];
  if (summed.length !== leading.length || summed.some((axis, i) => axis !== i)) return undefined;
  const sum = sumOfRows(a, !matmul.attrs.transposeA, rows, matmul.attrs.alpha, node.path);
  return emitValue("reshape", [sum], { shape: node.outputs[0].shape }, node.path);
}

/** Products of which each row is added to its table's row: scatterAdd(D W, i) = scatterAdd(D, i) W. */
function multiplySums({ attrs, path }: Node<"scatterAdd">, [updates, indices]: readonly Value[]): Value | undefined {
  const { node } = updates;
  const { axis, size } = attrs;
  if (!isOp(node, "matmul") || axis !== 0 || updates.shape.length !== indices.shape.length + 1) return undefined;
  const [d, w] = node.inputs;
  const { transposeA, transposeB, alpha } = node.attrs;
  if (w.shape.length !== 2 || !isSmall(size, updates.shape.at(-1) as number, indices)) return undefined;
  const sums = addUp(transposeA ? swapLastTwo(d, path) : d, indices, size, path);
  return product(sums, w, false, transposeB, alpha, path);
}

export function lookUpProducts(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs) => {
    const value = isOp(node, "scatterAdd")
      ? multiplySums(node, inputs)
      : (isOp(node, "matmul") && lookUp(node, inputs)) || addUpProduct(node, inputs);
    return value && [value];
  });
}
