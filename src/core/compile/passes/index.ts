/** Graph to graph, one idea a file. A pass keeps what the graph computes; see ../pipeline.ts for the order. */

export { blockConvolutions, type ConvolutionSizes, isFasterInBlocks } from "./block-convolutions.ts";
export { convolutionsAsProducts } from "./convolutions-as-products.ts";
export { type Evaluator, foldConstants } from "./fold-constants.ts";
export { foldIntoBlockedAffine } from "./fold-into-blocked-affine.ts";
export { foldIntoBlockedConvolutions } from "./fold-into-blocked-convolutions.ts";
export { foldIntoMatmul } from "./fold-into-matmul.ts";
export { hoistSteps } from "./hoist-steps.ts";
export { inlineCheckpoints } from "./inline-checkpoints.ts";
export { joinBlocks } from "./join-blocks.ts";
export { lookUpProducts } from "./look-up-products.ts";
export { mergeScans } from "./merge-scans.ts";
export { pushTransposes } from "./push-transposes.ts";
export { shareSubexpressions } from "./share-subexpressions.ts";
export { shareFactors } from "./shared-factors.ts";
export { simplify } from "./simplify.ts";
export { simplifyLoops } from "./simplify-loops.ts";
export { sinkSteps } from "./sink-steps.ts";
export { lengthenProducts } from "./summed-product.ts";
export { sumsAsProducts } from "./sums-as-products.ts";
export { unrollScans } from "./unroll-scans.ts";
