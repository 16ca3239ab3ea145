/** From a traced graph to a program file: the ordered passes, and the lowering to ONNX.
 * Sees base and graph; runs nothing itself (constant folding is given an evaluator). */

export {
  decodeNodes,
  encodeModel,
  findWideNumber,
  inputName,
  type Lowerings,
  type LoweringTarget,
  lowerGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
  type OnnxWiring,
  type Origin,
  type Overwrites,
  outputName,
  overwritesOf,
  webgpuTarget,
} from "./onnx/index.ts";
export { type Evaluator, foldConstants, foldIntoMatmul, shareSubexpressions, simplify } from "./passes/index.ts";
export { optimize, type Pass, passList } from "./pipeline.ts";
