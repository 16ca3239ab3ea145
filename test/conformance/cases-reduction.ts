/** Conformance cases of ops that join the elements along axes. */

import { formatShape, type Shape } from "../../src/core/base/index.ts";
import type { reduction } from "../../src/core/graph/ops/reduction.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { bools, float, floats, inf, integers, nan, spread, uniform } from "./cases-values.ts";

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
];

/** Largest or smallest elements: of one sign, equal, infinite and NaN, of every element type that has an order. */
const extrema: readonly [ReduceCase, ...ReduceCase[]] = [
  ...usualReductions,
  ...reduceCases(floats(2, 2, 2), [0]),
  ...reduceCases(float([3, 2], [-inf, -inf, 1, inf, inf, inf]), [1]),
  ...reduceCases(float([2, 2], [-inf, inf, inf, -inf]), [0]),
  ...reduceCases(floats(-3, -1, -2, -5), [0]),
  ...reduceCases(float([2, 2], [3, 1, 2, 5]), [1]),
  ...reduceCases(spread([300, 3]), [0]),
  ...reduceCases(spread([2, 256, 3]), [1]),
  ...nanReductions([3, 3], [1], [nan, 1, 2, 3, nan, 4, 5, 6, nan]),
  ...nanReductions([3, 3], [0], [nan, 1, 2, 3, nan, 4, 5, 6, nan]),
  ...nanReductions([5], [0], [1, 2, nan, inf, -inf]),
  ...nanReductions([2, 3], [0, 1], [3e38, 3e38, -3e38, -inf, nan, inf]),
  ...nanReductions([2, 3], [1], [3e38, 3e38, 3e38, -3e38, -3e38, -3e38]),
  ...nanReductions([40], [0], withNaN(40, 33)),
  ...nanReductions([4, 160], [0], withNaN(640, 333)),
  ...nanReductions([160, 4], [0], withNaN(640, 333)),
  ...reduceCases(hostValue("int32", [2, 3], [-2147483648, -5, -7, 2147483647, 5, 7]), [1]),
  ...reduceCases(hostValue("int64", [2, 3], [2 ** 53 - 1, 2 ** 53 - 2, 5, -(2 ** 53) + 1, 0, 1]), [1]),
  ...reduceCases(integers("int32", [300, 3], -1e6, 1e6), [0]),
  ...reduceCases(integers("uint8", [3, 40], 0, 256), [1]),
  ...reduceCases(hostValue("bool", [4, 2], [0, 0, 0, 1, 1, 0, 1, 1]), [1]),
  ...reduceCases(bools([300, 3]), [0]),
];

function nanReductions(shape: Shape, axes: readonly number[], numbers: readonly number[]): ReduceCase[] {
  const name = `NaN and others, ${formatShape(shape)} over ${formatShape(axes)}: ${numbers.slice(0, 9).join(" ")}`;
  return [{ name, attrs: { axes, keepDims: false }, inputs: [float(shape, numbers)] }];
}

function withNaN(count: number, place: number): number[] {
  return Array.from({ length: count }, (_, i) => (i === place ? nan : i % 7));
}

type PlaceCase = CaseOf<"argMax">;

/** Places of largest or smallest elements: along each axis, among equal ones, of every element type. */
const places: readonly [PlaceCase, ...PlaceCase[]] = [
  { name: "rows", attrs: { axis: 1 }, inputs: [spread([4, 7])] },
  { name: "columns", attrs: { axis: 0 }, inputs: [spread([4, 7])] },
  { name: "a middle axis", attrs: { axis: 1 }, inputs: [spread([2, 5, 3])] },
  { name: "a vector", attrs: { axis: 0 }, inputs: [spread([9])] },
  { name: "a long vector", attrs: { axis: 0 }, inputs: [spread([300])] },
  { name: "an axis of size 1", attrs: { axis: 1 }, inputs: [spread([3, 1])] },
  { name: "the first of equals", attrs: { axis: 1 }, inputs: [float([3, 3], [1, 1, 0, 0, 2, 2, 3, 3, 3])] },
  { name: "the first of many equals", attrs: { axis: 0 }, inputs: [integers("float32", [200, 2], 0, 3)] },
  { name: "infinities", attrs: { axis: 1 }, inputs: [float([3, 3], [-inf, -inf, -inf, 1, inf, -inf, inf, inf, 2])] },
  { name: "zeros of both signs are equal", attrs: { axis: 1 }, inputs: [float([2, 2], [0, -0, -0, 0])] },
  { name: "no rows", attrs: { axis: 1 }, inputs: [float([0, 3], [])] },
  { name: "int32", attrs: { axis: 1 }, inputs: [hostValue("int32", [2, 3], [-5, 7, 7, 2147483647, -2147483648, 0])] },
  {
    name: "int64",
    attrs: { axis: 1 },
    inputs: [hostValue("int64", [1, 3], [2 ** 53 - 2, 2 ** 53 - 1, -(2 ** 53) + 1])],
  },
  { name: "uint8", attrs: { axis: 0 }, inputs: [integers("uint8", [40, 3], 0, 256)] },
];

type CumulativeCase = CaseOf<"cumulativeSum">;

/** Every direction, with and without an element itself. */
function cumulativeCases(x: HostValue, axis: number, name = ""): CumulativeCase[] {
  return [false, true].flatMap((reverse) =>
    [false, true].map((exclusive) => ({
      name:
        `${name}${x.dtype}${formatShape(x.shape)} along ${axis}` +
        `${reverse ? ", from the end" : ""}${exclusive ? ", without itself" : ""}`,
      attrs: { axis, reverse, exclusive },
      inputs: [x],
    })),
  );
}

type TopKCase = CaseOf<"topK">;

/** The largest and the smallest. */
function topKCases(x: HostValue, axis: number, k: number, name = ""): TopKCase[] {
  return [true, false].map((largest) => ({
    name: `${name}${k} ${largest ? "largest" : "smallest"} of ${x.dtype}${formatShape(x.shape)} along ${axis}`,
    attrs: { axis, k, largest },
    inputs: [x],
  }));
}

function atLeastOne<T>(cases: readonly T[]): [T, ...T[]] {
  const [first, ...rest] = cases;
  return [first, ...rest];
}

export const reductionCases: Pick<ConformanceCases, keyof typeof reduction> = {
  reduceSum: [
    ...usualReductions,
    ...reduceCases(float([2, 0], []), [1]),
    ...reduceCases(float([0], []), [0]),
    ...reduceCases(float([256, 0], []), [0]),
    ...reduceCases(uniform([300, 2]), [0]),
    ...reduceCases(uniform([2, 160, 3]), [1]),
    ...reduceCases(uniform([4, 64, 3, 5]), [0, 1]),
    ...reduceCases(uniform([4, 3, 64, 5]), [0, 2]),
    ...reduceCases(uniform([131, 2]), [0]),
    ...reduceCases(float([160, 2], [...Array<number>(310).fill(1), inf, 1, -inf, inf, nan, 1, 2, 3, 4, 5]), [0]),
    // Added one after the other, in float32, these would be off by more than the tolerance.
    ...reduceCases(float([16_384, 3], Array<number>(49_152).fill(0.1)), [0]),
    ...reduceCases(float([128, 784], Array<number>(100_352).fill(0.1)), [0, 1]),
    ...reduceCases(float([3, 2], [inf, 1, nan, 1, inf, -inf]), [1]),
    ...reduceCases(integers("int32", [3, 4], -100, 100), [1]),
    ...reduceCases(integers("int64", [3, 4], -100, 100), [0, 1]),
    ...reduceCases(integers("int64", [300, 2], -(2 ** 30), 2 ** 30), [0]),
    ...reduceCases(hostValue("int32", [3, 2], [16777217, 1, 1, 16777217, 1, 1]), [0]),
  ],
  reduceMax: extrema,
  reduceMin: extrema,
  argMax: places,
  argMin: places,
  cumulativeSum: atLeastOne([
    ...cumulativeCases(spread([5]), 0),
    ...cumulativeCases(spread([3, 4]), 0),
    ...cumulativeCases(spread([3, 4]), 1),
    ...cumulativeCases(spread([2, 3, 4]), 1),
    ...cumulativeCases(spread([3, 1]), 1),
    ...cumulativeCases(float([2, 0], []), 1),
    ...cumulativeCases(float([0, 3], []), 1),
    ...cumulativeCases(floats(1, inf, 2, -inf, nan, 3), 0, "infinities and NaN, "),
    ...cumulativeCases(float([2048, 2], Array<number>(4096).fill(0.1)), 0),
    ...cumulativeCases(integers("int32", [3, 4], -100, 100), 1),
    ...cumulativeCases(integers("int64", [3, 4], -(2 ** 30), 2 ** 30), 0),
  ]),
  topK: atLeastOne([
    ...topKCases(spread([9]), 0, 3),
    ...topKCases(spread([9]), 0, 9),
    ...topKCases(spread([9]), 0, 1),
    ...topKCases(spread([9]), 0, 0),
    ...topKCases(spread([4, 7]), 1, 3),
    ...topKCases(spread([4, 7]), 0, 2),
    ...topKCases(spread([2, 5, 3]), 1, 4),
    ...topKCases(spread([1]), 0, 1),
    ...topKCases(float([0, 3], []), 1, 2),
    ...topKCases(float([2, 0], []), 1, 0),
    ...topKCases(float([2, 0], []), 0, 1),
    ...topKCases(floats(1, 3, 3, 2, 3, 1), 0, 4, "equal ones: "),
    ...topKCases(integers("float32", [400], 0, 4), 0, 400, "equal ones: "),
    ...topKCases(integers("float32", [3, 1000], 0, 4), 1, 10, "equal ones: "),
    ...topKCases(integers("float32", [3, 1000], 0, 4), 1, 600, "equal ones: "),
    ...topKCases(floats(inf, -inf, 1, inf, -inf), 0, 5, "infinities: "),
    ...topKCases(floats(0, -0, 0, -0), 0, 4, "zeros of both signs are equal: "),
    ...topKCases(hostValue("int32", [4], [-2147483648, 2147483647, 0, 5]), 0, 3),
    ...topKCases(hostValue("int64", [3], [2 ** 53 - 1, 2 ** 53 - 2, -(2 ** 53) + 1]), 0, 2),
    ...topKCases(integers("uint8", [2, 50], 0, 256), 1, 7),
  ]),
};
