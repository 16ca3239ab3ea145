/** Rows of a table under another shape or in another order: what is reshaped and transposed are their numbers.
 *
 * Elements are only moved; sums of updates may be in another order. */

import { emitValue, isOp, type Node, type Value } from "../../graph/index.ts";
import { swapLastTwo } from "./layout-nodes.ts";

type Rule = (node: Node, inputs: readonly Value[]) => Value | undefined;

/**
 * Reads an order of the axes of rows [...indices, K] as an order of the indices' axes, after which K, which is last,
 * may change places with the last of them.
 */
function orderOfRows(permutation: readonly number[]): { leading: readonly number[]; swaps: boolean } | undefined {
  const rank = permutation.length;
  const place = permutation.indexOf(rank - 1);
  if (place < rank - 2) return undefined;
  return { leading: permutation.filter((axis) => axis !== rank - 1), swaps: place === rank - 2 };
}

/** Rows of a table under another shape or order are the rows of indices under another shape or order. */
const rowsInLayout: Rule = (node, inputs) => {
  const gather = inputs[0]?.node;
  if (!gather || !isOp(gather, "gather") || gather.attrs.axis !== 0) return undefined;
  const [table, indices] = gather.inputs;
  if (table.shape.length !== 2 || indices.shape.length === 0) return undefined;
  const rows = (of: Value): Value => emitValue("gather", [table, of], { axis: 0 }, gather.path);
  if (isOp(node, "reshape")) {
    const { shape } = node.attrs;
    if (shape.at(-1) !== table.shape[1] || table.shape[1] === 0) return undefined;
    return rows(emitValue("reshape", [indices], { shape: shape.slice(0, -1) }, node.path));
  }
  const order = isOp(node, "transpose") ? orderOfRows(node.attrs.permutation) : undefined;
  if (!order || order.leading.every((axis, i) => axis === i)) return undefined;
  const ordered = rows(emitValue("transpose", [indices], { permutation: order.leading }, node.path));
  return order.swaps ? swapLastTwo(ordered, node.path) : ordered;
};

/** Updates in another order are those of indices in another order. */
const updatesInLayout: Rule = (node, inputs) => {
  if (!isOp(node, "scatterAdd") || node.attrs.axis !== 0) return undefined;
  const [{ node: layout }, indices] = inputs;
  const rank = indices.shape.length;
  if (!isOp(layout, "transpose") || layout.attrs.permutation.length !== rank + 1 || rank === 0) return undefined;
  const [from] = layout.inputs;
  const { permutation } = layout.attrs;
  // The rows' own axis, and the order of the others in what is transposed.
  const last = permutation[rank];
  const leading = permutation.slice(0, rank).map((axis) => (axis > last ? axis - 1 : axis));
  if (last < rank - 1 || leading.every((axis, i) => axis === i)) return undefined;
  const inverse = leading.map((_, i) => leading.indexOf(i));
  const ordered = emitValue("transpose", [indices], { permutation: inverse }, node.path);
  const updates = last === rank ? from : swapLastTwo(from, node.path);
  return emitValue("scatterAdd", [updates, ordered], node.attrs, node.path);
};

/** Applies to reshapes and transposes of gathered rows, and to scattered updates that were transposed. */
export const simplifyRows: Rule = (node, inputs) => rowsInLayout(node, inputs) ?? updatesInLayout(node, inputs);
