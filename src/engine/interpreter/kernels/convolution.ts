/** Kernels of convolutions. */

import { type Shape, sizeOf } from "../../../core/base/index.ts";
import type { Conv2dAttrs, OpName } from "../../../core/graph/index.ts";
import type { HostValue } from "../value.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Visits every product of a convolution: at output place y, the input's element x meets the weight's w.
 * All three convolutions sum over these triples; they differ in which of the three they solve for.
 */
function forEachProduct(
  [batch, channels, height, width]: Shape,
  [filters, groupChannels, kernelHeight, kernelWidth]: Shape,
  [, , rows, columns]: Shape,
  { stride, padding, dilation, groups }: Conv2dAttrs,
  visit: (x: number, w: number, y: number) => void,
): void {
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < filters; o++) {
      const firstChannel = Math.floor((o * groups) / filters) * groupChannels;
      for (let c = 0; c < groupChannels; c++) {
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            for (let i = 0; i < kernelHeight; i++) {
              for (let j = 0; j < kernelWidth; j++) {
                const h = row * stride[0] - padding[0] + i * dilation[0];
                const w = column * stride[1] - padding[1] + j * dilation[1];
                if (h < 0 || h >= height || w < 0 || w >= width) continue;
                visit(
                  ((b * channels + firstChannel + c) * height + h) * width + w,
                  ((o * groupChannels + c) * kernelHeight + i) * kernelWidth + j,
                  ((b * filters + o) * rows + row) * columns + column,
                );
              }
            }
          }
        }
      }
    }
  }
}

/** How many places a kernel takes along one axis of an image. */
function places(size: number, kernel: number, axis: 0 | 1, { stride, padding, dilation }: Conv2dAttrs): number {
  const reach = (kernel - 1) * dilation[axis] + 1;
  let count = 0;
  while (count * stride[axis] + reach <= padding[axis] + size + padding[axis + 2]) count++;
  return count;
}

function zeros(shape: Shape): HostValue {
  return { dtype: "float32", shape, data: new Float64Array(sizeOf(shape)) };
}

export const convolution = {
  conv2d: ([x, weight], attrs) => {
    const y = zeros([
      x.shape[0],
      weight.shape[0],
      places(x.shape[2], weight.shape[2], 0, attrs),
      places(x.shape[3], weight.shape[3], 1, attrs),
    ]);
    forEachProduct(x.shape, weight.shape, y.shape, attrs, (atX, atW, atY) => {
      y.data[atY] += x.data[atX] * weight.data[atW];
    });
    return y;
  },
  conv2dInputGradient: ([y, weight], attrs) => {
    const x = zeros([y.shape[0], weight.shape[1] * attrs.groups, ...attrs.size]);
    forEachProduct(x.shape, weight.shape, y.shape, attrs, (atX, atW, atY) => {
      x.data[atX] += y.data[atY] * weight.data[atW];
    });
    return x;
  },
  conv2dWeightGradient: ([x, y], attrs) => {
    const weight = zeros([y.shape[1], x.shape[1] / attrs.groups, ...attrs.size]);
    forEachProduct(x.shape, weight.shape, y.shape, attrs, (atX, atW, atY) => {
      weight.data[atW] += x.data[atX] * y.data[atY];
    });
    return weight;
  },
} satisfies { [N in OpName]?: Kernel<N> };
