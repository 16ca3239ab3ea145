/** Graph to graph, one idea a file. A pass keeps what the graph computes; see ../pipeline.ts for the order. */

export { type Evaluator, foldConstants } from "./fold-constants.ts";
export { foldIntoMatmul } from "./fold-into-matmul.ts";
export { hoistSteps } from "./hoist-steps.ts";
export { lookUpProducts } from "./look-up-products.ts";
export { mergeScans } from "./merge-scans.ts";
export { shareSubexpressions } from "./share-subexpressions.ts";
export { shareFactors } from "./shared-factors.ts";
export { simplify } from "./simplify.ts";
export { simplifyScans } from "./simplify-scans.ts";
export { sinkSteps } from "./sink-steps.ts";
export { sumProducts } from "./summed-product.ts";
export { unrollScans } from "./unroll-scans.ts";
