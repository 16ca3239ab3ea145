/** What a computation is: the op table, typed nodes, shape inference, the verifier and the printer.
 * Sees only base; knows nothing of gradients, files or devices. */

export * from "./node.ts";
export * from "./op-table.ts";
export type { BlockedAffineAttrs, BlockedConv2dAttrs, Window2d } from "./ops/blocked-convolution.ts";
export type { Conv2dAttrs } from "./ops/convolution.ts";
export { type OpDefinition, OpProblem, type TensorType } from "./ops/definition.ts";
export type { MatmulAttrs } from "./ops/linear-algebra.ts";
export type { ReduceAttrs } from "./ops/reduction.ts";
export type { ConstantAttrs, InputAttrs } from "./ops/sources.ts";
export { printGraph } from "./print.ts";
export { verifyGraph } from "./verify.ts";
