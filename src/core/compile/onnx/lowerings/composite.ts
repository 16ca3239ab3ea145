/** Compositions that ONNX has as one operator. */

import { sizeOf } from "../../../base/index.ts";
import { direct, type LoweringContext, lowerEmpty, type SomeLowerings } from "./lowering.ts";

/** ONNX Runtime refuses an empty axis of classes. */
function alongAxis(opType: string): (context: LoweringContext<"softmax" | "logSoftmax">) => void {
  return ({ onnx, inputs, attrs, output, type, path }) => {
    if (sizeOf(type.shape) === 0) lowerEmpty(onnx, type, { output, path });
    else onnx.node(opType, inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  };
}

export const composite = {
  softmax: alongAxis("Softmax"),
  logSoftmax: alongAxis("LogSoftmax"),
  crossEntropy: ({ onnx, inputs: [logits, labels], types, output, type, path }) => {
    if (sizeOf(type.shape) === 0) {
      lowerEmpty(onnx, type, { output, path });
      return;
    }
    const logProbabilities = onnx.node("LogSoftmax", [logits], { path, attributes: { axis: { int: -1 } } });
    const places = onnx.reshape(labels, [...types[1].shape, 1], { path });
    const attributes = { axis: { int: -1 } };
    const chosen = onnx.node("GatherElements", [logProbabilities, places], { path, attributes });
    onnx.reshape(onnx.node("Neg", [chosen], { path }), type.shape, { output, path });
  },
  gelu: direct("Gelu"),
  layerNorm: ({ onnx, inputs, types, attrs, outputs, path }) => {
    const [{ shape }] = types;
    if (sizeOf(shape) === 0) {
      const statistic = [...shape.slice(0, -1), 1];
      outputs.forEach((output, i) => {
        lowerEmpty(onnx, { dtype: "float32", shape: i === 0 ? shape : statistic }, { output, path });
      });
      return;
    }
    const attributes = { axis: { int: -1 }, epsilon: { float: attrs.epsilon } };
    onnx.node("LayerNormalization", inputs, { outputs, path, attributes });
  },
} satisfies SomeLowerings;
