import type { HostValue } from "../../src/engine/interpreter/index.ts";
import { float, uniform } from "../conformance/cases-values.ts";
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

/** A diagonal between 1 and 2, small numbers off it. */
function wellConditioned(shape: readonly number[]): HostValue {
  const n = shape[shape.length - 1];
  const isDiagonal = (i: number): boolean => Math.floor(i / n) % n === i % n;
  return float(
    shape,
    uniform(shape, -0.5, 0.5, "a").data.map((number, i) => (isDiagonal(i) ? 1.5 + number : number)),
  );
}

const solves: GradientCases["triangularSolve"][number][] = [true, false].flatMap((lower) =>
  [true, false].flatMap((transpose) =>
    [true, false].map((unitDiagonal) => ({
      name: `lower ${lower}, transposed ${transpose}, unit diagonal ${unitDiagonal}`,
      attrs: { lower, transpose, unitDiagonal },
      inputs: [wellConditioned([3, 3]), uniform([3, 2], -1, 1, "b")],
    })),
  ),
);

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
  triangularSolve: [
    {
      name: "a stack",
      attrs: { lower: true, transpose: false, unitDiagonal: false },
      inputs: [wellConditioned([2, 3, 3]), uniform([2, 3, 1], -1, 1, "b")],
    },
    ...solves,
    {
      name: "one matrix for a stack",
      attrs: { lower: false, transpose: false, unitDiagonal: false },
      inputs: [wellConditioned([2, 2]), uniform([3, 2, 1], -1, 1, "b")],
    },
    {
      name: "a stack for one right side",
      attrs: { lower: true, transpose: true, unitDiagonal: false },
      inputs: [wellConditioned([2, 2, 2]), uniform([2, 2], -1, 1, "b")],
    },
  ],
} satisfies Partial<GradientCases>;
