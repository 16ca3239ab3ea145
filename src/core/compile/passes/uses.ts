/** Who uses what. */

import { type Graph, nodesOf, type Value } from "../../graph/index.ts";

/** How many operands of nodes and outputs of the graph each value is. */
export function usesOf(graph: Graph): Map<Value, number> {
  const uses = new Map<Value, number>();
  const used = [...nodesOf(graph).flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ value }) => value)];
  for (const value of used) uses.set(value, (uses.get(value) ?? 0) + 1);
  return uses;
}
