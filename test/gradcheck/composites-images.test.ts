/** Gradients of what is composed for images and sequences. */

import { expect, test } from "vitest";
import {
  averagePool1d,
  averagePool2d,
  conv1d,
  convTranspose1d,
  globalAveragePool,
  globalMaxPool,
  maxPool1d,
  maxPool2d,
  pixelShuffle,
  pixelUnshuffle,
  resize2d,
  type Tensor,
} from "../../src/core/trace/index.ts";
import type { HostValue } from "../../src/engine/interpreter/index.ts";
import { spread, uniform } from "../conformance/cases-values.ts";
import { checkGradients } from "./check.ts";

const image = uniform([1, 2, 3, 4], -1, 1);
const sequence = uniform([1, 2, 5], -1, 1);

const composites: readonly (readonly [string, (...inputs: Tensor[]) => Tensor, readonly HostValue[]])[] = [
  [
    "conv1d, causal",
    (x, weight) => conv1d(x, weight, { padding: "causal", dilation: 2 }),
    [sequence, uniform([2, 2, 2], -1, 1, "weight")],
  ],
  [
    "conv1d in groups",
    (x, weight) => conv1d(x, weight, { groups: 2, stride: 2, padding: [1, 2] }),
    [sequence, uniform([4, 1, 3], -1, 1, "weight")],
  ],
  [
    "convTranspose1d in groups",
    (x, weight) => convTranspose1d(x, weight, { groups: 2, stride: 2, outputPadding: 1 }),
    [uniform([1, 2, 3], -1, 1), uniform([2, 2, 2], -1, 1, "weight")],
  ],
  [
    "conv2d, depthwise, then 1 x 1",
    (x, depthwise, pointwise) => x.conv2d(depthwise, { groups: 2, padding: 1 }).conv2d(pointwise),
    [image, uniform([2, 1, 3, 3], -1, 1, "depthwise"), uniform([3, 2, 1, 1], -1, 1, "pointwise")],
  ],
  [
    "convTranspose2d in groups",
    (x, weight) => x.convTranspose2d(weight, { groups: 2, stride: 2 }),
    [uniform([1, 2, 2, 2], -1, 1), uniform([2, 2, 2, 2], -1, 1, "weight")],
  ],
  ["maxPool2d", (x) => maxPool2d(x, { kernel: 2, stride: 1, padding: [1, 0] }), [spread([1, 2, 3, 4])]],
  ["maxPool1d", (x) => maxPool1d(x, { kernel: 2 }), [spread([1, 2, 5])]],
  ["averagePool2d", (x) => averagePool2d(x, { kernel: 2 }), [image]],
  ["averagePool1d", (x) => averagePool1d(x, { kernel: 3, padding: 1, countPadding: false }), [sequence]],
  ["globalAveragePool", globalAveragePool, [image]],
  ["globalMaxPool", globalMaxPool, [spread([1, 2, 3, 4])]],
  ["resize2d, nearest, by whole factors", (x) => resize2d(x, [6, 12]), [image]],
  ["resize2d, nearest, to any size", (x) => resize2d(x, [4, 3]), [image]],
  ["resize2d, bilinear", (x) => resize2d(x, [5, 3], { mode: "bilinear" }), [image]],
  [
    "resize2d, bilinear, corners aligned",
    (x) => resize2d(x, [2, 6], { mode: "bilinear", alignCorners: true }),
    [image],
  ],
  ["pixelShuffle", (x) => pixelShuffle(x, 2), [uniform([1, 4, 2, 1])]],
  ["pixelUnshuffle", (x) => pixelUnshuffle(x, 2), [uniform([1, 1, 2, 4])]],
];

test.each(composites)("%s", (_, f, inputs) => {
  const report = checkGradients(f, inputs);
  expect(report).toEqual({ first: undefined, second: undefined, firstMatters: true, secondMatters: true });
});
