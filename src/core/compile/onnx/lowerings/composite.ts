/** Compositions that ONNX has as one operator. */

import { sizeOf } from "../../../base/index.ts";
import { direct, hasKernel, type LoweringContext, lowerEmpty, type SomeLowerings } from "./lowering.ts";

/** x - log(sum(e^x)) along an axis that is not empty. */
function lowerLogSoftmax(context: LoweringContext<never>, x: string, axis: number, output?: string): string {
  const { onnx, target, path } = context;
  const options = { path, ...(output !== undefined && { output }) };
  if (hasKernel(target, "LogSoftmax", "float32")) {
    return onnx.node("LogSoftmax", [x], { ...options, attributes: { axis: { int: axis } } });
  }
  const reduced = (opType: string, of: string): string =>
    onnx.node(opType, [of, onnx.ints([axis])], { path, attributes: { keepdims: { int: 1 } } });
  const centred = onnx.node("Sub", [x, reduced("ReduceMax", x)], { path });
  const total = reduced("ReduceSum", onnx.node("Exp", [centred], { path }));
  return onnx.node("Sub", [centred, onnx.node("Log", [total], { path })], options);
}

export const composite = {
  // ONNX Runtime refuses an empty axis of classes.
  softmax: (context) => {
    const { onnx, inputs, attrs, output, type, path } = context;
    if (sizeOf(type.shape) === 0) lowerEmpty(context, type, { output, path });
    else onnx.node("Softmax", inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  },
  logSoftmax: (context) => {
    const { inputs, attrs, output, type, path } = context;
    if (sizeOf(type.shape) === 0) lowerEmpty(context, type, { output, path });
    else lowerLogSoftmax(context as LoweringContext<never>, inputs[0], attrs.axis, output);
  },
  crossEntropy: (context) => {
    const { onnx, inputs, types, output, type, path } = context;
    const [logits, labels] = inputs;
    if (sizeOf(type.shape) === 0) {
      lowerEmpty(context, type, { output, path });
      return;
    }
    const logProbabilities = lowerLogSoftmax(context as LoweringContext<never>, logits, types[0].shape.length - 1);
    const places = onnx.reshape(labels, [...types[1].shape, 1], { path });
    const attributes = { axis: { int: -1 } };
    const chosen = onnx.node("GatherElements", [logProbabilities, places], { path, attributes });
    onnx.reshape(onnx.node("Neg", [chosen], { path }), type.shape, { output, path });
  },
  gelu: direct("Gelu"),
  layerNorm: (context) => {
    const { onnx, inputs, types, attrs, outputs, outputTypes, path } = context;
    if (sizeOf(types[0].shape) === 0) {
      for (const [i, output] of outputs.entries()) lowerEmpty(context, outputTypes[i], { output, path });
    } else {
      const attributes = { axis: { int: -1 }, epsilon: { float: attrs.epsilon } };
      onnx.node("LayerNormalization", inputs, { outputs, path, attributes });
    }
  },
} satisfies SomeLowerings;
