/** Compositions that ONNX has as one operator. */

import { sizeOf } from "../../../base/index.ts";
import { direct, type LoweringContext, lowerEmpty, type SomeLowerings } from "./lowering.ts";

/** ONNX Runtime refuses an empty axis of classes. */
function alongAxis(opType: string): (context: LoweringContext<"softmax" | "logSoftmax">) => void {
  return (context) => {
    const { onnx, inputs, attrs, output, type, path } = context;
    if (sizeOf(type.shape) === 0) lowerEmpty(context, type, { output, path });
    else onnx.node(opType, inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  };
}

export const composite = {
  softmax: alongAxis("Softmax"),
  logSoftmax: alongAxis("LogSoftmax"),
  crossEntropy: (context) => {
    const { onnx, inputs, types, output, type, path } = context;
    const [logits, labels] = inputs;
    if (sizeOf(type.shape) === 0) {
      lowerEmpty(context, type, { output, path });
      return;
    }
    const logProbabilities = onnx.node("LogSoftmax", [logits], { path, attributes: { axis: { int: -1 } } });
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
