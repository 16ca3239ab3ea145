/** Graphs as ONNX files: one lowering for each op, and the writer. */

export { type Overwrites, overwritesOf } from "./in-place.ts";
export { lowerGraph } from "./lower.ts";
export type { LoweringTarget } from "./lowerings/lowering.ts";
export type { Lowerings } from "./lowerings.ts";
export { inputName, outputName } from "./names.ts";
export { findWideNumber } from "./narrow-int64.ts";
export { decodeNodes, type OnnxWiring } from "./reader.ts";
export { webgpuTarget } from "./targets.ts";
export { encodeModel, type OnnxModel, type OnnxNode, type OnnxValue, type Origin } from "./writer.ts";
