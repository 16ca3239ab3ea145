/** Checkpoints become the nodes of their bodies, for other passes to work on. By then differentiation has made what is
 * computed a second time of barriers, through which no pass and no runtime sees that it is the same. */

import { type Graph, graphOf, inlineBody, isOp, rewriteGraph } from "../../graph/index.ts";

export function inlineCheckpoints(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs) =>
    isOp(node, "checkpoint") ? inlineBody(inlineCheckpoints(graphOf(node.attrs.body)), inputs) : undefined,
  );
}
