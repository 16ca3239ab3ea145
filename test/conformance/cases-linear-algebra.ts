/** Conformance cases of reductions, matrix products and convolutions. */

import { formatShape, type Shape } from "../../src/core/base/index.ts";
import type { Conv2dAttrs, MatmulAttrs } from "../../src/core/graph/index.ts";
import type { linearAlgebra } from "../../src/core/graph/ops/linear-algebra.ts";
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
];

function matmulCase(a: Shape, b: Shape, attrs: MatmulAttrs): CaseOf<"matmul"> {
  const seen = (shape: Shape, flipped: boolean): string => `${formatShape(shape)}${flipped ? "^T" : ""}`;
  return {
    name: `${attrs.alpha} ${seen(a, attrs.transposeA)} x ${seen(b, attrs.transposeB)}`,
    attrs,
    inputs: [uniform(a, -2, 2, "a"), uniform(b, -2, 2, "b")],
  };
}

/** Every combination of transposes and two factors, over [..., rows, inner] x [..., inner, columns]. */
function matmulCases(
  leadingA: Shape,
  leadingB: Shape,
  rows: number,
  inner: number,
  columns: number,
): CaseOf<"matmul">[] {
  return [1, -0.5].flatMap((alpha) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) => {
        const a = [...leadingA, ...(transposeA ? [inner, rows] : [rows, inner])];
        const b = [...leadingB, ...(transposeB ? [columns, inner] : [inner, columns])];
        return matmulCase(a, b, { transposeA, transposeB, alpha });
      }),
    ),
  );
}

interface Convolution extends Conv2dAttrs {
  readonly x: Shape;
  readonly weight: Shape;
  readonly y: Shape;
}

function convolution(x: Shape, weight: Shape, y: Shape, attrs: Partial<Conv2dAttrs> = {}): Convolution {
  return { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], ...attrs, x, weight, y };
}

const convolutions: readonly [Convolution, ...Convolution[]] = [
  convolution([2, 3, 5, 6], [4, 3, 3, 3], [2, 4, 3, 4]),
  convolution([2, 3, 5, 6], [4, 3, 1, 1], [2, 4, 5, 6]),
  convolution([1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]),
  convolution([2, 2, 7, 7], [3, 2, 3, 3], [2, 3, 7, 7], { padding: [1, 1, 1, 1] }),
  convolution([2, 2, 8, 8], [3, 2, 4, 4], [2, 3, 4, 4], { stride: [2, 2], padding: [1, 1, 1, 1] }),
  // Stride 2 that does not reach the last row and column.
  convolution([1, 2, 8, 8], [3, 2, 3, 3], [1, 3, 3, 3], { stride: [2, 2] }),
  convolution([1, 2, 8, 6], [3, 2, 1, 1], [1, 3, 3, 3], { stride: [3, 2] }),
  convolution([1, 2, 6, 5], [2, 2, 2, 3], [1, 2, 8, 5], { padding: [2, 0, 1, 2] }),
  convolution([1, 2, 7, 8], [2, 2, 3, 2], [1, 2, 3, 6], { dilation: [2, 2] }),
  convolution([2, 1, 9, 9], [2, 1, 3, 3], [2, 2, 3, 5], {
    stride: [3, 2],
    padding: [2, 1, 0, 2],
    dilation: [2, 1],
  }),
  convolution([1, 2, 4, 5], [3, 2, 4, 5], [1, 3, 1, 1]),
  convolution([2, 1, 3, 12], [2, 1, 1, 5], [2, 2, 3, 8]),
  convolution([3, 17, 6, 6], [19, 17, 3, 3], [3, 19, 6, 6], { padding: [1, 1, 1, 1] }),
];

function nameOf({ x, weight, stride, padding, dilation }: Convolution): string {
  const options = `stride ${stride.join(" ")}, padding ${padding.join(" ")}, dilation ${dilation.join(" ")}`;
  return `${formatShape(x)} with ${formatShape(weight)}, ${options}`;
}

/** The size of axes 2 and 3. */
function spatial(shape: Shape): readonly [number, number] {
  return [shape[2], shape[3]];
}

function everyConvolution<T>(make: (one: Convolution, attrs: Conv2dAttrs) => T): [T, ...T[]] {
  const [first, ...rest] = convolutions.map((one) => {
    const { stride, padding, dilation } = one;
    return make(one, { stride, padding, dilation });
  });
  return [first, ...rest];
}

export const linearAlgebraCases: Pick<ConformanceCases, keyof typeof linearAlgebra> = {
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
  matmul: [
    matmulCase([2, 3], [3, 2], { transposeA: false, transposeB: false, alpha: 1 }),
    ...matmulCases([], [], 3, 4, 5),
    ...matmulCases([], [], 1, 4, 5),
    ...matmulCases([], [], 3, 4, 1),
    ...matmulCases([], [], 1, 6, 1),
    ...matmulCases([], [], 3, 1, 2),
    ...matmulCases([2], [2], 3, 4, 5),
    ...matmulCases([2], [], 3, 4, 5),
    ...matmulCases([], [2], 3, 4, 5),
    ...matmulCases([2, 1], [1, 3], 2, 4, 3),
    ...matmulCases([1], [3], 1, 4, 2),
    ...matmulCases([2, 2, 1], [3], 2, 2, 2),
    ...matmulCases([], [], 33, 70, 65),
    ...matmulCases([], [], 2, 0, 3),
    ...matmulCases([], [], 0, 2, 3),
    ...matmulCases([2], [2], 2, 0, 3),
    ...matmulCases([0], [0], 2, 2, 3),
  ],
  conv2d: everyConvolution((one, attrs) => ({
    name: nameOf(one),
    attrs,
    inputs: [uniform(one.x, -1, 1, "x"), uniform(one.weight, -1, 1, "weight")],
  })),
  conv2dInputGradient: everyConvolution((one, attrs) => ({
    name: nameOf(one),
    attrs: { ...attrs, size: spatial(one.x) },
    inputs: [uniform(one.y, -1, 1, "y"), uniform(one.weight, -1, 1, "weight")],
  })),
  conv2dWeightGradient: everyConvolution((one, attrs) => ({
    name: nameOf(one),
    attrs: { ...attrs, size: spatial(one.weight) },
    inputs: [uniform(one.x, -1, 1, "x"), uniform(one.y, -1, 1, "y")],
  })),
};
