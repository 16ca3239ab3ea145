/** Kernels of matrix products and systems of equations. */

import { sizeOf } from "../../../core/base/index.ts";
import type { OpName } from "../../../core/graph/index.ts";
import type { HostValue } from "../value.ts";
import { fill, forEachPlace, type Kernel } from "./kernel.ts";

export const linearAlgebra = {
  matmul: ([a, b], { transposeA, transposeB, alpha }) => {
    const [rows, inner] = transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
    const columns = (transposeB ? b.shape.at(-2) : b.shape.at(-1)) as number;
    const rank = Math.max(a.shape.length, b.shape.length);
    const leading = leadingShape(a, b, rank);
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
  // Substitution, a row after the other; from the last one on where op(a) is an upper triangle.
  triangularSolve: ([a, b], { lower, transpose, unitDiagonal }) => {
    const rank = Math.max(a.shape.length, b.shape.length);
    const [rows, columns] = b.shape.slice(-2);
    const leading = leadingShape(a, b, rank);
    const [readA, readB] = [matrixReader(a, rank), matrixReader(b, rank)];
    const entry = (batch: readonly number[], row: number, column: number): number =>
      transpose ? readA(batch, column, row) : readA(batch, row, column);
    const order = Array.from({ length: rows }, (_, i) => (lower === transpose ? rows - 1 - i : i));
    const data = new Float64Array(sizeOf([...leading, rows, columns]));
    forEachPlace([...leading, columns], (at, index) => {
      const batch = at.slice(0, -1);
      const column = index % columns;
      const first = Math.floor(index / columns) * rows * columns + column;
      order.forEach((row, done) => {
        let rest = readB(batch, row, column);
        for (const known of order.slice(0, done)) rest -= entry(batch, row, known) * data[first + known * columns];
        data[first + row * columns] = unitDiagonal ? rest : rest / entry(batch, row, row);
      });
    });
    return { dtype: "float32", shape: [...leading, rows, columns], data };
  },
} satisfies { [N in OpName]?: Kernel<N> };

/** The broadcast of all axes before the last two. */
function leadingShape(a: HostValue, b: HostValue, rank: number): number[] {
  return Array.from({ length: rank - 2 }, (_, axis) => {
    const sizeA = a.shape[axis - rank + a.shape.length] ?? 1;
    return sizeA === 1 ? (b.shape[axis - rank + b.shape.length] ?? 1) : sizeA;
  });
}

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
