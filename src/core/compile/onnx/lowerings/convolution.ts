/** Convolutions in ONNX. */

import type { Shape } from "../../../base/index.ts";
import type { Conv2dAttrs } from "../../../graph/index.ts";
import { lowerGroupedWeightGradient } from "./grouped-weight-gradient.ts";
import type { Lowering, SomeLowerings } from "./lowering.ts";

function convAttributes({ stride, padding, dilation, groups }: Conv2dAttrs, kernel: Shape) {
  return {
    strides: { ints: stride },
    pads: { ints: padding },
    dilations: { ints: dilation },
    kernel_shape: { ints: kernel },
    group: { int: groups },
  };
}

const lowerConv2dInputGradient: Lowering<"conv2dInputGradient"> = ({ onnx, inputs, types, attrs, output, path }) => {
  const kernel = types[1].shape.slice(2);
  // What a stride leaves uncovered at the end of each axis.
  const outputPadding = ([0, 1] as const).map((axis) => {
    const reached =
      (types[0].shape[axis + 2] - 1) * attrs.stride[axis] +
      attrs.dilation[axis] * (kernel[axis] - 1) +
      1 -
      attrs.padding[axis] -
      attrs.padding[axis + 2];
    return attrs.size[axis] - reached;
  });
  const attributes = { ...convAttributes(attrs, kernel), output_padding: { ints: outputPadding } };
  onnx.node("ConvTranspose", inputs, { output, path, attributes });
};

/**
 * One matrix product: each kernel position's strided window of the channel-first image stands under the
 * others as [h w C, B H' W'], times the gradient [O, B H' W'].
 */
const lowerConv2dWeightGradient: Lowering<"conv2dWeightGradient"> = (context) => {
  if (context.attrs.groups > 1) {
    lowerGroupedWeightGradient(context);
    return;
  }
  const { onnx, inputs, types, attrs, output, path } = context;
  const [batch, channels] = types[0].shape;
  const [, outputs, height, width] = types[1].shape;
  const [kernelHeight, kernelWidth] = attrs.size;
  const [top, left, bottom, right] = attrs.padding;
  const channelFirst = { path, attributes: { perm: { ints: [1, 0, 2, 3] } } };
  const images = onnx.node("Transpose", [inputs[0]], channelFirst); // [C, B, H, W]
  const padded =
    top + left + bottom + right === 0
      ? images
      : onnx.node("Pad", [images, onnx.ints([0, 0, top, left, 0, 0, bottom, right])], { path });
  const windows: string[] = [];
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      const start = [row * attrs.dilation[0], column * attrs.dilation[1]];
      const end = [start[0] + (height - 1) * attrs.stride[0] + 1, start[1] + (width - 1) * attrs.stride[1] + 1];
      const bounds = [start, end, [2, 3], attrs.stride].map((values) => onnx.ints(values));
      windows.push(onnx.node("Slice", [padded, ...bounds], { path }));
    }
  }
  const joined =
    windows.length === 1 ? windows[0] : onnx.node("Concat", windows, { path, attributes: { axis: { int: 0 } } });
  const count = batch * height * width;
  const columns = onnx.reshape(joined, [windows.length * channels, count], { path });
  const gradient = onnx.node("Transpose", [inputs[1]], channelFirst); // [O, B, H', W']
  const rows = onnx.reshape(gradient, [outputs, count], { path });
  const product = onnx.node("Gemm", [rows, columns], { path, attributes: { transB: { int: 1 } } }); // [O, h w C]
  const parted = onnx.reshape(product, [outputs, kernelHeight, kernelWidth, channels], { path });
  onnx.node("Transpose", [parted], { output, path, attributes: { perm: { ints: [0, 3, 1, 2] } } });
};

export const convolution = {
  conv2d: ({ onnx, inputs, types, attrs, output, path }) => {
    onnx.node("Conv", inputs, { output, path, attributes: convAttributes(attrs, types[1].shape.slice(2)) });
  },
  conv2dInputGradient: lowerConv2dInputGradient,
  conv2dWeightGradient: lowerConv2dWeightGradient,
} satisfies SomeLowerings;
