/** Points of gradient checks of elementwise ops: away from kinks and poles. */

import type { HostValue } from "../../src/engine/interpreter/index.ts";
import { bools, float, spread, uniform } from "../conformance/cases-values.ts";
import type { GradientCases } from "./cases-table.ts";

type PlainCases = GradientCases["add"];

function unary(low: number, high: number): PlainCases {
  return [
    { name: "a matrix", attrs: {}, inputs: [uniform([2, 3], low, high)] },
    { name: "a scalar", attrs: {}, inputs: [uniform([], low, high, "scalar")] },
  ];
}

/** For functions with a kink at 0: no element is within 0.09 of it. */
const aroundZero: PlainCases = [{ name: "both sides of the kink", attrs: {}, inputs: [spread([3, 4])] }];

function binary(operand: (shape: readonly number[], name: string) => HostValue): PlainCases {
  const both = (a: readonly number[], b: readonly number[]): HostValue[] => [operand(a, "a"), operand(b, "b")];
  return [
    { name: "one shape", attrs: {}, inputs: both([2, 3], [2, 3]) },
    { name: "rows and columns", attrs: {}, inputs: both([2, 1], [1, 3]) },
    { name: "missing leading axes", attrs: {}, inputs: both([2, 2, 3], [3]) },
    { name: "a scalar on the left", attrs: {}, inputs: both([], [2, 2]) },
    { name: "size 1 everywhere", attrs: {}, inputs: both([1, 1], [1]) },
  ];
}

/** Operands of which no element of one is within 0.1 of an element of the other. */
function apart(shape: readonly number[], name: string): HostValue {
  const { data } = spread(shape, 0.25, name);
  return float(shape, name === "a" ? data : data.map((number) => number + 0.125));
}

export const elementwiseCases = {
  add: binary((shape, name) => uniform(shape, -2, 2, name)),
  sub: binary((shape, name) => uniform(shape, -2, 2, name)),
  mul: binary((shape, name) => uniform(shape, -2, 2, name)),
  div: binary((shape, name) => uniform(shape, 0.5, 2, name)),
  pow: [
    ...binary((shape, name) => (name === "a" ? uniform(shape, 0.5, 2, name) : uniform(shape, -2, 2, name))),
    { name: "whole exponents", attrs: {}, inputs: [uniform([5], 0.5, 2), float([5], [-2, 0, 1, 2, 3])] },
  ],
  maximum: binary(apart),
  minimum: binary(apart),
  neg: unary(-2, 2),
  abs: aroundZero,
  exp: unary(-2, 1),
  expm1: unary(-2, 1),
  log: unary(0.5, 3),
  log1p: unary(-0.5, 3),
  sqrt: unary(0.5, 3),
  sin: unary(-4, 4),
  cos: unary(-4, 4),
  tanh: unary(-2, 2),
  sigmoid: unary(-3, 3),
  softplus: unary(-3, 3),
  erf: unary(-2, 2),
  relu: aroundZero,
  leakyRelu: [{ name: "both sides of the kink", attrs: { slope: 0.2 }, inputs: [spread([3, 4])] }],
  elu: [
    { name: "both sides of 0", attrs: { alpha: 1 }, inputs: [spread([3, 4])] },
    { name: "both sides of a kink", attrs: { alpha: 0.5 }, inputs: [spread([3, 4])] },
  ],
  where: [
    { name: "one shape", attrs: {}, inputs: [bools([2, 3]), uniform([2, 3]), uniform([2, 3], -2, 2, "b")] },
    { name: "all three broadcast", attrs: {}, inputs: [bools([4, 1, 1]), uniform([3, 1]), uniform([2], -2, 2, "b")] },
  ],
  cast: [{ name: "float32 to float32", attrs: { dtype: "float32" }, inputs: [uniform([3])] }],
} satisfies Partial<GradientCases>;
