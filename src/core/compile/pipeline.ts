/** The pass list: what happens to a graph between tracing and lowering, in this order.
 *
 * There is no pass for dead code: a graph is what its outputs reach, so each rewrite drops what it no
 * longer needs (test/golden shows it). */

import { changeBodies, type Graph, type Node, verifyGraph } from "../graph/index.ts";
import type { LoweringTarget } from "./onnx/index.ts";
import {
  blockConvolutions,
  convolutionsAsProducts,
  type Evaluator,
  foldConstants,
  foldIntoBlockedAffine,
  foldIntoBlockedConvolutions,
  foldIntoMatmul,
  hoistSteps,
  inlineCheckpoints,
  joinBlocks,
  lengthenProducts,
  lookUpProducts,
  mergeScans,
  pushTransposes,
  shareFactors,
  shareSubexpressions,
  simplify,
  simplifyLoops,
  sinkSteps,
  sumsAsProducts,
  unrollScans,
} from "./passes/index.ts";

/** Any runtime: what a file for others is made for. */
const anyTarget: LoweringTarget = { contrib: false };

export interface Pass {
  readonly name: string;
  readonly run: (graph: Graph) => Graph;
}

/** Scans of so many steps are not worth a loop. */
const longestUnrolled = 1;

function hasLoops({ kernels }: LoweringTarget): boolean {
  return kernels === undefined || "Scan" in kernels;
}

/** The same pass on every body, then on the graph around them. */
function withBodies({ name, run }: Pass): Pass {
  return { name, run: (graph) => run(changeBodies(graph, run)) };
}

/** What only some targets want, after all that every target does. */
function passesFor({ convolutionBlock }: LoweringTarget): readonly Pass[] {
  if (convolutionBlock === undefined) return [];
  return [
    { name: "block convolutions", run: (graph) => blockConvolutions(graph, convolutionBlock) },
    { name: "fold into blocked convolutions", run: foldIntoBlockedConvolutions },
    { name: "fold into blocked scales", run: (graph) => foldIntoBlockedAffine(graph, convolutionBlock) },
    { name: "simplify blocks", run: simplify },
  ];
}

/**
 * The passes in order; each also goes through the bodies of loops. Some stand more than once: what others merge, move
 * and fold gives them new work.
 */
export function passList(evaluate: Evaluator, target = anyTarget): readonly Pass[] {
  const fold = (graph: Graph): Graph => foldConstants(graph, evaluate);
  const passes: readonly Pass[] = [
    { name: "inline checkpoints", run: inlineCheckpoints },
    { name: "merge scans", run: mergeScans },
    {
      name: "unroll scans",
      run: (graph) => unrollScans(graph, hasLoops(target) ? longestUnrolled : Number.POSITIVE_INFINITY),
    },
    { name: "simplify loops", run: simplifyLoops },
    { name: "simplify", run: simplify },
    { name: "fold constants", run: fold },
    { name: "share subexpressions", run: shareSubexpressions },
    { name: "convolutions as products", run: convolutionsAsProducts },
    { name: "simplify again", run: simplify },
    { name: "simplify loops again", run: simplifyLoops },
    { name: "hoist steps", run: hoistSteps },
    { name: "sink steps", run: sinkSteps },
    { name: "simplify loops a third time", run: simplifyLoops },
    { name: "simplify a third time", run: simplify },
    { name: "lengthen products", run: lengthenProducts },
    { name: "sums as products", run: sumsAsProducts },
    { name: "join blocks", run: joinBlocks },
    { name: "push transposes", run: pushTransposes },
    { name: "fold into matmul", run: foldIntoMatmul },
    { name: "look up products", run: lookUpProducts },
    { name: "sums as products again", run: sumsAsProducts },
    { name: "share factors", run: shareFactors },
    ...passesFor(target),
    { name: "simplify the rest", run: simplify },
    { name: "fold constants again", run: fold },
    { name: "share subexpressions again", run: shareSubexpressions },
  ];
  return passes.map(withBodies);
}

/**
 * Runs all passes, verifying the graph after each.
 * @param target what the program is lowered for next; its passes may use what only it offers
 * @throws GalateaError `internal` when a pass breaks the graph.
 */
export function optimize(graph: Graph, evaluate: Evaluator, target = anyTarget): Graph {
  const verified = new Set<Node>();
  return passList(evaluate, target).reduce(
    (current, pass) => verifyGraph(pass.run(current), pass.name, verified),
    graph,
  );
}
