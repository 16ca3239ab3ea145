/** What a computation is: the op table, typed nodes, shape inference, the verifier and the printer.
 * Sees only base; knows nothing of gradients, files or devices. */

export * from "./bodies.ts";
export * from "./node.ts";
export * from "./op-table.ts";
export type { BlockedAffineAttrs, BlockedConv2dAttrs, Window2d } from "./ops/blocked-convolution.ts";
export type { CheckpointAttrs, LoopAttrs, ScanAttrs } from "./ops/control-flow.ts";
export type { Conv2dAttrs } from "./ops/convolution.ts";
export { type Body, type OpDefinition, OpProblem, type TensorType } from "./ops/definition.ts";
export type { PadAttrs, SliceAttrs } from "./ops/layout.ts";
export type { MatmulAttrs, TriangularSolveAttrs } from "./ops/linear-algebra.ts";
export type { AveragePool2dAttrs, Pool2dAttrs } from "./ops/pooling.ts";
export type { CumulativeSumAttrs, ReduceAttrs, TopKAttrs } from "./ops/reduction.ts";
export type { ConstantAttrs, InputAttrs } from "./ops/sources.ts";
export { formatPlace, layerOfLeaf, type Place, parsePlace, type Stage } from "./place.ts";
export { printGraph } from "./print.ts";
export { attrsText, graphText } from "./structure.ts";
export { verifyGraph } from "./verify.ts";
