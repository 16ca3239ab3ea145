/** Kernels of convolutions over channels in blocks. */

import { type Shape, sizeOf } from "../../../core/base/index.ts";
import type { BlockedConv2dAttrs, OpName } from "../../../core/graph/index.ts";
import type { HostValue } from "../value.ts";
import { forEachPlace, type Kernel } from "./kernel.ts";

/** How many places a kernel takes along one axis of an image. */
function places(size: number, kernel: number, axis: 0 | 1, { stride, padding, dilation }: BlockedConv2dAttrs): number {
  const reach = (kernel - 1) * dilation[axis] + 1;
  let count = 0;
  while (count * stride[axis] + reach <= padding[axis] + size + padding[axis + 2]) count++;
  return count;
}

/** One sum of products. An image whose channels are in no blocks has one channel, one lane, a block. */
function sumAt(
  [batch, filter, row, column, o]: readonly number[],
  x: HostValue,
  weight: HostValue,
  { stride, padding, dilation }: BlockedConv2dAttrs,
): number {
  const [, channels, height, width, lanes = 1] = x.shape;
  const [, , kernelHeight, kernelWidth] = weight.shape;
  const block = weight.shape[weight.shape.length - 1];
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < kernelHeight; i++) {
      for (let j = 0; j < kernelWidth; j++) {
        const h = row * stride[0] - padding[0] + i * dilation[0];
        const w = column * stride[1] - padding[1] + j * dilation[1];
        if (h < 0 || h >= height || w < 0 || w >= width) continue;
        const pixel = ((batch * channels + c) * height + h) * width + w;
        const tap = ((filter * channels + c) * kernelHeight + i) * kernelWidth + j;
        for (let lane = 0; lane < lanes; lane++) {
          sum += x.data[pixel * lanes + lane] * weight.data[(tap * lanes + lane) * block + o];
        }
      }
    }
  }
  return sum;
}

export const blockedConvolution = {
  blockedConv2d: (inputs, attrs) => {
    const [x, weight] = inputs;
    const block = weight.shape[weight.shape.length - 1];
    const height = places(x.shape[2], weight.shape[2], 0, attrs);
    const width = places(x.shape[3], weight.shape[3], 1, attrs);
    const shape: Shape = [x.shape[0], weight.shape[0], height, width, block];
    const data = new Float64Array(sizeOf(shape));
    forEachPlace(shape, (at, index) => {
      const [, filter, , , o] = at;
      const bias = attrs.bias ? inputs[2].data[filter * block + o] : 0;
      const sum = attrs.sum ? inputs[inputs.length - 1].data[index] : 0;
      const total = sumAt(at, x, weight, attrs) + bias + sum;
      data[index] = attrs.relu ? Math.max(total, 0) : total;
    });
    return { dtype: "float32", shape, data };
  },
  blockedAffine: (inputs, attrs) => {
    const [x, scale] = inputs;
    const [, channels, , , block] = x.shape;
    const data = new Float64Array(x.data.length);
    forEachPlace(x.shape, ([batch, channel, , , lane], index) => {
      const example = scale.shape[0] === 1 ? 0 : batch;
      const at = (example * channels + channel) * block + lane;
      const bias = attrs.bias ? inputs[2].data[at] : 0;
      const sum = attrs.sum ? inputs[inputs.length - 1].data[index] : 0;
      const total = x.data[index] * scale.data[at] + bias + sum;
      data[index] = attrs.relu ? Math.max(total, 0) : total;
    });
    return { dtype: "float32", shape: x.shape, data };
  },
} satisfies { [N in OpName]?: Kernel<N> };
