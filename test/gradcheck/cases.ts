/** Points at which the gradient of each differentiable op is checked: away from kinks and poles. */

import type { AttrsOf, DifferentiableOp } from "../../src/core/graph/index.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";
import { bools, float, spread, uniform } from "../conformance/cases-values.ts";

interface CaseWith<Attrs> {
  readonly name: string;
  readonly attrs: Attrs;
  readonly inputs: readonly HostValue[];
}

/** The table's type: leaving out a differentiable op does not compile. */
export type GradientCases = {
  readonly [N in DifferentiableOp]: readonly [CaseWith<AttrsOf<N>>, ...CaseWith<AttrsOf<N>>[]];
};

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

const x234 = uniform([2, 3, 4], -1, 1);

function reductions(x: HostValue): GradientCases["reduceSum"] {
  return [
    { name: "the last axis", attrs: { axes: [2], keepDims: false }, inputs: [x] },
    { name: "outer axes, kept", attrs: { axes: [0, 2], keepDims: true }, inputs: [x] },
    { name: "outer axes", attrs: { axes: [0, 2], keepDims: false }, inputs: [x] },
    { name: "all axes", attrs: { axes: [0, 1, 2], keepDims: false }, inputs: [x] },
    { name: "no axis", attrs: { axes: [], keepDims: false }, inputs: [x] },
  ];
}

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

/** Stride, uneven padding and dilation, with rows that the stride does not reach. */
const uneven = { stride: [2, 1], padding: [1, 0, 0, 1], dilation: [1, 2] } as const;
const plain = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] } as const;

export const gradientCases: GradientCases = {
  add: binary((shape, name) => uniform(shape, -2, 2, name)),
  sub: binary((shape, name) => uniform(shape, -2, 2, name)),
  mul: binary((shape, name) => uniform(shape, -2, 2, name)),
  div: binary((shape, name) => uniform(shape, 0.5, 2, name)),
  maximum: binary(apart),
  minimum: binary(apart),
  neg: unary(-2, 2),
  abs: aroundZero,
  exp: unary(-2, 1),
  log: unary(0.5, 3),
  sqrt: unary(0.5, 3),
  sin: unary(-4, 4),
  cos: unary(-4, 4),
  tanh: unary(-2, 2),
  sigmoid: unary(-3, 3),
  softplus: unary(-3, 3),
  erf: unary(-2, 2),
  relu: aroundZero,
  where: [
    { name: "one shape", attrs: {}, inputs: [bools([2, 3]), uniform([2, 3]), uniform([2, 3], -2, 2, "b")] },
    { name: "all three broadcast", attrs: {}, inputs: [bools([4, 1, 1]), uniform([3, 1]), uniform([2], -2, 2, "b")] },
  ],
  cast: [{ name: "float32 to float32", attrs: { dtype: "float32" }, inputs: [uniform([3])] }],
  reshape: [
    { name: "another rank", attrs: { shape: [3, 2, 1] }, inputs: [uniform([2, 3])] },
    { name: "to a scalar", attrs: { shape: [] }, inputs: [uniform([1, 1])] },
  ],
  transpose: [
    { name: "a cycle of three axes", attrs: { permutation: [2, 0, 1] }, inputs: [x234] },
    { name: "two axes", attrs: { permutation: [1, 0] }, inputs: [uniform([2, 3])] },
  ],
  expand: [
    { name: "an inner axis and a leading one", attrs: { shape: [2, 3, 4] }, inputs: [uniform([3, 1])] },
    { name: "a scalar", attrs: { shape: [2, 2] }, inputs: [uniform([])] },
    { name: "nothing", attrs: { shape: [1, 2] }, inputs: [uniform([1, 2])] },
  ],
  slice: [{ name: "a block", attrs: { starts: [1, 0], sizes: [2, 3] }, inputs: [uniform([4, 4])] }],
  pad: [{ name: "uneven", attrs: { low: [1, 0], high: [0, 2] }, inputs: [uniform([2, 3])] }],
  concat: [
    {
      name: "three along 1",
      attrs: { axis: 1 },
      inputs: [uniform([2, 3]), uniform([2, 1], -2, 2, "b"), float([2, 0], [])],
    },
    { name: "one", attrs: { axis: 0 }, inputs: [uniform([3])] },
  ],
  gather: [
    { name: "duplicates", attrs: { axis: 0 }, inputs: [uniform([4, 2]), hostValue("int32", [5], [3, 1, 3, 3, 0])] },
    {
      name: "indices of rank 2",
      attrs: { axis: 1 },
      inputs: [uniform([2, 3, 2]), hostValue("int64", [2, 2], [2, 2, 0, 2])],
    },
    { name: "a scalar index", attrs: { axis: 1 }, inputs: [uniform([2, 3]), hostValue("int32", [], [1])] },
  ],
  scatterAdd: [
    {
      name: "duplicates",
      attrs: { axis: 0, size: 3 },
      inputs: [uniform([4, 2]), hostValue("int32", [4], [2, 0, 2, 2])],
    },
    {
      name: "indices of rank 2",
      attrs: { axis: 1, size: 3 },
      inputs: [uniform([2, 2, 2, 2]), hostValue("int64", [2, 2], [2, 2, 0, 2])],
    },
    { name: "a scalar index", attrs: { axis: 1, size: 2 }, inputs: [uniform([3]), hostValue("int32", [], [1])] },
  ],
  reduceSum: reductions(x234),
  reduceMax: reductions(spread([2, 3, 4])),
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
  conv2d: [
    { name: "plain", attrs: plain, inputs: [uniform([2, 2, 3, 4]), uniform([2, 2, 2, 3], -1, 1, "weight")] },
    { name: "uneven", attrs: uneven, inputs: [uniform([1, 2, 5, 4]), uniform([2, 2, 3, 2], -1, 1, "weight")] },
    {
      name: "a kernel of 1 x 1",
      attrs: plain,
      inputs: [uniform([2, 2, 2, 2]), uniform([3, 2, 1, 1], -1, 1, "weight")],
    },
    {
      name: "a row out of reach",
      attrs: { ...plain, stride: [2, 2] },
      inputs: [uniform([1, 1, 4, 4]), uniform([1, 1, 3, 3], -1, 1, "weight")],
    },
  ],
  conv2dInputGradient: [
    {
      name: "plain",
      attrs: { ...plain, size: [3, 4] },
      inputs: [uniform([2, 2, 2, 2]), uniform([2, 2, 2, 3], -1, 1, "weight")],
    },
    {
      name: "uneven",
      attrs: { ...uneven, size: [5, 4] },
      inputs: [uniform([1, 2, 2, 3]), uniform([2, 2, 3, 2], -1, 1, "weight")],
    },
  ],
  conv2dWeightGradient: [
    {
      name: "plain",
      attrs: { ...plain, size: [2, 3] },
      inputs: [uniform([2, 2, 3, 4]), uniform([2, 2, 2, 2], -1, 1, "y")],
    },
    {
      name: "uneven",
      attrs: { ...uneven, size: [3, 2] },
      inputs: [uniform([1, 2, 5, 4]), uniform([1, 2, 2, 3], -1, 1, "y")],
    },
  ],
};
