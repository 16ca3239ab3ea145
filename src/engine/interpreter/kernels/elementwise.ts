/** Kernels of elementwise ops: float64 as JavaScript computes it, integers wrapped as their types do. */

import { type DType, isFloat, roundToFloat16, type Shape } from "../../../core/base/index.ts";
import type { OpName } from "../../../core/graph/index.ts";
import { erf } from "../erf.ts";
import type { HostValue } from "../value.ts";
import { fill, type Kernel, reader } from "./kernel.ts";

type Arithmetic = (a: number, b: number) => number;

/** A kernel that has no attributes to read. */
type PlainKernel = (inputs: readonly HostValue[]) => HostValue;

/** The number as the element type stores it: integers modulo their width. float32 and int64 stay as they are. */
function wrap(dtype: DType, number: number): number {
  switch (dtype) {
    case "float32":
      return number;
    case "float16":
      return roundToFloat16(number);
    case "int32":
      return number | 0;
    case "uint32":
      return number >>> 0;
    case "uint8":
      return number & 255;
    case "int64":
      // Adding 0 makes -0, which no integer type has, 0.
      return number + 0;
    case "bool":
      return number === 0 ? 0 : 1;
  }
}

/** A float truncated toward zero. Beyond the integer's range, and for NaN, backends differ: no case tests it. */
function truncate(number: number): number {
  return Number.isFinite(number) ? Math.trunc(number) : 0;
}

/** The size of each axis is that of the operand where it is not 1. */
function broadcastShape(shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

function unary(compute: (x: number) => number): PlainKernel {
  return ([x]) => ({ dtype: x.dtype, shape: x.shape, data: x.data.map(compute) });
}

function pairwise(a: HostValue, b: HostValue, dtype: DType, compute: Arithmetic): HostValue {
  const shape = broadcastShape([a.shape, b.shape]);
  const [readA, readB] = [reader(a, shape.length), reader(b, shape.length)];
  return fill(dtype, shape, (at) => compute(readA(at), readB(at)));
}

function binary(compute: Arithmetic): PlainKernel {
  return ([a, b]) => pairwise(a, b, a.dtype, (x, y) => wrap(a.dtype, compute(x, y)));
}

function comparison(compute: (a: number, b: number) => boolean): PlainKernel {
  return ([a, b]) => pairwise(a, b, "bool", (x, y) => Number(compute(x, y)));
}

/** A product of 32-bit integers needs its low bits exactly, which float64 would lose. */
function multiply(dtype: DType): Arithmetic {
  return dtype === "int32" || dtype === "uint32" ? Math.imul : (a, b) => a * b;
}

/** The remainder with the divisor's sign: JavaScript's has the dividend's. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** IEEE 754's pow gives 1 for a base of 1, and for -1 with an infinity as exponent, where JavaScript has NaN. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b;
}

/** To the nearest whole number, halves to the even one: Math.round takes them up. */
function roundToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low === 0.5) return low % 2 === 0 ? low : Math.ceil(x);
  return Math.round(x);
}

function divide(dtype: DType): Arithmetic {
  return dtype === "float32" ? (a, b) => a / b : (a, b) => truncate(a / b);
}

export const elementwise = {
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: (inputs) => binary(multiply(inputs[0].dtype))(inputs),
  div: (inputs) => binary(divide(inputs[0].dtype))(inputs),
  mod: binary(modulo),
  pow: binary(power),
  // Math.max and Math.min give NaN where either side is NaN, as IEEE 754-2019 maximum does.
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  less: comparison((a, b) => a < b),
  lessEqual: comparison((a, b) => a <= b),
  equal: comparison((a, b) => a === b),
  and: comparison((a, b) => a === 1 && b === 1),
  or: comparison((a, b) => a === 1 || b === 1),
  not: unary((x) => 1 - x),
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  floor: unary(Math.floor),
  round: unary(roundToEven),
  exp: unary(Math.exp),
  expm1: unary(Math.expm1),
  log: unary(Math.log),
  log1p: unary(Math.log1p),
  sqrt: unary(Math.sqrt),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  // Both spellings avoid e^large.
  sigmoid: unary((x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)))),
  // log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)
  softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  erf: unary(erf),
  relu: unary((x) => Math.max(x, 0)),
  leakyRelu: ([x], { slope }) => unary((element) => (element > 0 ? element : slope * element))([x]),
  elu: ([x], { alpha }) => unary((element) => (element > 0 ? element : alpha * Math.expm1(element)))([x]),
  where: ([condition, a, b]) => {
    const shape = broadcastShape([condition.shape, a.shape, b.shape]);
    const [holds, readA, readB] = [condition, a, b].map((value) => reader(value, shape.length));
    return fill(a.dtype, shape, (at) => (holds(at) ? readA(at) : readB(at)));
  },
  cast: ([x], { dtype }) => {
    const whole = isFloat(dtype) || dtype === "bool" ? (number: number) => number : truncate;
    return { dtype, shape: x.shape, data: x.data.map((number) => wrap(dtype, whole(number))) };
  },
  stopGradient: ([x]) => x,
} satisfies { [N in OpName]?: Kernel<N> };
