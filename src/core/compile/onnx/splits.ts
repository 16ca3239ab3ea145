/** Slices that together are a whole tensor, such as a vector's parts: one Split, rather than a node for each. */

import { sizeOf } from "../../base/index.ts";
import { isOp, type Node, type Value } from "../../graph/index.ts";

/** The parts of a tensor along an axis, in order. */
export interface Split {
  readonly whole: Value;
  readonly axis: number;
  readonly parts: readonly Node<"slice">[];
}

/** The axis along which a slice takes less than everything, where there is one only and what it takes lies together. */
function axisOf({ inputs: [x], attrs: { sizes, steps } }: Node<"slice">): number | undefined {
  if (steps !== undefined) return undefined;
  const axis = sizes.findIndex((size, i) => size !== x.shape[i]);
  const isOnly = sizes.every((size, i) => i === axis || size === x.shape[i]);
  return axis >= 0 && isOnly && sizeOf(x.shape.slice(0, axis)) === 1 ? axis : undefined;
}

/** The splits among a walk's nodes, by each of their parts. */
export function splitsOf(nodes: readonly Node[]): ReadonlyMap<Node, Split> {
  const candidates = new Map<Value, Map<number, Node<"slice">[]>>();
  for (const node of nodes) {
    if (!isOp(node, "slice")) continue;
    const axis = axisOf(node);
    if (axis === undefined) continue;
    const [whole] = node.inputs;
    const byAxis = candidates.get(whole) ?? new Map<number, Node<"slice">[]>();
    candidates.set(whole, byAxis.set(axis, [...(byAxis.get(axis) ?? []), node]));
  }
  const splits = new Map<Node, Split>();
  for (const [whole, byAxis] of candidates) {
    for (const [axis, slices] of byAxis) {
      const parts = slices.toSorted((a, b) => a.attrs.starts[axis] - b.attrs.starts[axis]);
      let reached = 0;
      const follows = parts.every(({ attrs: { starts, sizes } }) => {
        const isNext = starts[axis] === reached && sizes[axis] > 0;
        reached += sizes[axis];
        return isNext;
      });
      if (!follows || reached !== whole.shape[axis] || parts.length < 2) continue;
      for (const part of parts) splits.set(part, { whole, axis, parts });
    }
  }
  return splits;
}
