/** Conformance cases of ops that join the elements along axes. */

import { formatShape } from "../../src/core/base/index.ts";
import type { reduction } from "../../src/core/graph/ops/reduction.ts";
import type { HostValue } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { float, floats, inf, integers, nan, spread, uniform } from "./cases-values.ts";

type ReduceCase = CaseOf<"reduceSum">;

/** The axes with and without keepDims. */
function reduceCases(x: HostValue, axes: readonly number[]): [ReduceCase, ReduceCase] {
  const reduced = (keepDims: boolean): ReduceCase => ({
    name: `${x.dtype}${formatShape(x.shape)} over ${formatShape(axes)}${keepDims ? ", axes kept" : ""}`,
    attrs: { axes, keepDims },
    inputs: [x],
  });
  return [reduced(false), reduced(true)];
}

const usualReductions: readonly [ReduceCase, ...ReduceCase[]] = [
  ...reduceCases(spread([3, 4]), [1]),
  ...reduceCases(spread([3, 4]), [0]),
  ...reduceCases(spread([3, 4]), []),
  ...reduceCases(spread([2, 3, 4]), [0, 2]),
  ...reduceCases(spread([2, 3, 4]), [1]),
  ...reduceCases(spread([2, 3, 4]), [0, 1, 2]),
  ...reduceCases(spread([2, 3, 4, 2]), [2, 3]),
  ...reduceCases(spread([1, 3, 1]), [0, 2]),
  ...reduceCases(spread([]), []),
  ...reduceCases(spread([5]), [0]),
  ...reduceCases(float([0, 3], []), [1]),
  // Axes that go and axes that stay, by turns.
  ...reduceCases(spread([3, 2, 4, 5, 8]), [0, 2, 3]),
  ...reduceCases(spread([2, 3, 2, 3, 2, 4]), [1, 3]),
  ...reduceCases(spread([2, 3, 2, 3, 2, 4]), [0, 2, 4]),
  ...reduceCases(spread([2, 1, 3, 1, 2, 3]), [0, 1, 4]),
  ...reduceCases(float([0, 2, 3, 2], []), [1, 3]),
];

export const reductionCases: Pick<ConformanceCases, keyof typeof reduction> = {
  reduceSum: [
    ...usualReductions,
    ...reduceCases(float([2, 0], []), [1]),
    ...reduceCases(float([0], []), [0]),
    ...reduceCases(uniform([300, 2]), [0]),
    ...reduceCases(float([3, 2], [inf, 1, nan, 1, inf, -inf]), [1]),
    ...reduceCases(integers("int32", [3, 4], -100, 100), [1]),
    ...reduceCases(integers("int64", [3, 4], -100, 100), [0, 1]),
  ],
  reduceMax: [
    ...usualReductions,
    ...reduceCases(floats(2, 2, 2), [0]),
    ...reduceCases(float([2, 2], [-inf, -inf, 1, inf]), [1]),
    ...reduceCases(floats(-3, -1, -2, -5), [0]),
    {
      name: "a NaN at each place stays",
      attrs: { axes: [1], keepDims: false },
      inputs: [float([3, 3], [nan, 1, 2, 3, nan, 4, 5, 6, nan])],
    },
  ],
  argMax: [
    { name: "rows", attrs: { axis: 1 }, inputs: [spread([4, 7])] },
    { name: "columns", attrs: { axis: 0 }, inputs: [spread([4, 7])] },
    { name: "a middle axis", attrs: { axis: 1 }, inputs: [spread([2, 5, 3])] },
    { name: "a vector", attrs: { axis: 0 }, inputs: [spread([9])] },
    { name: "an axis of size 1", attrs: { axis: 1 }, inputs: [spread([3, 1])] },
    { name: "the first of equals", attrs: { axis: 1 }, inputs: [float([3, 3], [1, 1, 0, 0, 2, 2, 3, 3, 3])] },
    { name: "infinities", attrs: { axis: 1 }, inputs: [float([2, 3], [-inf, -inf, -inf, 1, inf, 2])] },
    { name: "no rows", attrs: { axis: 1 }, inputs: [float([0, 3], [])] },
  ],
};
