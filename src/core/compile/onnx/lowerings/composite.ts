/** Compositions that ONNX has as one operator. */

import { direct, type LoweringContext, type SomeLowerings } from "./lowering.ts";

function alongAxis(opType: string): (context: LoweringContext<"softmax" | "logSoftmax">) => void {
  return ({ onnx, inputs, attrs, output, path }) => {
    onnx.node(opType, inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  };
}

export const composite = {
  softmax: alongAxis("Softmax"),
  logSoftmax: alongAxis("LogSoftmax"),
  crossEntropy: ({ onnx, inputs: [logits, labels], types, output, type, path }) => {
    const logProbabilities = onnx.node("LogSoftmax", [logits], { path, attributes: { axis: { int: -1 } } });
    const places = onnx.reshape(labels, [...types[1].shape, 1], { path });
    const attributes = { axis: { int: -1 } };
    const chosen = onnx.node("GatherElements", [logProbabilities, places], { path, attributes });
    onnx.reshape(onnx.node("Neg", [chosen], { path }), type.shape, { output, path });
  },
  gelu: direct("Gelu"),
  layerNorm: ({ onnx, inputs, attrs, outputs, path }) => {
    const attributes = { axis: { int: -1 }, epsilon: { float: attrs.epsilon } };
    onnx.node("LayerNormalization", inputs, { outputs, path, attributes });
  },
} satisfies SomeLowerings;
