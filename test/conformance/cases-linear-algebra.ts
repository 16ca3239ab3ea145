/** Conformance cases of matrix products. */

import { formatShape, type Shape } from "../../src/core/base/index.ts";
import type { MatmulAttrs } from "../../src/core/graph/index.ts";
import type { linearAlgebra } from "../../src/core/graph/ops/linear-algebra.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { uniform } from "./cases-values.ts";

function matmulCase(a: Shape, b: Shape, attrs: MatmulAttrs): CaseOf<"matmul"> {
  const seen = (shape: Shape, flipped: boolean): string => `${formatShape(shape)}${flipped ? "^T" : ""}`;
  return {
    name: `${attrs.alpha} ${seen(a, attrs.transposeA)} x ${seen(b, attrs.transposeB)}`,
    attrs,
    inputs: [uniform(a, -2, 2, "a"), uniform(b, -2, 2, "b")],
  };
}

/** Every combination of transposes and two factors, over [..., rows, inner] x [..., inner, columns]. */
function matmulCases(
  leadingA: Shape,
  leadingB: Shape,
  rows: number,
  inner: number,
  columns: number,
): CaseOf<"matmul">[] {
  return [1, -0.5].flatMap((alpha) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) => {
        const a = [...leadingA, ...(transposeA ? [inner, rows] : [rows, inner])];
        const b = [...leadingB, ...(transposeB ? [columns, inner] : [inner, columns])];
        return matmulCase(a, b, { transposeA, transposeB, alpha });
      }),
    ),
  );
}

export const linearAlgebraCases: Pick<ConformanceCases, keyof typeof linearAlgebra> = {
  matmul: [
    matmulCase([2, 3], [3, 2], { transposeA: false, transposeB: false, alpha: 1 }),
    ...matmulCases([], [], 3, 4, 5),
    ...matmulCases([], [], 1, 4, 5),
    ...matmulCases([], [], 3, 4, 1),
    ...matmulCases([], [], 1, 6, 1),
    ...matmulCases([], [], 3, 1, 2),
    ...matmulCases([2], [2], 3, 4, 5),
    ...matmulCases([2], [], 3, 4, 5),
    ...matmulCases([], [2], 3, 4, 5),
    ...matmulCases([2, 1], [1, 3], 2, 4, 3),
    ...matmulCases([1], [3], 1, 4, 2),
    ...matmulCases([2, 2, 1], [3], 2, 2, 2),
    ...matmulCases([], [], 33, 70, 65),
    ...matmulCases([], [], 2, 0, 3),
    ...matmulCases([], [], 0, 2, 3),
    ...matmulCases([2], [2], 2, 0, 3),
    ...matmulCases([0], [0], 2, 2, 3),
  ],
};
