/** Graph to graph, one idea a file. A pass keeps what the graph computes; see ../pipeline.ts for the order. */

export { blockConvolutions, type ConvolutionSizes, isFasterInBlocks } from "./block-convolutions.ts";
export { convolutionsAsProducts } from "./convolutions-as-products.ts";
export { type Evaluator, foldConstants } from "./fold-constants.ts";
export { foldIntoBlockedAffine } from "./fold-into-blocked-affine.ts";
export { foldIntoBlockedConvolutions } from "./fold-into-blocked-convolutions.ts";
export { foldIntoMatmul } from "./fold-into-matmul.ts";
export { shareSubexpressions } from "./share-subexpressions.ts";
export { simplify } from "./simplify.ts";
