import { uniform } from "../conformance/cases-values.ts";
import type { GradientCases } from "./cases-table.ts";

function products(leadingA: readonly number[], leadingB: readonly number[]): GradientCases["matmul"][number][] {
  return [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      name: `${leadingA} x ${leadingB}, transposed ${transposeA} ${transposeB}`,
      attrs: { transposeA, transposeB, alpha: -0.5 },
      inputs: [
        uniform([...leadingA, ...(transposeA ? [3, 2] : [2, 3])], -1, 1, "a"),
        uniform([...leadingB, ...(transposeB ? [4, 3] : [3, 4])], -1, 1, "b"),
      ],
    })),
  );
}

export const linearAlgebraCases = {
  matmul: [
    {
      name: "matrices",
      attrs: { transposeA: false, transposeB: false, alpha: 1 },
      inputs: [uniform([2, 3]), uniform([3, 1])],
    },
    ...products([], []),
    ...products([2], []),
    ...products([], [2]),
    ...products([2, 1], [3]),
  ],
} satisfies Partial<GradientCases>;
