/** The pass list: what happens to a graph between tracing and lowering, in this order.
 *
 * There is no pass for dead code: a graph is what its outputs reach, so each rewrite drops what it no
 * longer needs (test/golden shows it). */

import { type Graph, type Node, verifyGraph } from "../graph/index.ts";
import { type Evaluator, foldConstants, foldIntoMatmul, shareSubexpressions, simplify } from "./passes/index.ts";

export interface Pass {
  readonly name: string;
  readonly run: (graph: Graph) => Graph;
}

/** The passes in order. Simplification stands twice: merged nodes and folded constants give it new work. */
export function passList(evaluate: Evaluator): readonly Pass[] {
  const fold = (graph: Graph): Graph => foldConstants(graph, evaluate);
  return [
    { name: "simplify", run: simplify },
    { name: "fold constants", run: fold },
    { name: "share subexpressions", run: shareSubexpressions },
    { name: "simplify again", run: simplify },
    { name: "fold into matmul", run: foldIntoMatmul },
    { name: "fold constants again", run: fold },
    { name: "share subexpressions again", run: shareSubexpressions },
  ];
}

/**
 * Runs all passes, verifying the graph after each.
 * @throws GalateaError `internal` when a pass breaks the graph.
 */
export function optimize(graph: Graph, evaluate: Evaluator): Graph {
  const verified = new Set<Node>();
  return passList(evaluate).reduce((current, pass) => verifyGraph(pass.run(current), pass.name, verified), graph);
}
