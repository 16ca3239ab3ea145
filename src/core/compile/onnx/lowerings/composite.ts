/** Compositions that ONNX has as one operator. */

import { sizeOf } from "../../../base/index.ts";
import type { OnnxBuilder } from "../builder.ts";
import { direct, type LoweringContext, lowerEmpty, type SomeLowerings } from "./lowering.ts";

/** ONNX Runtime refuses an empty axis of classes. */
function alongAxis(opType: string): (context: LoweringContext<"softmax" | "logSoftmax">) => void {
  return ({ onnx, inputs, attrs, output, type, path }) => {
    if (sizeOf(type.shape) === 0) lowerEmpty(onnx, type, { output, path });
    else onnx.node(opType, inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  };
}

function emptyOutputs(onnx: OnnxBuilder, { outputs, types, path }: LoweringContext<"layerNorm">): void {
  const statistic = [...types[0].shape.slice(0, -1), 1];
  lowerEmpty(onnx, types[0], { output: outputs[0], path });
  for (const output of outputs.slice(1)) lowerEmpty(onnx, { dtype: "float32", shape: statistic }, { output, path });
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
  layerNorm: (context) => {
    const { onnx, inputs, types, attrs, outputs, path } = context;
    if (sizeOf(types[0].shape) === 0) emptyOutputs(onnx, context);
    else {
      const attributes = { axis: { int: -1 }, epsilon: { float: attrs.epsilon } };
      onnx.nodeWithOutputs("LayerNormalization", inputs, outputs, { path, attributes });
    }
  },
} satisfies SomeLowerings;
