/** Who uses what in a graph. */

import { type Graph, type Node, nodesOf, type Value } from "../../graph/index.ts";

/** How many nodes or graph outputs use each node; one that takes it twice counts twice. */
export function countUses(graph: Graph): Map<Node, number> {
  const uses = new Map<Node, number>();
  const count = ({ node }: Value): void => {
    uses.set(node, (uses.get(node) ?? 0) + 1);
  };
  for (const { value } of graph.outputs) count(value);
  for (const { inputs } of nodesOf(graph)) for (const input of inputs) count(input);
  return uses;
}
