/** Constant folding: what depends on constants only is computed once, here. */

import { type HostArray, sizeOf } from "../../base/index.ts";
import { constantOf, type Graph, isOp, type Node, rewriteGraph, type Value } from "../../graph/index.ts";

/** Computes a node whose inputs are constants; the engine's reference interpreter is one. */
export type Evaluator = (node: Node) => readonly HostArray[];

/** Larger results stay as computations: they would only make the program bigger. */
const largestFolded = 4096;
/** The evaluator computes in float64: below this, products and folded sums of int64 numbers are exact. */
const largestWide = 2n ** 26n;

function isFoldable({ node }: Value): boolean {
  if (!isOp(node, "constant")) return false;
  const { data } = node.attrs;
  return !(data instanceof BigInt64Array) || data.every((wide) => wide <= largestWide && wide >= -largestWide);
}

/**
 * Ops that draw numbers stay: the evaluator is slow at it, and what is then computed of them in float64 would differ
 * in its last bits from what the device computes of the same draws where the key is an input. Keys are derived here.
 */
function draws({ op }: Node): boolean {
  return op.startsWith("random");
}

/** Replaces every node over constants, of at most 4096 elements, by its result. */
export function foldConstants(graph: Graph, evaluate: Evaluator): Graph {
  return rewriteGraph(graph, (node, inputs) => {
    const foldable =
      inputs.length > 0 &&
      !draws(node) &&
      inputs.every(isFoldable) &&
      node.outputs.every(({ shape }) => sizeOf(shape) <= largestFolded);
    if (!foldable) return undefined;
    const arrays = evaluate({ ...node, inputs });
    return node.outputs.map(({ dtype, shape }, i) => constantOf({ dtype, shape }, arrays[i]));
  });
}
