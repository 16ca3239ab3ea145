/** Convolutions over channels in blocks, and scales, in the operators that ONNX Runtime keeps for its own CPU optimizer.
 *
 * Their four-axis tensors [B, C, H, W] hold the channels in blocks: the same bytes as our [B, C/b, H, W, b]. */

import { type Shape, sizeOf } from "../../../base/index.ts";
import type { Window2d } from "../../../graph/index.ts";
import type { LoweringContext, SomeLowerings } from "./lowering.ts";

interface Operands {
  readonly x: string;
  /** Or the scale. */
  readonly weight: string;
  readonly bias: string | undefined;
  readonly sum: string | undefined;
}

function operandsOf({ inputs, attrs }: LoweringContext<"blockedConv2d"> | LoweringContext<"blockedAffine">): Operands {
  return {
    x: inputs[0],
    weight: inputs[1],
    bias: attrs.bias ? inputs[2] : undefined,
    sum: attrs.sum ? inputs[inputs.length - 1] : undefined,
  };
}

function windowAttributes({ stride, padding, dilation }: Window2d, kernel: Shape) {
  return {
    strides: { ints: stride },
    pads: { ints: padding },
    dilations: { ints: dilation },
    kernel_shape: { ints: kernel },
  };
}

/** One operator, around which reshapes move nothing. */
function lowerToBlocks(context: LoweringContext<"blockedConv2d">): void {
  const { onnx, types, attrs, output, type, path } = context;
  const { x, weight, bias, sum } = operandsOf(context);
  const [batch, channels, height, width, lanes = 1] = types[0].shape;
  const [filters, , kernelHeight, kernelWidth] = types[1].shape;
  const [, outer, rows, columns, block] = type.shape;
  const reshaped = (name: string, shape: Shape): string => onnx.reshape(name, shape, { path });
  const operands = [
    reshaped(x, [batch, channels * lanes, height, width]),
    reshaped(weight, [filters * block, channels * lanes, kernelHeight, kernelWidth]),
  ];
  if (bias !== undefined || sum !== undefined) {
    operands.push(bias === undefined ? "" : reshaped(bias, [outer * block]));
  }
  if (sum !== undefined) operands.push(reshaped(sum, [batch, outer * block, rows, columns]));
  const convolved = onnx.node("Conv", operands, {
    path,
    shape: [batch, outer * block, rows, columns],
    domain: "com.microsoft.nchwc",
    attributes: {
      ...windowAttributes(attrs, [kernelHeight, kernelWidth]),
      ...(attrs.relu && { activation: { string: "Relu" } }),
    },
  });
  onnx.reshape(convolved, type.shape, { output, path });
}

/** For blocks that the runtime does not have: the plain convolution, into which and out of which axes are moved. */
function lowerToPlain(context: LoweringContext<"blockedConv2d">): void {
  const { onnx, types, attrs, output, type, path } = context;
  const { x, weight, bias, sum } = operandsOf(context);
  const node = (opType: string, inputs: readonly string[], attributes = {}): string =>
    onnx.node(opType, inputs, { path, attributes });
  const moved = (name: string, permutation: Shape, shape: Shape): string =>
    onnx.reshape(node("Transpose", [name], { perm: { ints: permutation } }), shape, { path });
  const isPlain = types[0].shape.length === 4;
  const [batch, channels, height, width, lanes = 1] = types[0].shape;
  const [filters, , kernelHeight, kernelWidth] = types[1].shape;
  const [, outer, rows, columns, block] = type.shape;
  const image = isPlain ? x : moved(x, [0, 1, 4, 2, 3], [batch, channels * lanes, height, width]);
  const kernel = moved(weight, isPlain ? [0, 4, 1, 2, 3] : [0, 5, 1, 4, 2, 3], [
    filters * block,
    channels * lanes,
    kernelHeight,
    kernelWidth,
  ]);
  const operands = [image, kernel, ...(bias === undefined ? [] : [onnx.reshape(bias, [outer * block], { path })])];
  const convolved = node("Conv", operands, windowAttributes(attrs, [kernelHeight, kernelWidth]));
  const parted = onnx.reshape(convolved, [batch, outer, block, rows, columns], { path });
  const blocks = node("Transpose", [parted], { perm: { ints: [0, 1, 3, 4, 2] } });
  const added = sum === undefined ? blocks : node("Add", [blocks, sum]);
  onnx.node(attrs.relu ? "Relu" : "Identity", [added], { output, path });
}

/** A convolution of each channel with a kernel of one place. Channels of all examples are channels of one. */
function lowerAffineToBlocks(context: LoweringContext<"blockedAffine">): void {
  const { onnx, types, attrs, output, type, path } = context;
  const { x, weight, bias, sum } = operandsOf(context);
  const [batch, outer, height, width, block] = type.shape;
  const examples = types[1].shape[0];
  const count = examples * outer * block;
  const image = [batch / examples, count, height, width];
  const operands = [onnx.reshape(x, image, { path }), onnx.reshape(weight, [count, 1, 1, 1], { path })];
  if (bias !== undefined || sum !== undefined) {
    operands.push(bias === undefined ? "" : onnx.reshape(bias, [count], { path }));
  }
  if (sum !== undefined) operands.push(onnx.reshape(sum, image, { path }));
  const once: Window2d = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] };
  const scaled = onnx.node("Conv", operands, {
    path,
    shape: image,
    domain: "com.microsoft.nchwc",
    attributes: {
      ...windowAttributes(once, [1, 1]),
      group: { int: count },
      ...(attrs.relu && { activation: { string: "Relu" } }),
    },
  });
  onnx.reshape(scaled, type.shape, { output, path });
}

function lowerAffineToPlain(context: LoweringContext<"blockedAffine">): void {
  const { onnx, types, attrs, output, type, path } = context;
  const { x, weight, bias, sum } = operandsOf(context);
  const [, outer, , , block] = type.shape;
  const spread = (name: string): string => onnx.reshape(name, [types[1].shape[0], outer, 1, 1, block], { path });
  const node = (opType: string, inputs: readonly string[]): string => onnx.node(opType, inputs, { path });
  const product = node("Mul", [x, spread(weight)]);
  const shifted = bias === undefined ? product : node("Add", [product, spread(bias)]);
  const added = sum === undefined ? shifted : node("Add", [shifted, sum]);
  onnx.node(attrs.relu ? "Relu" : "Identity", [added], { output, path });
}

export const blockedConvolution = {
  blockedConv2d: (context) => {
    const block = context.type.shape[4];
    if (context.target.convolutionBlock === block && sizeOf(context.type.shape) > 0) lowerToBlocks(context);
    else lowerToPlain(context);
  },
  blockedAffine: (context) => {
    const block = context.type.shape[4];
    if (context.target.convolutionBlock === block && sizeOf(context.type.shape) > 0) lowerAffineToBlocks(context);
    else lowerAffineToPlain(context);
  },
} satisfies SomeLowerings;
