/** Conformance cases of matrix products and systems of equations. */

import { formatShape, type Shape } from "../../src/core/base/index.ts";
import type { MatmulAttrs, TriangularSolveAttrs } from "../../src/core/graph/index.ts";
import type { linearAlgebra } from "../../src/core/graph/ops/linear-algebra.ts";
import type { HostValue } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { float, nan, uniform } from "./cases-values.ts";

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

/** Matrices whose triangles are far from singular; `other` fills the triangle that nobody may read. */
function triangles(shape: Shape, lower: boolean, unitDiagonal: boolean, other = nan): HostValue {
  const size = shape.at(-1) ?? 0;
  const numbers = uniform(shape, -0.6, 0.6, "triangle").data.map((number, i) => {
    const [row, column] = [Math.floor(i / size) % size, i % size];
    if (row === column) return unitDiagonal ? other : 1.5 + number;
    return lower === row > column ? number : other;
  });
  return float(shape, numbers);
}

function solveCase(
  a: Shape,
  b: Shape,
  attrs: TriangularSolveAttrs = { lower: true, transpose: false, unitDiagonal: false },
  other?: number,
): CaseOf<"triangularSolve"> {
  const { lower, transpose, unitDiagonal } = attrs;
  const triangle = `${unitDiagonal ? "unit " : ""}${lower ? "lower" : "upper"} ${formatShape(a)}${transpose ? "^T" : ""}`;
  return {
    name: `${triangle} for ${formatShape(b)}`,
    attrs,
    inputs: [triangles(a, lower, unitDiagonal, other), uniform(b, -2, 2, "b")],
  };
}

/** Both triangles, transposed or not, with their own diagonal or ones. */
function solveCases(a: Shape, b: Shape): CaseOf<"triangularSolve">[] {
  return [true, false].flatMap((lower) =>
    [true, false].flatMap((transpose) =>
      [true, false].map((unitDiagonal) => solveCase(a, b, { lower, transpose, unitDiagonal })),
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
  triangularSolve: [
    solveCase([2, 2], [2, 3], undefined, 7),
    ...solveCases([1, 1], [1, 1]),
    ...solveCases([3, 3], [3, 2]),
    ...solveCases([7, 7], [7, 1]),
    ...solveCases([2, 5, 5], [2, 5, 3]),
    // Above 32 rows the matrix is cut into blocks, of which the last may be short.
    ...solveCases([48, 48], [48, 4]),
    ...solveCases([2, 65, 65], [65, 3]),
    solveCase([100, 100], [3, 100, 2]),
    solveCase([1, 4, 4], [3, 4, 2]),
    solveCase([2, 1, 4, 4], [3, 4, 2]),
    solveCase([4, 4], [2, 3, 4, 1]),
    solveCase([0, 0], [0, 2]),
    solveCase([3, 3], [3, 0]),
    solveCase([0, 3, 3], [0, 3, 2]),
  ],
};
