/** Convolutions over channels in blocks, in the operators that ONNX Runtime keeps for its own CPU optimizer.
 *
 * Their four-axis tensors [B, C, H, W] hold the channels in blocks: the same bytes as our [B, C/b, H, W, b]. */

import { GalateaError } from "../../../base/index.ts";
import type { Lowering, SomeLowerings } from "./lowering.ts";

const lowerBlockedConv2d: Lowering<"blockedConv2d"> = (context) => {
  const { onnx, target, inputs, types, attrs, output, type, path } = context;
  const [x, weight] = types.map(({ shape }) => shape);
  const [filters, channels, height, width] = weight;
  const block = weight[weight.length - 1];
  if (target.convolutionBlock !== block) {
    const seen = `channels in blocks of ${block}`;
    throw new GalateaError("internal", path, seen, `the target has ${target.convolutionBlock ?? "none"}`);
  }
  const isPlain = x.length === 4;
  const count = isPlain ? channels : channels * block;
  const image = isPlain ? inputs[0] : onnx.reshape(inputs[0], [x[0], count, x[2], x[3]], { path });
  const kernel = onnx.reshape(inputs[1], [filters * block, count, height, width], { path });
  const [, outputs, rows, columns] = type.shape;
  const shape = [x[0], outputs * block, rows, columns];
  const bias = attrs.bias ? onnx.reshape(inputs[2], [outputs * block], { path }) : "";
  const operands = [image, kernel];
  if (attrs.sum) operands.push(bias, onnx.reshape(inputs[inputs.length - 1], shape, { path }));
  else if (attrs.bias) operands.push(bias);
  const { stride, padding, dilation } = attrs;
  const convolved = onnx.node("Conv", operands, {
    path,
    domain: "com.microsoft.nchwc",
    attributes: {
      strides: { ints: stride },
      pads: { ints: padding },
      dilations: { ints: dilation },
      kernel_shape: { ints: [height, width] },
      ...(attrs.relu && { activation: { string: "Relu" } }),
    },
  });
  onnx.reshape(convolved, type.shape, { output, path });
};

export const blockedConvolution = {
  blockedConv2d: lowerBlockedConv2d,
} satisfies SomeLowerings;
