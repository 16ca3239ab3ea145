/** Gradients of matrix products and of systems of equations. */

import { apply, lowerTriangle, upperTriangle, where } from "../../trace/index.ts";
import { type SomeRules, toShapeOf } from "./rule.ts";

export const linearAlgebra = {
  // Y = alpha op(A) op(B): dA = alpha dY op(B)^T and dB = alpha op(A)^T dY, transposed where op does.
  matmul: (g, { inputs: [a, b], attrs: { transposeA, transposeB, alpha } }) => {
    const byA = transposeA
      ? apply("matmul", [b, g], { transposeA: transposeB, transposeB: true, alpha })
      : apply("matmul", [g, b], { transposeA: false, transposeB: !transposeB, alpha });
    const byB = transposeB
      ? apply("matmul", [g, a], { transposeA: true, transposeB: transposeA, alpha })
      : apply("matmul", [a, g], { transposeA: !transposeA, transposeB: false, alpha });
    return [toShapeOf(byA, a), toShapeOf(byB, b)];
  },
  // op(A) X = B: dB solves op(A)^T dB = dX, and d op(A) = -dB X^T, of which only the triangle that was read counts.
  triangularSolve: (g, { inputs: [a, b], output: x, attrs }) => {
    const { lower, transpose, unitDiagonal } = attrs;
    const byB = apply("triangularSolve", [a, g], { lower, transpose: !transpose, unitDiagonal });
    const byA = transpose ? x.matmul(byB, { transposeB: true }) : byB.matmul(x, { transposeB: true });
    const n = a.shape.at(-1) ?? 0;
    const offset = unitDiagonal ? 1 : 0;
    const read = lower ? lowerTriangle(n, n, -offset) : upperTriangle(n, n, offset);
    return [where(read, toShapeOf(byA, a).neg(), 0), toShapeOf(byB, b)];
  },
} satisfies SomeRules;
