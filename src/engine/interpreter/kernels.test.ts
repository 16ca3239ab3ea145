import { describe, expect, test } from "vitest";
import { type DType, foldKey, keyFromSeed, randomBits, randomUniform, type Shape } from "../../core/base/index.ts";
import { type AttrsOf, constantValue, emitValue, type OpName } from "../../core/graph/index.ts";
import { evaluateNode } from "./interpret.ts";
import { type HostValue, hostValue } from "./value.ts";

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: negInf } = Number;

/** Evaluates one op; the expected numbers in these tests were computed by hand. */
function evaluate<N extends OpName>(op: N, inputs: readonly HostValue[], attrs: AttrsOf<N>): HostValue {
  const values = inputs.map(({ dtype, shape, data }) => constantValue(dtype, shape, data));
  return evaluateNode(emitValue(op, values, attrs).node, inputs)[0];
}

function float(shape: Shape, numbers: readonly number[]): HostValue {
  return hostValue("float32", shape, numbers);
}

function vector(...numbers: number[]): HostValue {
  return float([numbers.length], numbers);
}

function numbersOf(value: HostValue): number[] {
  return [...value.data];
}

type PlainOp = { [N in OpName]: AttrsOf<N> extends Record<string, never> ? N : never }[OpName];

function compute(op: PlainOp, ...inputs: HostValue[]): number[] {
  return numbersOf(evaluate(op, inputs, {}));
}

function computeInt(op: PlainOp, dtype: DType, a: readonly number[], b: readonly number[]): number[] {
  return compute(op, hostValue(dtype, [a.length], a), hostValue(dtype, [b.length], b));
}

describe("broadcasting", () => {
  test("both operands grow", () => {
    const sum = evaluate("add", [float([2, 1], [10, 20]), float([3], [1, 2, 3])], {});
    expect(sum).toEqual(float([2, 3], [11, 12, 13, 21, 22, 23]));
  });
  test("a scalar with a scalar, with an empty axis, and size 1 with size 0", () => {
    expect(evaluate("mul", [float([], [3]), float([], [4])], {})).toEqual(float([], [12]));
    expect(evaluate("mul", [float([], [3]), float([2, 0], [])], {})).toEqual(float([2, 0], []));
    expect(evaluate("sub", [float([1, 3], [1, 2, 3]), float([0, 3], [])], {})).toEqual(float([0, 3], []));
  });
  test("an inner axis of size 1", () => {
    const product = evaluate("mul", [float([2, 1, 2], [1, 2, 3, 4]), float([1, 2, 1], [10, 100])], {});
    expect(product).toEqual(float([2, 2, 2], [10, 20, 100, 200, 30, 40, 300, 400]));
  });
});

describe("arithmetic", () => {
  test("floats follow IEEE 754", () => {
    expect(compute("add", vector(inf, inf, nan, 0.5), vector(1, negInf, 1, 0.25))).toEqual([inf, nan, nan, 0.75]);
    expect(compute("sub", vector(1, inf), vector(3, inf))).toEqual([-2, nan]);
    expect(compute("mul", vector(0, -2, 3), vector(inf, inf, -0.5))).toEqual([nan, negInf, -1.5]);
    expect(compute("div", vector(1, -1, 0, 7), vector(0, 0, 0, 2))).toEqual([inf, negInf, nan, 3.5]);
  });
  test("int32 wraps, multiplies exactly and divides toward zero", () => {
    expect(computeInt("add", "int32", [2147483647, -5], [1, 3])).toEqual([-2147483648, -2]);
    expect(computeInt("sub", "int32", [-2147483648], [1])).toEqual([2147483647]);
    // 123456789 * 987654321 = 121932631112635269 = -67153019 modulo 2^32.
    expect(computeInt("mul", "int32", [123456789, -3], [987654321, 0])).toEqual([-67153019, 0]);
    expect(computeInt("div", "int32", [7, -7, 7, 2147483647], [2, 2, -2, 3])).toEqual([3, -3, -3, 715827882]);
  });
  test("uint32 wraps from 0 to 2^32 - 1", () => {
    expect(computeInt("sub", "uint32", [0], [1])).toEqual([4294967295]);
    expect(computeInt("add", "uint32", [4294967295], [2])).toEqual([1]);
    expect(computeInt("mul", "uint32", [123456789], [987654321])).toEqual([4227814277]);
    expect(computeInt("div", "uint32", [4294967295], [2])).toEqual([2147483647]);
  });
  test("int64 goes beyond 32 bits and has no -0", () => {
    expect(computeInt("add", "int64", [4294967296], [4294967296])).toEqual([8589934592]);
    expect(computeInt("mul", "int64", [3000000000, -1], [2, 0])).toEqual([6000000000, 0]);
    expect(computeInt("div", "int64", [-9, -1], [4, 2])).toEqual([-2, 0]);
  });
  test("maximum and minimum: NaN wins, infinities and ties", () => {
    const [a, b] = [vector(1, nan, negInf, 2, 5), vector(nan, 1, 3, 2, inf)];
    expect(compute("maximum", a, b)).toEqual([nan, nan, 3, 2, inf]);
    expect(compute("minimum", a, b)).toEqual([nan, nan, negInf, 2, 5]);
    expect(computeInt("maximum", "int32", [-3, 4], [-5, 9])).toEqual([-3, 9]);
  });
  test("mod has the divisor's sign", () => {
    expect(computeInt("mod", "int32", [7, -7, 7, -7, 6, -6], [3, 3, -3, -3, 3, -3])).toEqual([1, 2, -2, -1, 0, 0]);
    expect(computeInt("mod", "int64", [-1, 9007199254740991], [4294967296, 10])).toEqual([4294967295, 1]);
    expect(computeInt("mod", "uint32", [4294967295], [7])).toEqual([3]);
  });
  test("pow is IEEE 754's", () => {
    expect(compute("pow", vector(2, 9, -2, 0.5), vector(10, 0.5, 3, -2))).toEqual([1024, 3, -8, 4]);
    expect(compute("pow", vector(1, 1, -1, nan), vector(nan, inf, negInf, 0))).toEqual([1, 1, 1, 1]);
    expect(compute("pow", vector(-8, 0, -0, 0, inf), vector(1 / 3, -1, -3, 0, -1))).toEqual([nan, inf, negInf, 1, 0]);
  });
  test("bools together", () => {
    const [a, b] = [hostValue("bool", [4], [0, 0, 1, 1]), hostValue("bool", [4], [0, 1, 0, 1])];
    expect(compute("and", a, b)).toEqual([0, 0, 0, 1]);
    expect(compute("or", a, b)).toEqual([0, 1, 1, 1]);
    expect(compute("equal", a, b)).toEqual([1, 0, 0, 1]);
    expect(evaluate("not", [a], {})).toEqual(hostValue("bool", [4], [1, 1, 0, 0]));
  });
  test("less, lessEqual and equal: NaN compares false, 0 equals -0, the result is bool", () => {
    const [a, b] = [vector(1, 2, nan, 0, negInf), vector(2, 2, nan, -0, inf)];
    expect(compute("less", a, b)).toEqual([1, 0, 0, 0, 1]);
    expect(compute("lessEqual", a, b)).toEqual([1, 1, 0, 1, 1]);
    expect(compute("equal", a, b)).toEqual([0, 1, 0, 1, 0]);
    expect(evaluate("less", [a, b], {}).dtype).toBe("bool");
    expect(computeInt("less", "uint32", [4294967295], [1])).toEqual([0]);
  });
});

describe("functions of one number", () => {
  test("neg, abs, sign, relu, sqrt", () => {
    const x = vector(-2, -0, 0, 4, negInf, nan);
    expect(compute("neg", x)).toEqual([2, 0, -0, -4, inf, nan]);
    expect(compute("abs", x)).toEqual([2, 0, 0, 4, inf, nan]);
    expect(compute("sign", x)).toEqual([-1, -0, 0, 1, -1, nan]);
    expect(compute("relu", x)).toEqual([0, 0, 0, 4, 0, nan]);
    expect(compute("sqrt", vector(9, 0, 2.25, inf, -1))).toEqual([3, 0, 1.5, inf, nan]);
  });
  test("exp and log", () => {
    expect(compute("exp", vector(0, 1, negInf, inf, 1000))).toEqual([1, Math.E, 0, inf, inf]);
    expect(compute("log", vector(1, Math.E, 0, inf, -1))).toEqual([0, 1, negInf, inf, nan]);
  });
  test("floor, and round with halves to even", () => {
    expect(compute("floor", vector(1.5, -1.5, -0.25, inf, nan))).toEqual([1, -2, -1, inf, nan]);
    const halves = vector(0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, 2.6, nan, negInf, 0.49999999999999994);
    expect(compute("round", halves)).toEqual([0, 2, 2, -0, -2, -2, 2, 3, nan, negInf, 0]);
  });
  test("expm1 and log1p keep what is small", () => {
    expect(compute("expm1", vector(1e-20, negInf, inf, nan))).toEqual([1e-20, -1, inf, nan]);
    expect(compute("log1p", vector(1e-20, -1, inf, -2, nan))).toEqual([1e-20, negInf, inf, nan, nan]);
  });
  test("leakyRelu and elu", () => {
    expect(evaluate("leakyRelu", [vector(-2, 0, 3, nan)], { slope: 0.25 })).toEqual(vector(-0.5, 0, 3, nan));
    expect(evaluate("elu", [vector(negInf, 0, 3, nan)], { alpha: 2 })).toEqual(vector(-2, 0, 3, nan));
  });
  test("sin, cos and tanh", () => {
    expect(compute("sin", vector(0, Math.PI / 6))[1]).toBeCloseTo(0.5, 15);
    expect(compute("cos", vector(0, Math.PI / 3))[1]).toBeCloseTo(0.5, 15);
    expect(compute("tanh", vector(0, inf, -1000, Math.log(3)))[3]).toBeCloseTo(0.8, 15);
    expect(compute("tanh", vector(inf, -1000))).toEqual([1, -1]);
  });
  test("sigmoid neither overflows nor loses the left tail", () => {
    const [low, far, middle, three, high] = compute("sigmoid", vector(-40, -1000, 0, Math.log(3), 1000));
    expect(low / Math.exp(-40)).toBeCloseTo(1, 15);
    expect([far, middle, high]).toEqual([0, 0.5, 1]);
    expect(three).toBeCloseTo(0.75, 15);
  });
  test("softplus neither overflows nor loses the left tail", () => {
    const [zero, high, low, far] = compute("softplus", vector(0, 1000, -40, negInf));
    expect(zero).toBe(Math.LN2);
    expect(high).toBe(1000);
    expect(low / Math.exp(-40)).toBeCloseTo(1, 15);
    expect(far).toBe(0);
  });
  test("erf goes elementwise", () => {
    expect(compute("erf", vector(0, inf, negInf))).toEqual([0, 1, -1]);
  });
  test("rank 0 and empty values keep their shape", () => {
    expect(evaluate("exp", [float([], [0])], {})).toEqual(float([], [1]));
    expect(evaluate("exp", [float([3, 0], [])], {})).toEqual(float([3, 0], []));
  });
});

describe("where, cast, stopGradient", () => {
  test("where broadcasts all three and does not mix in what is not chosen", () => {
    const chosen = evaluate("where", [hostValue("bool", [2, 1], [1, 0]), vector(1, 2), float([], [nan])], {});
    expect(chosen).toEqual(float([2, 2], [1, 2, nan, nan]));
  });
  test("casts truncate toward zero and wrap", () => {
    const cast = (x: HostValue, dtype: DType): number[] => numbersOf(evaluate("cast", [x], { dtype }));
    expect(cast(vector(2.9, -2.9, -0.5), "int32")).toEqual([2, -2, 0]);
    expect(cast(vector(2.9, -2.9, 5e9), "int64")).toEqual([2, -2, 5e9]);
    expect(cast(vector(0, -0, 0.25, nan, -3), "bool")).toEqual([0, 0, 1, 1, 1]);
    expect(cast(hostValue("int64", [2], [4294967297, -1]), "int32")).toEqual([1, -1]);
    expect(cast(hostValue("int32", [2], [-1, 7]), "uint32")).toEqual([4294967295, 7]);
    expect(cast(hostValue("uint32", [1], [300]), "uint8")).toEqual([44]);
    expect(cast(hostValue("bool", [2], [1, 0]), "float32")).toEqual([1, 0]);
    expect(cast(vector(0.1, 65520, -1e-9, nan), "float16")).toEqual([0.0999755859375, inf, -0, nan]);
    expect(cast(hostValue("float16", [2], [-2.5, 1e-7]), "int32")).toEqual([-2, 0]);
  });
  test("stopGradient changes nothing", () => {
    expect(compute("stopGradient", vector(1, nan))).toEqual([1, nan]);
  });
});

describe("layout", () => {
  const x = float([2, 3], [1, 2, 3, 4, 5, 6]);

  test("reshape", () => {
    expect(evaluate("reshape", [x], { shape: [3, 1, 2] })).toEqual(float([3, 1, 2], [1, 2, 3, 4, 5, 6]));
    expect(evaluate("reshape", [float([1], [7])], { shape: [] })).toEqual(float([], [7]));
  });
  test("transpose: output axis i is input axis permutation[i]", () => {
    expect(evaluate("transpose", [x], { permutation: [1, 0] })).toEqual(float([3, 2], [1, 4, 2, 5, 3, 6]));
    const cube = float([2, 1, 3], [1, 2, 3, 4, 5, 6]);
    const turned = evaluate("transpose", [cube], { permutation: [2, 0, 1] });
    expect(turned).toEqual(float([3, 2, 1], [1, 4, 2, 5, 3, 6]));
    expect(evaluate("transpose", [float([], [1])], { permutation: [] })).toEqual(float([], [1]));
  });
  test("expand", () => {
    expect(evaluate("expand", [float([2, 1], [1, 2])], { shape: [2, 2, 2] }).data).toEqual(
      Float64Array.of(1, 1, 2, 2, 1, 1, 2, 2),
    );
    expect(evaluate("expand", [float([1], [1])], { shape: [0] })).toEqual(float([0], []));
  });
  test("slice", () => {
    expect(evaluate("slice", [x], { starts: [1, 1], sizes: [1, 2] })).toEqual(float([1, 2], [5, 6]));
    expect(evaluate("slice", [x], { starts: [2, 0], sizes: [0, 3] })).toEqual(float([0, 3], []));
    expect(evaluate("slice", [x], { starts: [0, 0], sizes: [2, 2], steps: [1, 2] })).toEqual(
      float([2, 2], [1, 3, 4, 6]),
    );
  });
  test("reverse", () => {
    expect(evaluate("reverse", [x], { axes: [1] })).toEqual(float([2, 3], [3, 2, 1, 6, 5, 4]));
    expect(evaluate("reverse", [x], { axes: [0, 1] })).toEqual(float([2, 3], [6, 5, 4, 3, 2, 1]));
    expect(evaluate("reverse", [x], { axes: [] })).toEqual(x);
  });
  test("pad", () => {
    const padded = evaluate("pad", [vector(1, 2)], { low: [1], high: [2] });
    expect(padded).toEqual(vector(0, 1, 2, 0, 0));
    expect(evaluate("pad", [float([0, 1], [])], { low: [1, 0], high: [0, 1] })).toEqual(float([1, 2], [0, 0]));
    expect(evaluate("pad", [vector(1)], { low: [1], high: [1], value: -2 })).toEqual(vector(-2, 1, -2));
    const word = hostValue("bool", [2], [1, 0]);
    expect(evaluate("pad", [word], { low: [0], high: [1], value: 1 })).toEqual(hostValue("bool", [3], [1, 0, 1]));
  });
  test("pad from the tensor itself", () => {
    const reflected = evaluate("pad", [vector(1, 2, 3)], { low: [2], high: [1], mode: "reflect" });
    expect(reflected).toEqual(vector(3, 2, 1, 2, 3, 2));
    const repeated = evaluate("pad", [vector(1, 2, 3)], { low: [2], high: [1], mode: "edge" });
    expect(repeated).toEqual(vector(1, 1, 1, 2, 3, 3));
    const around = evaluate("pad", [float([2, 2], [1, 2, 3, 4])], { low: [1, 0], high: [0, 1], mode: "reflect" });
    expect(around).toEqual(float([3, 3], [3, 4, 3, 1, 2, 1, 3, 4, 3]));
  });
  test("concat", () => {
    const joined = evaluate("concat", [x, float([2, 0], []), float([2, 1], [7, 8])], { axis: 1 });
    expect(joined).toEqual(float([2, 4], [1, 2, 3, 7, 4, 5, 6, 8]));
  });
  test("gather puts the axes of the indices in place of the axis", () => {
    const indices = hostValue("int32", [2, 2], [2, 0, 1, 1]);
    expect(evaluate("gather", [x, indices], { axis: 1 })).toEqual(float([2, 2, 2], [3, 1, 2, 2, 6, 4, 5, 5]));
    expect(evaluate("gather", [x, hostValue("int64", [], [1])], { axis: 0 })).toEqual(vector(4, 5, 6));
  });
  test("scatterAdd adds up duplicates", () => {
    const indices = hostValue("int32", [3], [1, 1, 3]);
    const sum = evaluate("scatterAdd", [float([3, 2], [1, 2, 10, 20, 5, 6]), indices], { axis: 0, size: 4 });
    expect(sum).toEqual(float([4, 2], [0, 0, 11, 22, 0, 0, 5, 6]));
    const placed = evaluate("scatterAdd", [vector(4, 5), hostValue("int64", [], [1])], { axis: 1, size: 2 });
    expect(placed).toEqual(float([2, 2], [0, 4, 0, 5]));
  });
  test("takeAlongAxis and its transpose", () => {
    const indices = hostValue("int32", [2, 2], [2, 0, -1, -1]);
    expect(evaluate("takeAlongAxis", [x, indices], { axis: 1 })).toEqual(float([2, 2], [3, 1, 6, 6]));
    const placed = evaluate("scatterAddAlongAxis", [float([2, 2], [1, 2, 3, 4]), indices], { axis: 1, size: 3 });
    expect(placed).toEqual(float([2, 3], [2, 0, 1, 0, 0, 7]));
    const rows = hostValue("int64", [1, 3], [1, 0, 1]);
    expect(evaluate("takeAlongAxis", [x, rows], { axis: 0 })).toEqual(float([1, 3], [4, 2, 6]));
  });
  test("dynamicSlice and dynamicUpdateSlice move a start inside", () => {
    const at = (start: number): HostValue => hostValue("int64", [], [start]);
    const taken = (start: number): HostValue => evaluate("dynamicSlice", [x, at(start)], { axis: 1, size: 2 });
    expect(taken(1)).toEqual(float([2, 2], [2, 3, 5, 6]));
    expect(taken(2)).toEqual(taken(1));
    expect(taken(-1)).toEqual(float([2, 2], [1, 2, 4, 5]));
    const put = (start: number): HostValue =>
      evaluate("dynamicUpdateSlice", [x, float([2, 1], [7, 8]), at(start)], { axis: 1 });
    expect(put(1)).toEqual(float([2, 3], [1, 7, 3, 4, 8, 6]));
    expect(put(5)).toEqual(float([2, 3], [1, 2, 7, 4, 5, 8]));
  });
  test("indices count from the end where negative; others are an error", () => {
    const last = hostValue("int32", [1], [-1]);
    expect(evaluate("gather", [x, last], { axis: 1 })).toEqual(float([2, 1], [3, 6]));
    expect(evaluate("scatterAdd", [vector(5), last], { axis: 0, size: 2 })).toEqual(vector(0, 5));
    for (const outside of [2, -3]) {
      const index = hostValue("int32", [1], [outside]);
      const message = `interpreter: index ${outside}; it must lie within -2 to 1`;
      expect(() => evaluate("gather", [x, index], { axis: 0 })).toThrow(message);
      expect(() => evaluate("scatterAdd", [vector(1), index], { axis: 0, size: 2 })).toThrow(message);
    }
  });
});

describe("reductions", () => {
  const x = float([2, 1, 3], [1, 2, 3, 4, 5, -6]);

  test("reduceSum over none, some and all axes", () => {
    expect(evaluate("reduceSum", [x], { axes: [], keepDims: false })).toEqual(x);
    expect(evaluate("reduceSum", [x], { axes: [0], keepDims: false })).toEqual(float([1, 3], [5, 7, -3]));
    expect(evaluate("reduceSum", [x], { axes: [0, 2], keepDims: true })).toEqual(float([1, 1, 1], [9]));
    expect(evaluate("reduceSum", [x], { axes: [0, 1, 2], keepDims: false })).toEqual(float([], [9]));
    expect(evaluate("reduceSum", [float([2, 0], [])], { axes: [1], keepDims: false })).toEqual(vector(0, 0));
  });
  test("integer sums wrap", () => {
    const wide = hostValue("int32", [2], [2147483647, 1]);
    expect(numbersOf(evaluate("reduceSum", [wide], { axes: [0], keepDims: false }))).toEqual([-2147483648]);
    const wider = hostValue("int64", [2], [2147483647, 1]);
    expect(numbersOf(evaluate("reduceSum", [wider], { axes: [0], keepDims: false }))).toEqual([2147483648]);
  });
  test("reduceMax", () => {
    expect(evaluate("reduceMax", [x], { axes: [2], keepDims: true })).toEqual(float([2, 1, 1], [3, 5]));
    expect(numbersOf(evaluate("reduceMax", [vector(negInf, negInf)], { axes: [0], keepDims: false }))).toEqual([
      negInf,
    ]);
    expect(numbersOf(evaluate("reduceMax", [vector(1, nan)], { axes: [0], keepDims: false }))).toEqual([nan]);
  });
  test("reduceMin", () => {
    expect(evaluate("reduceMin", [x], { axes: [2], keepDims: true })).toEqual(float([2, 1, 1], [1, -6]));
    expect(numbersOf(evaluate("reduceMin", [vector(1, nan)], { axes: [0], keepDims: false }))).toEqual([nan]);
    const flags = hostValue("bool", [2, 2], [1, 0, 1, 1]);
    expect(evaluate("reduceMin", [flags], { axes: [1], keepDims: false })).toEqual(hostValue("bool", [2], [0, 1]));
  });
  test("cumulativeSum in both directions, with and without the element itself", () => {
    const sums = (reverse: boolean, exclusive: boolean): HostValue =>
      evaluate("cumulativeSum", [float([2, 3], [1, 2, 3, 10, 20, 30])], { axis: 1, reverse, exclusive });
    expect(sums(false, false)).toEqual(float([2, 3], [1, 3, 6, 10, 30, 60]));
    expect(sums(true, false)).toEqual(float([2, 3], [6, 5, 3, 60, 50, 30]));
    expect(sums(false, true)).toEqual(float([2, 3], [0, 1, 3, 0, 10, 30]));
    expect(sums(true, true)).toEqual(float([2, 3], [5, 3, 0, 50, 30, 0]));
    const wide = hostValue("int32", [2], [2147483647, 1]);
    const wrapped = evaluate("cumulativeSum", [wide], { axis: 0, reverse: false, exclusive: false });
    expect(numbersOf(wrapped)).toEqual([2147483647, -2147483648]);
  });
  test("topK: both ends, the first of equals first", () => {
    const ends = (attrs: AttrsOf<"topK">, y: HostValue): readonly HostValue[] => {
      const value = constantValue(y.dtype, y.shape, y.data);
      return evaluateNode(emitValue("topK", [value], attrs).node, [y]);
    };
    const y = float([2, 3], [5, 1, 5, 2, 9, 2]);
    expect(ends({ axis: 1, k: 2, largest: true }, y)).toEqual([
      float([2, 2], [5, 5, 9, 2]),
      hostValue("int64", [2, 2], [0, 2, 1, 0]),
    ]);
    expect(ends({ axis: 1, k: 2, largest: false }, y)).toEqual([
      float([2, 2], [1, 5, 2, 2]),
      hostValue("int64", [2, 2], [1, 0, 0, 2]),
    ]);
    expect(ends({ axis: 0, k: 1, largest: true }, y)).toEqual([
      float([1, 3], [5, 9, 5]),
      hostValue("int64", [1, 3], [0, 1, 0]),
    ]);
  });
  test("argMin takes the first of equals", () => {
    const indices = evaluate("argMin", [float([2, 3], [4, 1, 1, -2, -1, -2])], { axis: 1 });
    expect(indices).toEqual(hostValue("int64", [2], [1, 0]));
  });
  test("argMax takes the first of equals", () => {
    const indices = evaluate("argMax", [float([2, 3], [1, 4, 4, -1, -1, -2])], { axis: 1 });
    expect(indices).toEqual(hostValue("int64", [2], [1, 0]));
    expect(evaluate("argMax", [float([2, 3], [1, 4, 4, -1, 5, -2])], { axis: 0 }).data).toEqual(
      Float64Array.of(0, 1, 0),
    );
  });
});

describe("triangularSolve", () => {
  const plain = { lower: true, transpose: false, unitDiagonal: false };
  const a = float([2, 2], [2, nan, 3, 4]);

  test("reads one triangle, transposed or not", () => {
    // 2x = 4, 3x + 4y = 8.
    expect(evaluate("triangularSolve", [a, float([2, 1], [4, 8])], plain)).toEqual(float([2, 1], [2, 0.5]));
    // 4y = 8, 2x + 3y = 4.
    const transposed = evaluate("triangularSolve", [a, float([2, 1], [4, 8])], { ...plain, transpose: true });
    expect(transposed).toEqual(float([2, 1], [-1, 2]));
    const upper = float([2, 2], [2, 3, nan, 4]);
    const attrs = { ...plain, lower: false };
    expect(evaluate("triangularSolve", [upper, float([2, 1], [4, 8])], attrs)).toEqual(transposed);
  });
  test("takes the diagonal for 1 where asked", () => {
    const attrs = { ...plain, unitDiagonal: true };
    const ones = float([2, 2], [nan, nan, 3, nan]);
    expect(evaluate("triangularSolve", [ones, float([2, 2], [1, 2, 3, 4])], attrs)).toEqual(
      float([2, 2], [1, 2, 0, -2]),
    );
  });
  test("broadcasts leading axes", () => {
    const stack = float([2, 1, 1], [2, 4]);
    expect(evaluate("triangularSolve", [stack, float([1, 2], [8, 4])], plain)).toEqual(float([2, 1, 2], [4, 2, 2, 1]));
  });
});

describe("matmul", () => {
  const plain = { transposeA: false, transposeB: false, alpha: 1 };
  const a = float([2, 3], [1, 2, 3, 4, 5, 6]);
  const product = float([2, 2], [4, 5, 10, 11]);

  test("every transpose gives the same product", () => {
    const b = float([3, 2], [1, 0, 0, 1, 1, 1]);
    const [flippedA, flippedB] = [a, b].map((x) => evaluate("transpose", [x], { permutation: [1, 0] }));
    expect(evaluate("matmul", [a, b], plain)).toEqual(product);
    expect(evaluate("matmul", [flippedA, b], { ...plain, transposeA: true })).toEqual(product);
    expect(evaluate("matmul", [a, flippedB], { ...plain, transposeB: true })).toEqual(product);
    expect(evaluate("matmul", [flippedA, flippedB], { transposeA: true, transposeB: true, alpha: 1 })).toEqual(product);
  });
  test("alpha scales", () => {
    const halves = evaluate("matmul", [a, float([3, 1], [2, 2, 2])], { ...plain, alpha: 0.5 });
    expect(halves).toEqual(float([2, 1], [6, 15]));
  });
  test("leading axes broadcast", () => {
    const stackA = float([2, 1, 1, 2], [1, 2, 3, 4]);
    const stackB = float([3, 2, 1], [1, 0, 0, 1, 1, 1]);
    expect(evaluate("matmul", [stackA, stackB], plain)).toEqual(float([2, 3, 1, 1], [1, 2, 3, 3, 4, 7]));
  });
  test("an inner size of 0 gives zeros", () => {
    expect(evaluate("matmul", [float([2, 0], []), float([0, 1], [])], plain)).toEqual(float([2, 1], [0, 0]));
  });
});

describe("convolutions", () => {
  const image = float([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const plain = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;

  test("cross-correlation does not flip the kernel", () => {
    const weight = float([1, 1, 2, 2], [1, 0, 0, 2]);
    expect(evaluate("conv2d", [image, weight], plain)).toEqual(float([1, 1, 2, 2], [11, 14, 20, 23]));
  });
  test("stride, uneven padding and dilation", () => {
    const weight = float([1, 1, 2, 2], [1, 2, 3, 4]);
    const attrs = { stride: [2, 1], padding: [1, 0, 0, 1], dilation: [1, 2], groups: 1 } as const;
    // Rows 0 and 2 of the padded image; columns at distance 2, the last one outside.
    expect(evaluate("conv2d", [image, weight], attrs)).toEqual(
      float([1, 1, 2, 2], [3 * 1 + 4 * 3, 3 * 2, 4 + 2 * 6 + 3 * 7 + 4 * 9, 5 + 3 * 8]),
    );
  });
  test("channels are summed, filters and batch are not", () => {
    const x = float([2, 2, 1, 1], [1, 2, 3, 4]);
    const weight = float([2, 2, 1, 1], [1, 10, 100, 1000]);
    expect(evaluate("conv2d", [x, weight], plain)).toEqual(float([2, 2, 1, 1], [21, 2100, 43, 4300]));
  });
  test("the gradient by the image spreads the kernel", () => {
    const gradient = float([1, 1, 2, 2], [1, 10, 100, 1000]);
    const weight = float([1, 1, 2, 2], [1, 2, 3, 4]);
    const spread = evaluate("conv2dInputGradient", [gradient, weight], { ...plain, size: [3, 3] });
    expect(spread).toEqual(float([1, 1, 3, 3], [1, 12, 20, 103, 1234, 2040, 300, 3400, 4000]));
    const strided = evaluate("conv2dInputGradient", [gradient, weight], { ...plain, stride: [2, 2], size: [5, 4] });
    expect(strided.shape).toEqual([1, 1, 5, 4]);
    expect([...strided.data.slice(0, 8)]).toEqual([1, 2, 10, 20, 3, 4, 30, 40]);
    expect([...strided.data.slice(16)]).toEqual([0, 0, 0, 0]);
  });
  test("the gradient by the weight correlates image and gradient", () => {
    const gradient = float([1, 1, 2, 2], [1, 0, 0, 1]);
    const byWeight = evaluate("conv2dWeightGradient", [image, gradient], { ...plain, size: [2, 2] });
    expect(byWeight).toEqual(float([1, 1, 2, 2], [6, 8, 12, 14]));
  });
});

describe("sources", () => {
  test("random numbers and keys are those of core/base/key", () => {
    const key = keyFromSeed(11);
    const keyValue = hostValue("uint32", [2], key);
    const uniform = evaluate("randomUniform", [keyValue], { shape: [2, 2], bits: 23 });
    // Two numbers of each word: the first ones of both words, then the second ones.
    expect(numbersOf(uniform)).toEqual([0, 2, 1, 3].map((i) => randomUniform(key, i)));
    expect(numbersOf(uniform).map(Math.fround)).toEqual(numbersOf(uniform));
    const folded = evaluate("foldKey", [keyValue, hostValue("uint32", [], [4000000000])], {});
    expect(numbersOf(folded)).toEqual(foldKey(key, 4000000000));
  });
  test("16 bits are both halves of 32", () => {
    const key = keyFromSeed(12);
    const keyValue = hostValue("uint32", [2], key);
    const [upper, lower] = [randomBits(key, 0), randomBits(key, 1)];
    const fields = [upper & 0xffff, lower & 0xffff, upper >>> 16, lower >>> 16];
    const uniform = evaluate("randomUniform", [keyValue], { shape: [4], bits: 16 });
    expect(numbersOf(uniform)).toEqual(fields.map((field) => (field + 0.5) / 65_536));
    const one = evaluate("randomBernoulli", [keyValue], { shape: [4], probability: (fields[1] + 1) / 65_536 });
    expect(numbersOf(one)).toEqual(fields.map((field) => Number(field <= fields[1])));
  });
  test("normal numbers are cosine and sine of one angle times a radius", () => {
    const key = keyFromSeed(13);
    const [upper, lower] = [randomBits(key, 0), randomBits(key, 1)];
    const [x, y] = numbersOf(evaluate("randomNormal", [hostValue("uint32", [2], key)], { shape: [2] }));
    expect(Math.exp(-(x * x + y * y) / 2)).toBeCloseTo((Math.floor(upper / 256) + 1) / 2 ** 24, 12);
    const turn = Math.atan2(y, x) / (2 * Math.PI);
    // As signed numbers, of 24 bits, from half a turn on.
    expect(turn < 0 ? turn + 1 : turn).toBeCloseTo(Math.fround(lower | 0) / 2 ** 32 + 0.5, 12);
  });
  test("constants of every type", () => {
    const data = BigInt64Array.of(-(2n ** 52n), 3n);
    expect(evaluate("constant", [], { dtype: "int64", shape: [2], data })).toEqual(
      hostValue("int64", [2], [-(2 ** 52), 3]),
    );
    const flags = evaluate("constant", [], { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) });
    expect(flags).toEqual(hostValue("bool", [2], [1, 0]));
  });
});
