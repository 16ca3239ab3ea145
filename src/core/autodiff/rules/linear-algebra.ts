/** Gradients of matrix products. */

import { apply } from "../../trace/index.ts";
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
} satisfies SomeRules;
