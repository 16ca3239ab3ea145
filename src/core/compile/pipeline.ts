/** The pass list: what happens to a graph between tracing and lowering, in this order.
 *
 * There is no pass for dead code: a graph is what its outputs reach, so each rewrite drops what it no
 * longer needs (test/golden shows it). */

import { type Graph, verifyGraph } from "../graph/index.ts";
import type { LoweringTarget } from "./onnx/index.ts";
import {
  blockConvolutions,
  convolutionsAsProducts,
  type Evaluator,
  foldConstants,
  foldIntoBlockedAffine,
  foldIntoBlockedConvolutions,
  foldIntoMatmul,
  shareSubexpressions,
  simplify,
} from "./passes/index.ts";

/** Any runtime: what a file for others is made for. */
const anyTarget: LoweringTarget = { contrib: false };

export interface Pass {
  readonly name: string;
  readonly run: (graph: Graph) => Graph;
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

/** The passes in order. Simplification stands twice: merged nodes and folded constants give it new work. */
export function passList(evaluate: Evaluator, target = anyTarget): readonly Pass[] {
  const fold = (graph: Graph): Graph => foldConstants(graph, evaluate);
  return [
    { name: "simplify", run: simplify },
    { name: "fold constants", run: fold },
    { name: "share subexpressions", run: shareSubexpressions },
    { name: "convolutions as products", run: convolutionsAsProducts },
    { name: "simplify again", run: simplify },
    { name: "fold into matmul", run: foldIntoMatmul },
    ...passesFor(target),
    { name: "fold constants again", run: fold },
    { name: "share subexpressions again", run: shareSubexpressions },
  ];
}

/**
 * Runs all passes, verifying the graph after each.
 * @param target what the program is lowered for next; its passes may use what only it offers
 * @throws GalateaError `internal` when a pass breaks the graph.
 */
export function optimize(graph: Graph, evaluate: Evaluator, target = anyTarget): Graph {
  return passList(evaluate, target).reduce((current, pass) => verifyGraph(pass.run(current), pass.name), graph);
}
