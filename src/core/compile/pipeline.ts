/** The pass list: what happens to a graph between tracing and lowering, in this order.
 *
 * There is no pass for dead code: a graph is what its outputs reach, so each rewrite drops what it no
 * longer needs (test/golden shows it). */

import { changeBodies, type Graph, verifyGraph } from "../graph/index.ts";
import {
  type Evaluator,
  foldConstants,
  foldIntoMatmul,
  hoistSteps,
  lookUpProducts,
  mergeScans,
  shareFactors,
  shareSubexpressions,
  simplify,
  simplifyScans,
  sinkSteps,
  sumProducts,
  unrollScans,
} from "./passes/index.ts";

export interface Pass {
  readonly name: string;
  readonly run: (graph: Graph) => Graph;
}

/** Scans of so many steps are not worth a loop. */
const longestUnrolled = 1;

/** The same pass on every body, then on the graph around them. */
function withBodies({ name, run }: Pass): Pass {
  return { name, run: (graph) => run(changeBodies(graph, run)) };
}

/**
 * The passes in order; each also goes through the bodies of loops. Simplification stands twice: merged nodes and
 * folded constants give it new work.
 */
export function passList(evaluate: Evaluator): readonly Pass[] {
  const fold = (graph: Graph): Graph => foldConstants(graph, evaluate);
  const passes: readonly Pass[] = [
    { name: "merge scans", run: mergeScans },
    { name: "unroll scans", run: (graph) => unrollScans(graph, longestUnrolled) },
    { name: "simplify scans", run: simplifyScans },
    { name: "simplify", run: simplify },
    { name: "fold constants", run: fold },
    { name: "share subexpressions", run: shareSubexpressions },
    { name: "simplify again", run: simplify },
    { name: "simplify scans again", run: simplifyScans },
    { name: "hoist steps", run: hoistSteps },
    { name: "sink steps", run: sinkSteps },
    { name: "simplify scans a third time", run: simplifyScans },
    { name: "simplify a third time", run: simplify },
    { name: "fold into matmul", run: foldIntoMatmul },
    { name: "look up products", run: lookUpProducts },
    { name: "sum products", run: sumProducts },
    { name: "share factors", run: shareFactors },
    { name: "fold constants again", run: fold },
    { name: "share subexpressions again", run: shareSubexpressions },
  ];
  return passes.map(withBodies);
}

/**
 * Runs all passes, verifying the graph after each.
 * @throws GalateaError `internal` when a pass breaks the graph.
 */
export function optimize(graph: Graph, evaluate: Evaluator): Graph {
  return passList(evaluate).reduce((current, pass) => verifyGraph(pass.run(current), pass.name), graph);
}
