/** Kernels of matrix products. */

import { sizeOf } from "../../../core/base/index.ts";
import type { OpName } from "../../../core/graph/index.ts";
import type { HostValue } from "../value.ts";
import { fill, type Kernel } from "./kernel.ts";

export const linearAlgebra = {
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
