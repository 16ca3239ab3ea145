/** Conformance cases of elementwise ops. */

import { type DType, dtypes, formatShape, type Shape } from "../../src/core/base/index.ts";
import type { elementwise } from "../../src/core/graph/ops/elementwise.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { bools, float, floats, halves, inf, integers, nan, spread, uniform } from "./cases-values.ts";

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

/** Quotients and remainders of integers: signs, and -1, by which the lowest number has no quotient but itself. */
function integerDivision(name: string): PlainCase[] {
  const lowest = -2147483648;
  return [
    integerPair(name, "int32", [7, -7, 7, -7, 2147483647, 1, 6, -6], [2, 2, -2, -2, 10, 3, 3, 3]),
    integerPair("by -1", "int32", [7, -7, 0, lowest, lowest], [-1, -1, -1, -1, 2]),
    {
      name: "int32: by the scalar -1",
      attrs: {},
      inputs: [hostValue("int32", [2], [lowest, 5]), hostValue("int32", [], [-1])],
    },
    integerPair(name, "int64", [9000000000, -9000000000, -1, 5], [7, 7, 2, -1]),
    integerPair(name, "uint32", [7, 4294967295, 4294967295, 5], [2, 2, 4294967295, 4294967295]),
    { name: "int32: a column by a row", attrs: {}, inputs: [integers("int32", [3, 1], -99, 99), column("int32", 4)] },
    { name: "int64: no rows", attrs: {}, inputs: [hostValue("int64", [0, 2], []), hostValue("int64", [], [3])] },
  ];
}

/** Whole numbers from 1 up as [1, count]. */
function column(dtype: DType, count: number): HostValue {
  return hostValue(
    dtype,
    [1, count],
    Array.from({ length: count }, (_, i) => i + 1),
  );
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
  ...integerDivision("toward zero"),
];

const remainder: PlainCases = [
  integerPair("the divisor's sign", "int32", [7, 7, -7, -7, 0, 3, -3], [5, -5, 5, -5, 3, 3, 3]),
  ...integerDivision("many"),
  integerPair("many", "uint8", [255, 7, 200, 0], [2, 8, 201, 3]),
  { name: "a scalar", attrs: {}, inputs: [hostValue("int64", [], [-5]), hostValue("int64", [], [3])] },
];

/** Bases and exponents whose powers IEEE 754 fixes; of -infinity and a fraction it says what no root does. */
const specialPowers = [nan, inf, 0, -0, 1, -1, 2, -2, 0.5, 3, -3];

const powers: PlainCases = [
  {
    name: "every pair of special numbers",
    attrs: {},
    inputs: [float([specialPowers.length, 1], specialPowers), float([1, specialPowers.length], specialPowers)],
  },
  floatPair("-infinity to whole numbers", [-inf, -inf, -inf, -inf, -inf], [2, 3, -2, -3, 0]),
  floatPair("negative bases", [-1.5, -1.5, -0.5, -8], [2, 3, -3, 1 / 3]),
  floatPair("too large and too small", [10, 10, 1e-20, -10], [39, -46, 2, 39]),
  ...broadcasts((shape, name) => (name === "a" ? uniform(shape, 0.1, 4, name) : uniform(shape, -3, 3, name))),
];

const logic: PlainCases = [
  { name: "bools: every pair", attrs: {}, inputs: [hostValue("bool", [2, 1], [0, 1]), hostValue("bool", [2], [0, 1])] },
  ...broadcasts(bools).map((one) => ({ ...one, name: `bools: ${one.name}` })),
  { name: "bools: a long row", attrs: {}, inputs: [bools([131], "a"), bools([131], "b")] },
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
    {
      name: "special numbers against one",
      attrs: {},
      inputs: [float([3, 5], [...special, ...special, ...special]), float([], [nan])],
    },
    integerPair("the limits", "uint32", uint32Limits, [...uint32Limits].reverse()),
    integerPair("beyond 32 bits", "int64", [4294967296, -4294967297, 5], [1, -1, 5]),
    integerPair("the limits", "uint8", [0, 255, 7, 128], [255, 0, 7, 127]),
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
    // Vector instructions take most of a long row, and other code its end.
    { name: "special numbers in a long row", attrs: {}, inputs: [repeated(special, 67)] },
  ];
}

function repeated(numbers: readonly number[], count: number): HostValue {
  return floats(...Array.from({ length: count }, (_, i) => numbers[i % numbers.length]));
}

/** The same cases for an op with an attribute, once for each of its values. */
function unaryWith<A>(cases: readonly PlainCase[], values: readonly A[]): [WithAttrs<A>, ...WithAttrs<A>[]] {
  const [first, ...rest] = values.flatMap((attrs) =>
    cases.map((one) => ({ ...one, name: `${one.name}, ${JSON.stringify(attrs)}`, attrs })),
  );
  return [first, ...rest];
}

interface WithAttrs<A> {
  readonly name: string;
  readonly attrs: A;
  readonly inputs: readonly HostValue[];
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
  mod: remainder,
  pow: powers,
  maximum: ordering(),
  minimum: ordering(),
  less: ordering(),
  lessEqual: ordering(),
  equal: [...ordering(), ...logic],
  and: logic,
  or: logic,
  not: [
    { name: "a matrix", attrs: {}, inputs: [bools([5, 7])] },
    { name: "a scalar", attrs: {}, inputs: [hostValue("bool", [], [0])] },
    { name: "an empty axis", attrs: {}, inputs: [bools([3, 0])] },
  ],
  neg: unary(-5, 5, [0, -0, inf, -inf, nan, largest]),
  abs: unary(-5, 5, [0, -0, inf, -inf, nan, -largest]),
  sign: unary(-5, 5, [0, -0, inf, -inf, nan, 1e-30, -1e-30, 1.2e-38, largest, -largest]),
  floor: unary(-5, 5, [0, -0, inf, -inf, nan, 0.5, -0.5, -1e-30, 1e-30, 8388607.5, -8388607.5, largest]),
  round: unary(-5, 5, [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997, 4194304.5, 8388609, inf, -inf, nan, -0, largest]),
  exp: unary(-5, 5, [0, -0, -inf, inf, nan, 1, -80, 88, 100, -200]),
  expm1: unary(-5, 5, [0, -0, -inf, inf, nan, 1e-4, -1e-4, 1e-10, -1e-10, -20, 88, 100, -200]),
  log: unary(0.01, 10, [1, 0, -0, inf, -1, nan, 1e-30, 1e30]),
  log1p: unary(-0.9, 10, [0, -0, inf, -inf, nan, -1, -2, -0.9999999, 1e-4, -1e-4, 1e-10, -1e-10, 1e7, 1e30, largest]),
  sqrt: unary(0, 10, [0, 1, 4, inf, -1, nan, 1e-30, 1e30]),
  sin: unary(-7, 7, [0, Math.PI / 2, Math.PI, -0.5, 30, nan]),
  cos: unary(-7, 7, [0, Math.PI / 2, Math.PI, -0.5, 30, nan]),
  tanh: unary(-4, 4, [0, -0, inf, -inf, nan, 1e-4, -20, 20, 100]),
  sigmoid: unary(-6, 6, [0, inf, -inf, nan, -80, 80, -1000, 1000]),
  softplus: unary(-6, 6, [0, inf, -inf, nan, -80, 80, 1000, -1000]),
  erf: unary(-3, 3, [0, -0, inf, -inf, nan, 1e-4, -0.5, 1, 6, -20]),
  relu: unary(-3, 3, [0, -0, inf, -inf, nan, 1e-30]),
  leakyRelu: unaryWith(unary(-3, 3, [0, -0, inf, -inf, nan, 1e-30, -1e-30]), [{ slope: 0.01 }, { slope: 1 }]),
  elu: unaryWith(unary(-3, 3, [0, -0, inf, -inf, nan, 1e-4, -1e-4, 100, -100]), [{ alpha: 1 }, { alpha: 0.5 }]),
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
    ...(["int32", "uint32", "uint8", "bool", "float16"] as const).map((dtype) => ({
      name: dtype,
      attrs: {},
      inputs: [bools([4, 1]), integers(dtype, [4, 3], 0, 2), hostValue(dtype, [], [1])],
    })),
    {
      name: "uint32 beyond int32",
      attrs: {},
      inputs: [bools([6]), column("uint32", 6), hostValue("uint32", [], [4294967295])],
    },
    { name: "no bools", attrs: {}, inputs: [bools([0, 2]), bools([1, 2]), bools([])] },
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
    {
      name: "float16 rounds to the nearest, halves to even",
      attrs: { dtype: "float16" },
      inputs: [
        floats(
          0.1,
          1 + 2 ** -11,
          1 + 3 * 2 ** -11,
          65519,
          65520,
          -1e30,
          2 ** -24,
          2 ** -25,
          1.1 * 2 ** -25,
          -0,
          nan,
          inf,
        ),
      ],
    },
    {
      name: "float16 comes back exactly",
      attrs: { dtype: "float32" },
      inputs: [hostValue("float16", [8], [65504, 2 ** -14, 2 ** -24, -0, nan, -inf, 0.0999755859375, 1023 * 2 ** -24])],
    },
    { name: "a comparison's rank 0", attrs: { dtype: "float32" }, inputs: [hostValue("bool", [], [1])] },
    { name: "an empty axis", attrs: { dtype: "int32" }, inputs: [float([0, 2], [])] },
    ...casts,
  ],
  stopGradient: [
    { name: "float32", attrs: {}, inputs: [floats(1, nan, -inf)] },
    { name: "int64", attrs: {}, inputs: [integers("int64", [2, 2], -9, 9)] },
    { name: "bool", attrs: {}, inputs: [bools([5])] },
    { name: "float16", attrs: {}, inputs: [halves([5])] },
  ],
};
