/** User code to graph: the tensors that model code computes with, and tracing.
 * Sees base and graph; computes no numbers. */

export { checkpoint } from "./checkpoint.ts";
export * from "./conv1d.ts";
export { einsum } from "./einsum.ts";
export * from "./erf-inverse.ts";
export * from "./functions.ts";
export * from "./linear-algebra.ts";
export { type LoopOptions, loop } from "./loop.ts";
export * from "./pooling.ts";
export * from "./random.ts";
export * from "./resize.ts";
export { type ScanOptions, scan } from "./scan.ts";
export * from "./sequences.ts";
export * from "./spectral.ts";
export {
  apply,
  applyAll,
  type ConvOptions,
  type CumulativeSumOptions,
  constant,
  type MatmulOptions,
  Tensor,
  type TensorLike,
  type VarianceOptions,
} from "./tensor.ts";
export { type ArgumentTypes, type TensorTree, type Traced, trace, typesOf } from "./trace.ts";
