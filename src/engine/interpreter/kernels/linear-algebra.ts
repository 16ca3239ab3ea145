/** Kernels of sums over axes, matrix products and convolutions. */

import { type Shape, sizeOf, stridesOf } from "../../../core/base/index.ts";
import type { Conv2dAttrs, OpName, ReduceAttrs } from "../../../core/graph/index.ts";
import type { HostValue } from "../value.ts";
import { fill, forEachPlace, type Kernel, reader } from "./kernel.ts";

/** Combines all elements that share their coordinates outside the reduced axes, starting from `start`. */
function reduce(
  x: HostValue,
  { axes, keepDims }: ReduceAttrs,
  start: number,
  combine: (total: number, element: number) => number,
): HostValue {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const data = new Float64Array(sizeOf(kept)).fill(start);
  forEachPlace(x.shape, (at, index) => {
    const place = strides.reduce((sum, stride, axis) => sum + stride * at[axis], 0);
    data[place] = combine(data[place], x.data[index]);
  });
  return { dtype: x.dtype, shape: keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis)), data };
}

/**
 * Visits every product of a convolution: at output place y, the input's element x meets the weight's w.
 * All three convolutions sum over these triples; they differ in which of the three they solve for.
 */
function forEachProduct(
  [batch, channels, height, width]: Shape,
  [filters, , kernelHeight, kernelWidth]: Shape,
  [, , rows, columns]: Shape,
  { stride, padding, dilation }: Conv2dAttrs,
  visit: (x: number, w: number, y: number) => void,
): void {
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < filters; o++) {
      for (let c = 0; c < channels; c++) {
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            for (let i = 0; i < kernelHeight; i++) {
              for (let j = 0; j < kernelWidth; j++) {
                const h = row * stride[0] - padding[0] + i * dilation[0];
                const w = column * stride[1] - padding[1] + j * dilation[1];
                if (h < 0 || h >= height || w < 0 || w >= width) continue;
                visit(
                  ((b * channels + c) * height + h) * width + w,
                  ((o * channels + c) * kernelHeight + i) * kernelWidth + j,
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

export const linearAlgebra = {
  reduceSum: ([x], attrs) => {
    const total = reduce(x, attrs, 0, (sum, element) => sum + element);
    return x.dtype === "int32" ? { ...total, data: total.data.map((sum) => sum | 0) } : total;
  },
  reduceMax: ([x], attrs) => reduce(x, attrs, Number.NEGATIVE_INFINITY, Math.max),
  argMax: ([x], { axis }) => {
    const read = reader(x, x.shape.length);
    return fill("int64", x.shape.toSpliced(axis, 1), (at) => {
      const candidates = Array.from({ length: x.shape[axis] }, (_, place) => read(at.toSpliced(axis, 0, place)));
      return candidates.reduce((best, candidate, place) => (candidate > candidates[best] ? place : best), 0);
    });
  },
  matmul: ([a, b], { transposeA, transposeB, alpha }) => {
    const [rows, inner] = transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
    const columns = (transposeB ? b.shape.at(-2) : b.shape.at(-1)) as number;
    const rank = Math.max(a.shape.length, b.shape.length);
    const leading = Array.from({ length: rank - 2 }, (_, axis) => {
      const sizeA = a.shape[axis - rank + a.shape.length] ?? 1;
      return sizeA === 1 ? (b.shape[axis - rank + b.shape.length] ?? 1) : sizeA;
    });
    const [readA, readB] = [matrixReader(a, rank), matrixReader(b, rank)];
    return fill("float32", [...leading, rows as number, columns], (at) => {
      const [row, column] = at.slice(-2);
      const batch = at.slice(0, -2);
      let sum = 0;
      for (let k = 0; k < (inner as number); k++) {
        sum +=
          (transposeA ? readA(batch, k, row) : readA(batch, row, k)) *
          (transposeB ? readB(batch, column, k) : readB(batch, k, column));
      }
      return alpha * sum;
    });
  },
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
    const x = zeros([y.shape[0], weight.shape[1], ...attrs.size]);
    forEachProduct(x.shape, weight.shape, y.shape, attrs, (atX, atW, atY) => {
      x.data[atX] += y.data[atY] * weight.data[atW];
    });
    return x;
  },
  conv2dWeightGradient: ([x, y], attrs) => {
    const weight = zeros([y.shape[1], x.shape[1], ...attrs.size]);
    forEachProduct(x.shape, weight.shape, y.shape, attrs, (atX, atW, atY) => {
      weight.data[atW] += x.data[atX] * y.data[atY];
    });
    return weight;
  },
} satisfies { [N in OpName]?: Kernel<N> };

type MatrixReader = (batch: readonly number[], row: number, column: number) => number;

/** Reads a stack of matrices whose leading axes broadcast. */
function matrixReader({ shape, data }: HostValue, rank: number): MatrixReader {
  const [rows, columns] = shape.slice(-2);
  const leading = shape.slice(0, -2);
  const matrices = leading.map((size, axis) => (size === 1 ? 0 : sizeOf(leading.slice(axis + 1))));
  const missing = rank - shape.length;
  return (batch, row, column) => {
    const matrix = matrices.reduce((sum, stride, axis) => sum + stride * batch[axis + missing], 0);
    return data[(matrix * rows + row) * columns + column];
  };
}
