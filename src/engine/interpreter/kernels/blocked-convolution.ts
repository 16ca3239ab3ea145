/** Kernels of convolutions over channels in blocks. */

import { type Shape, sizeOf, stridesOf } from "../../../core/base/index.ts";
import type { BlockedConv2dAttrs, OpName } from "../../../core/graph/index.ts";
import { forEachPlace, type Kernel } from "./kernel.ts";

function places(size: number, kernel: number, axis: 0 | 1, { stride, padding, dilation }: BlockedConv2dAttrs): number {
  const reach = (kernel - 1) * dilation[axis] + 1;
  let count = 0;
  while (count * stride[axis] + reach <= padding[axis] + size + padding[axis + 2]) count++;
  return count;
}

function indexOf(strides: readonly number[], at: readonly number[]): number {
  return strides.reduce((sum, stride, axis) => sum + stride * at[axis], 0);
}

export const blockedConvolution = {
  blockedConv2d: (inputs, attrs) => {
    const [x, weight] = inputs;
    const isPlain = x.shape.length === 4;
    const [, , kernelHeight, kernelWidth] = weight.shape;
    const [batch, channels, height, width] = x.shape;
    const block = weight.shape[weight.shape.length - 1];
    const lanes = isPlain ? 1 : block;
    const shape: Shape = [
      batch,
      weight.shape[0],
      places(height, kernelHeight, 0, attrs),
      places(width, kernelWidth, 1, attrs),
      block,
    ];
    const [ofX, ofWeight] = [stridesOf(x.shape), stridesOf(weight.shape)];
    const data = new Float64Array(sizeOf(shape));
    forEachPlace(shape, ([b, filter, row, column, o], index) => {
      let sum = 0;
      forEachPlace([channels, kernelHeight, kernelWidth, lanes], ([c, i, j, lane]) => {
        const h = row * attrs.stride[0] - attrs.padding[0] + i * attrs.dilation[0];
        const w = column * attrs.stride[1] - attrs.padding[1] + j * attrs.dilation[1];
        if (h < 0 || h >= height || w < 0 || w >= width) return;
        const pixel = isPlain ? [b, c, h, w] : [b, c, h, w, lane];
        const tap = isPlain ? [filter, c, i, j, o] : [filter, c, i, j, lane, o];
        sum += x.data[indexOf(ofX, pixel)] * weight.data[indexOf(ofWeight, tap)];
      });
      if (attrs.bias) sum += inputs[2].data[filter * block + o];
      if (attrs.sum) sum += inputs[inputs.length - 1].data[index];
      data[index] = attrs.relu ? Math.max(sum, 0) : sum;
    });
    return { dtype: "float32", shape, data };
  },
} satisfies { [N in OpName]?: Kernel<N> };
