/** Invertible matrices written as triangles, whose determinant and inverse are cheap. */

import { type Key, randomUniform } from "../../../core/base/index.ts";
import {
  diagonalMatrix,
  lowerTriangle,
  type Tensor,
  tensor,
  triangularInverse,
  upperTriangle,
} from "../../../core/trace/index.ts";

/** Numbers of W = P L U, of which P and the diagonal's signs stay fixed. */
export interface LuFactors {
  /** Row i of W is row permutation[i] of L U. */
  readonly permutation: readonly number[];
  /** Of the diagonal of U. */
  readonly signs: readonly number[];
  /** Strictly lower triangle of L, whose diagonal is 1; row by row. */
  readonly lower: readonly (readonly number[])[];
  /** Strictly upper triangle of U. */
  readonly upper: readonly (readonly number[])[];
  /** log |diagonal of U|. */
  readonly logDiagonal: readonly number[];
}

/** What of them is learned: [n, n], of which a triangle is read, and [n]. A type, so that it is a parameter tree. */
export type LuMatrices = { readonly lower: Tensor; readonly upper: Tensor; readonly log_diagonal: Tensor };

type Fixed = Pick<LuFactors, "permutation" | "signs">;

function triangles({ lower, upper, log_diagonal }: LuMatrices, { signs }: Fixed): readonly [Tensor, Tensor] {
  const n = signs.length;
  const below = lower.mul(lowerTriangle(n, n, -1).cast("float32"));
  const above = upper.mul(upperTriangle(n, n, 1).cast("float32"));
  const ones = tensor(
    signs.map(() => 1),
    [n],
  );
  const diagonal = log_diagonal.exp().mul(tensor(signs, [n]));
  return [below.add(diagonalMatrix(ones)), above.add(diagonalMatrix(diagonal))];
}

/**
 * W = P L U, [n, n], with log |det W| = sum of log_diagonal.
 *
 * Source: Kingma and Dhariwal, "Glow" (2018), section 3.2.
 */
export function luMatrix(matrices: LuMatrices, fixed: Fixed): Tensor {
  const [lower, upper] = triangles(matrices, fixed);
  return permutationMatrix(fixed.permutation).matmul(lower.matmul(upper));
}

/** The inverse of {@link luMatrix}, U^-1 L^-1 P^T. */
export function luInverse(matrices: LuMatrices, fixed: Fixed): Tensor {
  const [lower, upper] = triangles(matrices, fixed);
  const product = triangularInverse(upper, { lower: false }).matmul(triangularInverse(lower, { unitDiagonal: true }));
  return product.matmul(permutationMatrix(fixed.permutation), { transposeB: true });
}

function permutationMatrix(permutation: readonly number[]): Tensor {
  const n = permutation.length;
  const numbers = permutation.flatMap((column) => permutation.map((_, j) => (j === column ? 1 : 0)));
  return tensor(numbers, [n, n]);
}

/** A uniformly random orthogonal matrix: normal rows, made orthonormal by Gram and Schmidt's method, twice each. */
export function randomRotation(size: number, key: Key): number[][] {
  const uniform = (counter: number): number => randomUniform(key, counter);
  const normal = (i: number): number =>
    Math.sqrt(-2 * Math.log(uniform(2 * i))) * Math.cos(2 * Math.PI * uniform(2 * i + 1));
  const rows: number[][] = [];
  for (let i = 0; i < size; i++) {
    let row = Array.from({ length: size }, (_, j) => normal(i * size + j));
    for (const other of [...rows, ...rows]) {
      const along = row.reduce((sum, x, j) => sum + x * other[j], 0);
      row = row.map((x, j) => x - along * other[j]);
    }
    const length = Math.hypot(...row);
    rows.push(row.map((x) => x / length));
  }
  return rows;
}

/** The factors of an invertible matrix, by elimination with the largest pivot of each column. */
export function luDecompose(matrix: readonly (readonly number[])[]): LuFactors {
  const n = matrix.length;
  const rows = matrix.map((row) => [...row]);
  const order = rows.map((_, i) => i);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    [order[k], order[pivot]] = [order[pivot], order[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k];
      rows[i][k] = factor;
      for (let j = k + 1; j < n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  // Row order[i] of the matrix is row i of L U.
  const permutation = order.map((_, i) => order.indexOf(i));
  return {
    permutation,
    signs: rows.map((row, i) => Math.sign(row[i])),
    lower: rows.map((row, i) => row.map((x, j) => (j < i ? x : 0))),
    upper: rows.map((row, i) => row.map((x, j) => (j > i ? x : 0))),
    logDiagonal: rows.map((row, i) => Math.log(Math.abs(row[i]))),
  };
}
