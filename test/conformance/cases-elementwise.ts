/** Conformance cases of elementwise ops. */

import { type DType, dtypes, formatShape, type Shape } from "../../src/core/base/index.ts";
import type { elementwise } from "../../src/core/graph/ops/elementwise.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { bools, float, floats, inf, integers, nan, spread, uniform } from "./cases-values.ts";

/** Cases of an op that has no attributes. */
type PlainCase = CaseOf<"add">;
type PlainCases = readonly [PlainCase, ...PlainCase[]];

const largest = 3.4028234663852886e38;

/** Shapes that broadcast: either way, both ways, by rank, by size 1 and 0. */
const pairs: readonly (readonly [Shape, Shape])[] = [
  [
    [3, 4],
    [3, 4],
  ],
  [[], []],
  [[], [2, 3]],
  [[2, 3], []],
  [[2, 3, 4], [4]],
  [[4], [2, 3, 4]],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [
    [1, 5],
    [5, 1],
  ],
  [
    [0, 3],
    [1, 3],
  ],
  [[1], [2, 0]],
  // Short runs over which nothing is repeated.
  [
    [2, 3, 5, 7, 16],
    [3, 1, 1, 16],
  ],
  [
    [2, 3, 1, 1, 8],
    [2, 3, 5, 7, 8],
  ],
  [
    [2, 40, 1, 3],
    [40, 9, 3],
  ],
];

/** One case for each pair of shapes, over operands that `make` fills. */
function broadcasts(make: (shape: Shape, name: string) => HostValue): PlainCase[] {
  return pairs.map(([a, b]) => ({
    name: `${formatShape(a)} with ${formatShape(b)}`,
    attrs: {},
    inputs: [make(a, "a"), make(b, "b")],
  }));
}

function integerPair(name: string, dtype: DType, a: readonly number[], b: readonly number[]): PlainCase {
  const inputs = [hostValue(dtype, [a.length], a), hostValue(dtype, [b.length], b)];
  return { name: `${dtype}: ${name}`, attrs: {}, inputs };
}

function floatPair(name: string, a: readonly number[], b: readonly number[]): PlainCase {
  return { name, attrs: {}, inputs: [floats(...a), floats(...b)] };
}

const int32Limits = [-2147483648, 2147483647, -1, 0, 1, 46341];
const uint32Limits = [0, 1, 4294967295, 2147483648, 65537, 5];

/** Cases for arithmetic: float broadcasting, IEEE's special numbers, and three kinds of integers that wrap. */
function arithmetic(): PlainCases {
  const [first, ...rest] = broadcasts((shape, name) => uniform(shape, -3, 3, name));
  return [
    first,
    ...rest,
    floatPair(
      "infinities, NaN and zeros",
      [inf, inf, -inf, nan, 1, 0, -0, largest],
      [1, -inf, -inf, 1, nan, inf, 0, largest],
    ),
    integerPair("the limits", "int32", int32Limits, [1, 2147483647, -2147483648, -7, 123456789, 46341]),
    integerPair("the limits", "uint32", uint32Limits, [1, 4294967295, 4294967295, 2, 65537, 3]),
    integerPair("beyond 32 bits", "int64", [2147483648, -3, 3000000000, 0], [2147483648, 4294967296, -2, -9]),
    {
      name: "int32 broadcasts",
      attrs: {},
      inputs: [integers("int32", [2, 1, 3], -9, 9), integers("int32", [4, 1], -9, 9, "b")],
    },
  ];
}

const division: PlainCases = [
  {
    name: "a column by a row",
    attrs: {},
    inputs: [uniform([3, 1], -3, 3), uniform([1, 4], 0.5, 2)],
  },
  { name: "by a scalar", attrs: {}, inputs: [uniform([2, 3]), float([], [-0.75])] },
  { name: "a scalar by an empty axis", attrs: {}, inputs: [float([], [1]), float([0], [])] },
  floatPair("zeros, infinities, NaN", [1, -1, 0, 1, inf, inf, nan, 1], [0, 0, 0, inf, 2, inf, 1, nan]),
  integerPair("toward zero", "int32", [7, -7, 7, -7, 2147483647, 1], [2, 2, -2, -2, 10, 3]),
  integerPair("toward zero", "uint32", [7, 4294967295, 4294967295, 5], [2, 2, 4294967295, 4294967295]),
  integerPair("toward zero", "int64", [9000000000, -9000000000, -1], [7, 7, 2]),
];

/** Cases for maximum, minimum and comparisons: ties and special numbers side by side. */
function ordering(): PlainCases {
  const [first, ...rest] = broadcasts((shape, name) => integersAsFloats(shape, name));
  const special = [nan, inf, -inf, 0, 1];
  const grid = [float([special.length, 1], special), float([1, special.length], special)];
  return [
    first,
    ...rest,
    { name: "every pair of special numbers", attrs: {}, inputs: grid },
    integerPair("the limits", "int32", int32Limits, [...int32Limits].reverse()),
    integerPair("the limits", "uint32", uint32Limits, [...uint32Limits].reverse()),
    integerPair("beyond 32 bits", "int64", [4294967296, -4294967297, 5], [1, -1, 5]),
  ];
}

/** Few different numbers, so that many are equal. */
function integersAsFloats(shape: Shape, name: string): HostValue {
  return float(shape, integers("int32", shape, -2, 3, name).data);
}

/** Cases for a function of one number: shapes, its usual range, and numbers that deserve a look. */
function unary(low: number, high: number, special: readonly number[]): PlainCases {
  return [
    { name: "a matrix", attrs: {}, inputs: [uniform([5, 7], low, high)] },
    { name: "a scalar", attrs: {}, inputs: [uniform([], low, high, "scalar")] },
    { name: "an empty axis", attrs: {}, inputs: [float([3, 0], [])] },
    { name: "rank 4", attrs: {}, inputs: [uniform([2, 1, 3, 2], low, high, "rank 4")] },
    { name: `special numbers ${special.join(" ")}`, attrs: {}, inputs: [floats(...special)] },
  ];
}

/** Each element type cast to another, over numbers that both can hold (bool apart). */
const casts: readonly CaseOf<"cast">[] = dtypes.flatMap((from) =>
  dtypes.map((to): CaseOf<"cast"> => {
    const unsigned = [from, to].some((dtype) => dtype.startsWith("uint"));
    const numbers = from === "bool" ? [0, 1, 1] : unsigned ? [0, 1, 2, 200] : [0, 1, -2, 100, -77];
    return { name: `${from} to ${to}`, attrs: { dtype: to }, inputs: [hostValue(from, [numbers.length], numbers)] };
  }),
);

export const elementwiseCases: Pick<ConformanceCases, keyof typeof elementwise> = {
  add: arithmetic(),
  sub: arithmetic(),
  mul: arithmetic(),
  div: division,
  maximum: ordering(),
  minimum: ordering(),
  less: ordering(),
  equal: ordering(),
  neg: unary(-5, 5, [0, -0, inf, -inf, nan, largest]),
  abs: unary(-5, 5, [0, -0, inf, -inf, nan, -largest]),
  sign: unary(-5, 5, [0, -0, inf, -inf, 1e-30, -1e-30]),
  exp: unary(-5, 5, [0, -0, -inf, inf, nan, 1, -80, 88, 100, -200]),
  log: unary(0.01, 10, [1, 0, -0, inf, -1, nan, 1e-30, 1e30]),
  sqrt: unary(0, 10, [0, 1, 4, inf, -1, nan, 1e-30, 1e30]),
  sin: unary(-7, 7, [0, Math.PI / 2, Math.PI, -0.5, 30, nan]),
  cos: unary(-7, 7, [0, Math.PI / 2, Math.PI, -0.5, 30, nan]),
  tanh: unary(-4, 4, [0, -0, inf, -inf, nan, 1e-4, -20, 20, 100]),
  sigmoid: unary(-6, 6, [0, inf, -inf, nan, -80, 80, -1000, 1000]),
  softplus: unary(-6, 6, [0, inf, -inf, nan, -80, 80, 1000, -1000]),
  erf: unary(-3, 3, [0, -0, inf, -inf, nan, 1e-4, -0.5, 1, 6, -20]),
  relu: unary(-3, 3, [0, -0, inf, -inf, nan, 1e-30]),
  where: [
    { name: "all of one shape", attrs: {}, inputs: [bools([3, 4]), uniform([3, 4]), spread([3, 4])] },
    { name: "all three broadcast", attrs: {}, inputs: [bools([3, 1, 1]), uniform([2, 1]), spread([5])] },
    { name: "a scalar condition", attrs: {}, inputs: [bools([]), uniform([2, 2]), spread([2, 2])] },
    { name: "scalar branches", attrs: {}, inputs: [bools([6]), float([], [1]), float([], [-1])] },
    { name: "an empty axis", attrs: {}, inputs: [bools([0, 2]), uniform([1, 2]), float([], [0])] },
    {
      name: "NaN and infinity stay where they are not chosen",
      attrs: {},
      inputs: [hostValue("bool", [4], [1, 0, 1, 0]), floats(1, nan, 2, inf), floats(nan, 3, -inf, nan)],
    },
    { name: "int32", attrs: {}, inputs: [bools([4]), integers("int32", [4], -9, 9), hostValue("int32", [], [7])] },
    {
      name: "int64",
      attrs: {},
      inputs: [bools([4]), integers("int64", [4], -9, 9), hostValue("int64", [], [2 ** 40])],
    },
  ],
  cast: [
    {
      name: "floats are truncated toward zero",
      attrs: { dtype: "int32" },
      inputs: [floats(1.9, -1.9, 0.5, -0.5, 1e9)],
    },
    { name: "floats to int64", attrs: { dtype: "int64" }, inputs: [floats(1.9, -1.9, 8589934592)] },
    { name: "floats to uint32", attrs: { dtype: "uint32" }, inputs: [floats(1.9, 0.5, 2147483648)] },
    { name: "every number but 0 is true", attrs: { dtype: "bool" }, inputs: [floats(0, -0, 0.25, -3, inf, 1e-30)] },
    { name: "a comparison's rank 0", attrs: { dtype: "float32" }, inputs: [hostValue("bool", [], [1])] },
    { name: "an empty axis", attrs: { dtype: "int32" }, inputs: [float([0, 2], [])] },
    ...casts,
  ],
  stopGradient: [
    { name: "float32", attrs: {}, inputs: [floats(1, nan, -inf)] },
    { name: "int64", attrs: {}, inputs: [integers("int64", [2, 2], -9, 9)] },
    { name: "bool", attrs: {}, inputs: [bools([5])] },
  ],
};
