/** Functions of matrices, over the last two axes of tensors. */

import { formatShape, GalateaError } from "../base/index.ts";
import { eye } from "./sequences.ts";
import { apply, type Tensor } from "./tensor.ts";

export interface TriangularOptions {
  /** Whether the lower triangle is read (the default), else the upper one; the other may hold anything. */
  readonly lower?: boolean;
  /** Whether the diagonal is taken for 1, whatever it holds. */
  readonly unitDiagonal?: boolean;
}

export interface TriangularSolveOptions extends TriangularOptions {
  /** Whether the triangle is transposed first. */
  readonly transpose?: boolean;
}

function requireMatrix(x: Tensor, what: string): readonly [number, number] {
  const [rows, columns] = x.shape.slice(-2);
  if (columns !== undefined) return [rows, columns];
  throw new GalateaError("shape", x.path, `${what}: got ${formatShape(x.shape)}`, "it takes at least two axes");
}

/** The elements x[..., i, i + offset] of matrices, as [..., count]. */
export function diagonal(x: Tensor, offset = 0): Tensor {
  const [rows, columns] = requireMatrix(x, "diagonal");
  const count = Math.max(0, offset < 0 ? Math.min(rows + offset, columns) : Math.min(rows, columns - offset));
  // Row by row they stand one row and one element apart.
  const start = count === 0 ? 0 : offset < 0 ? -offset * columns : offset;
  return x.reshape([...x.shape.slice(0, -2), rows * columns]).slice(-1, start, count, columns + 1);
}

/** Matrices [..., n, n] with x [..., n] on the diagonal and 0 elsewhere. */
export function diagonalMatrix(x: Tensor): Tensor {
  const n = x.shape.at(-1) ?? 1;
  const leading = x.shape.slice(0, -1);
  const nothing = [...leading, n, 1].map(() => 0);
  const rows = x.reshape([...leading, n, 1]).pad(nothing, nothing.with(-1, n));
  // Rows of n + 1, read as rows of n, begin one element further each time.
  return rows
    .reshape([...leading, n * (n + 1)])
    .slice(-1, 0, n * n)
    .reshape([...leading, n, n]);
}

/** The sum of the diagonal, [..., n, n] -> [...]. */
export function matrixTrace(x: Tensor): Tensor {
  return diagonal(x).sum(-1);
}

/** All products of two vectors, [..., n] and [..., m] -> [..., n, m]. */
export function outer(a: Tensor, b: Tensor): Tensor {
  return a.unsqueeze(-1).matmul(b.unsqueeze(-2));
}

/**
 * The solution X of op(A) X = B for a triangle of A, where op transposes if asked.
 *
 * Shapes: a [..., n, n], b [..., n, m] -> [..., n, m]; leading axes broadcast.
 * A diagonal element of 0 gives infinities or NaN.
 */
export function triangularSolve(a: Tensor, b: Tensor, options: TriangularSolveOptions = {}): Tensor {
  const { lower = true, transpose = false, unitDiagonal = false } = options;
  return apply("triangularSolve", [a, b], { lower, transpose, unitDiagonal });
}

/** The inverse of a triangle of matrices [..., n, n]; the other triangle of the result is 0. */
export function triangularInverse(a: Tensor, options: TriangularOptions = {}): Tensor {
  return triangularSolve(a, eye(requireMatrix(a, "triangularInverse")[0]), options);
}

/** log |det A| of triangular matrices: the sum of log |diagonal|, [..., n, n] -> [...]. */
export function triangularLogDeterminant(a: Tensor): Tensor {
  return diagonal(a).abs().log().sum(-1);
}
