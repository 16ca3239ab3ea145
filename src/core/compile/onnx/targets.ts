/** What runtimes can run, for those that cannot run every standard operator. */

import type { DType } from "../../base/index.ts";
import type { KernelTable, LoweringTarget } from "./lowerings/lowering.ts";

function each(types: readonly DType[], ...opTypes: readonly string[]): KernelTable {
  return Object.fromEntries(opTypes.map((opType) => [opType, types]));
}

const every: readonly DType[] = ["float32", "int32", "uint32", "int64", "uint8", "bool"];
const float: readonly DType[] = ["float32"];
const numbers: readonly DType[] = ["float32", "int32", "uint32"];
const numbersAndInt64: readonly DType[] = [...numbers, "int64"];

/**
 * ONNX Runtime's WebGPU kernels, as measured on 1.30 with `session.disable_cpu_ep_fallback` and `enableInt64`.
 *
 * Expand and Where of int64 keep the lower 32 bits, which is right for numbers that fit in them. Left out is Where of
 * bool, which ends in an error; kernels that are wrong in some cases only have a detour in spellings.ts. float16 is
 * left out because not every device has it.
 */
const webgpuKernels: KernelTable = {
  ...each(every, "Cast", "Reshape", "Expand", "Gather"),
  ...each(["bool"], "And", "Not"),
  ...each([...numbersAndInt64, "bool"], "Unsqueeze"),
  ...each([...numbers, "bool"], "Flatten"),
  ...each(numbersAndInt64, "Add", "Sub", "Mul", "Div", "Max", "Min", "Where", "Concat", "Tile", "ReduceSum", "Clip"),
  ...each(numbersAndInt64, "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"),
  ...each(numbers, "Identity", "Transpose", "Pad", "Split", "Squeeze", "Trilu", "CumSum"),
  ...each(numbers, "ReduceMax", "ReduceMin", "ReduceMean", "ReduceProd", "ArgMax", "ArgMin"),
  ...each(numbers, "ScatterElements", "ScatterND", "GatherND"),
  ...each(["float32", "int32"], "Pow"),
  ...each(["float32", "int32", "int64"], "Range"),
  ...each(float, "Neg", "Abs", "Floor", "Ceil", "Reciprocal", "Sqrt", "Exp", "Log", "Erf", "Sigmoid", "Tanh", "Relu"),
  ...each(float, "Sin", "Cos", "Tan", "Asin", "Atan", "Sinh", "Cosh", "Asinh", "Atanh"),
  ...each(
    float,
    "LeakyRelu",
    "PRelu",
    "Elu",
    "HardSigmoid",
    "HardSwish",
    "ThresholdedRelu",
    "Softplus",
    "Gelu",
    "Mish",
  ),
  ...each(float, "Slice", "GatherElements", "TopK", "Softmax", "MatMul", "Gemm", "Einsum"),
  ...each(float, "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"),
  ...each(float, "LayerNormalization", "InstanceNormalization", "GroupNormalization", "BatchNormalization"),
  ...each(float, "Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"),
  ...each(float, "Resize", "DepthToSpace", "DFT", "ConstantOfShape"),
};

export const webgpuTarget: LoweringTarget = {
  contrib: false,
  kernels: webgpuKernels,
  narrowIntegers: true,
  lacksPoolPlaces: true,
  narrowInt64: true,
  unorderedScatter: true,
};
