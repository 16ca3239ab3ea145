/** Conformance cases of convolutions. */

import { formatShape, type Shape } from "../../src/core/base/index.ts";
import type { Conv2dAttrs } from "../../src/core/graph/index.ts";
import type { convolution as convolutionOps } from "../../src/core/graph/ops/convolution.ts";
import type { ConformanceCases } from "./cases-table.ts";
import { uniform } from "./cases-values.ts";

interface Convolution extends Conv2dAttrs {
  readonly x: Shape;
  readonly weight: Shape;
  readonly y: Shape;
}

function convolution(x: Shape, weight: Shape, y: Shape, attrs: Partial<Conv2dAttrs> = {}): Convolution {
  return { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1, ...attrs, x, weight, y };
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
  // Large enough to be worth blocks of channels: whole ones, parts of one, few channels, few filters.
  convolution([5, 32, 8, 6], [48, 32, 3, 3], [5, 48, 8, 6], { padding: [1, 1, 1, 1] }),
  convolution([6, 40, 9, 8], [24, 40, 4, 4], [6, 24, 4, 4], { stride: [2, 2], padding: [1, 1, 1, 1] }),
  convolution([17, 3, 16, 16], [32, 3, 4, 4], [17, 32, 8, 8], { stride: [2, 2], padding: [1, 1, 1, 1] }),
  convolution([9, 1, 10, 14], [32, 1, 5, 5], [9, 32, 10, 14], { padding: [2, 2, 2, 2] }),
  convolution([4, 48, 12, 12], [3, 48, 3, 3], [4, 3, 12, 12], { padding: [1, 1, 1, 1] }),
  convolution([8, 64, 8, 8], [48, 64, 1, 1], [8, 48, 8, 8]),
  convolution([8, 32, 9, 9], [32, 32, 1, 1], [8, 32, 5, 5], { stride: [2, 2] }),
  convolution([4, 32, 11, 10], [32, 32, 3, 3], [4, 32, 7, 10], { dilation: [2, 1], padding: [0, 1, 0, 1] }),
  convolution([4, 32, 10, 10], [32, 32, 3, 3], [4, 32, 8, 6], { dilation: [1, 2], padding: [0, 0, 0, 0] }),
  convolution([4, 32, 11, 13], [32, 32, 2, 3], [4, 32, 4, 6], { stride: [3, 2], padding: [0, 1, 1, 0] }),
  // More rows than the cache holds of a gradient by weights.
  convolution([2, 16, 20, 24], [16, 16, 3, 3], [2, 16, 20, 24], { padding: [1, 1, 1, 1] }),
  // More weights than the cache holds.
  convolution([1, 128, 8, 8], [136, 128, 4, 4], [1, 136, 4, 4], { stride: [2, 2], padding: [1, 1, 1, 1] }),
  convolution([1, 192, 4, 4], [176, 192, 3, 3], [1, 176, 4, 4], { padding: [1, 1, 1, 1] }),
  // A kernel as large as the image.
  convolution([5, 16, 4, 4], [24, 16, 4, 4], [5, 24, 1, 1]),
  // Groups: depthwise, with two filters a channel, of few and of many channels.
  convolution([2, 3, 5, 6], [3, 1, 3, 3], [2, 3, 5, 6], { padding: [1, 1, 1, 1], groups: 3 }),
  convolution([2, 3, 6, 5], [6, 1, 2, 3], [2, 6, 3, 5], { stride: [2, 1], padding: [0, 1, 1, 1], groups: 3 }),
  convolution([2, 4, 7, 8], [6, 2, 3, 2], [2, 6, 3, 2], { stride: [2, 3], dilation: [1, 2], groups: 2 }),
  convolution([1, 4, 9, 6], [4, 2, 3, 3], [1, 4, 5, 4], { dilation: [2, 2], padding: [0, 1, 0, 1], groups: 2 }),
  convolution([2, 16, 6, 9], [24, 8, 3, 3], [2, 24, 6, 5], { stride: [1, 2], padding: [1, 1, 1, 1], groups: 2 }),
  convolution([1, 4, 1, 1], [4, 1, 1, 1], [1, 4, 1, 1], { groups: 4 }),
  convolution([2, 2, 3, 140], [2, 1, 3, 5], [2, 2, 1, 136], { groups: 2 }),
  // No images.
  convolution([0, 2, 4, 4], [3, 2, 3, 3], [0, 3, 2, 2]),
  convolution([0, 2, 4, 4], [2, 1, 3, 3], [0, 2, 2, 2], { groups: 2 }),
  convolution([0, 16, 4, 12], [16, 8, 3, 3], [0, 16, 2, 10], { groups: 2 }),
];

function nameOf({ x, weight, stride, padding, dilation, groups }: Convolution): string {
  const inGroups = groups === 1 ? "" : `, ${groups} groups`;
  const options = `stride ${stride.join(" ")}, padding ${padding.join(" ")}, dilation ${dilation.join(" ")}${inGroups}`;
  return `${formatShape(x)} with ${formatShape(weight)}, ${options}`;
}

/** The size of axes 2 and 3. */
function spatial(shape: Shape): readonly [number, number] {
  return [shape[2], shape[3]];
}

function everyConvolution<T>(make: (one: Convolution, attrs: Conv2dAttrs) => T): [T, ...T[]] {
  const [first, ...rest] = convolutions.map((one) => {
    const { stride, padding, dilation, groups } = one;
    return make(one, { stride, padding, dilation, groups });
  });
  return [first, ...rest];
}

export const convolutionCases: Pick<ConformanceCases, keyof typeof convolutionOps> = {
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
