/** Graph to graph, one idea a file. A pass keeps what the graph computes; see ../pipeline.ts for the order. */

export { type Evaluator, foldConstants } from "./fold-constants.ts";
export { foldIntoMatmul } from "./fold-into-matmul.ts";
export { joinBlocks } from "./join-blocks.ts";
export { pushTransposes } from "./push-transposes.ts";
export { shareSubexpressions } from "./share-subexpressions.ts";
export { simplify } from "./simplify.ts";
export { sumsAsProducts } from "./sums-as-products.ts";
