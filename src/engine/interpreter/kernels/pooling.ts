/** Kernels of ops that join the elements of windows. */

import { type Shape, sizeOf } from "../../../core/base/index.ts";
import type { AveragePool2dAttrs, OpName, Pool2dAttrs } from "../../../core/graph/index.ts";
import type { Kernel } from "./kernel.ts";

/** How many places a window takes along one axis of an image. */
function places(size: number, axis: 0 | 1, { kernel, stride, padding }: Pool2dAttrs): number {
  let count = 0;
  while (count * stride[axis] + kernel[axis] <= padding[axis] + size + padding[axis + 2]) count++;
  return count;
}

function pooledShape(x: Shape, attrs: Pool2dAttrs): number[] {
  return [x[0], x[1], places(x[2], 0, attrs), places(x[3], 1, attrs)];
}

/** The numbers of a window's elements inside the image, in row-major order. */
function windowAt(
  [, , height, width]: Shape,
  plane: number,
  row: number,
  column: number,
  { kernel, stride, padding }: Pool2dAttrs,
): number[] {
  const inside: number[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const h = row * stride[0] - padding[0] + i;
      const w = column * stride[1] - padding[1] + j;
      if (h >= 0 && h < height && w >= 0 && w < width) inside.push((plane * height + h) * width + w);
    }
  }
  return inside;
}

/** Visits the window of every output element. */
function forEachWindow(x: Shape, y: Shape, attrs: Pool2dAttrs, visit: (index: number, inside: number[]) => void): void {
  const [batch, channels, rows, columns] = y;
  let index = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) visit(index++, windowAt(x, plane, row, column, attrs));
    }
  }
}

function divisorOf(inside: readonly number[], { kernel, divisor }: AveragePool2dAttrs): number {
  if (divisor === "none") return 1;
  return divisor === "image" ? inside.length : kernel[0] * kernel[1];
}

function firstLargest(inside: readonly number[], data: Float64Array): number {
  return inside.reduce((best, place) => (data[place] > data[best] ? place : best));
}

export const pooling = {
  maxPool2d: ([x], attrs) => {
    const shape = pooledShape(x.shape, attrs);
    const data = new Float64Array(sizeOf(shape));
    forEachWindow(x.shape, shape, attrs, (index, inside) => {
      data[index] = x.data[firstLargest(inside, x.data)];
    });
    return { dtype: "float32", shape, data };
  },
  maxPool2dPlaces: ([x], attrs) => {
    const shape = pooledShape(x.shape, attrs);
    const data = new Float64Array(sizeOf(shape));
    forEachWindow(x.shape, shape, attrs, (index, inside) => {
      data[index] = firstLargest(inside, x.data) % (x.shape[2] * x.shape[3]);
    });
    return { dtype: "int32", shape, data };
  },
  averagePool2d: ([x], attrs) => {
    const shape = pooledShape(x.shape, attrs);
    const data = new Float64Array(sizeOf(shape));
    forEachWindow(x.shape, shape, attrs, (index, inside) => {
      data[index] = inside.reduce((sum, place) => sum + x.data[place], 0) / divisorOf(inside, attrs);
    });
    return { dtype: "float32", shape, data };
  },
  averagePool2dGradient: ([y], attrs) => {
    const shape = [y.shape[0], y.shape[1], ...attrs.size];
    const data = new Float64Array(sizeOf(shape));
    forEachWindow(shape, y.shape, attrs, (index, inside) => {
      for (const place of inside) data[place] += y.data[index] / divisorOf(inside, attrs);
    });
    return { dtype: "float32", shape, data };
  },
} satisfies { [N in OpName]?: Kernel<N> };
