import { uniform } from "../conformance/cases-values.ts";
import type { GradientCases } from "./cases-table.ts";

/** Stride, uneven padding and dilation, with rows that the stride does not reach. */
const uneven = { stride: [2, 1], padding: [1, 0, 0, 1], dilation: [1, 2], groups: 1 } as const;
const inGroups = { stride: [1, 2], padding: [1, 0, 0, 1], dilation: [1, 1], groups: 2 } as const;
const plain = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;

export const convolutionCases = {
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
    { name: "two groups", attrs: inGroups, inputs: [uniform([1, 4, 3, 3]), uniform([2, 2, 2, 2], -1, 1, "weight")] },
    { name: "depthwise", attrs: inGroups, inputs: [uniform([2, 2, 3, 3]), uniform([4, 1, 2, 2], -1, 1, "weight")] },
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
    {
      name: "two groups",
      attrs: { ...inGroups, size: [3, 3] },
      inputs: [uniform([1, 4, 3, 2]), uniform([4, 2, 2, 2], -1, 1, "weight")],
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
    {
      name: "two groups",
      attrs: { ...inGroups, size: [2, 2] },
      inputs: [uniform([1, 4, 3, 3]), uniform([1, 2, 3, 2], -1, 1, "y")],
    },
  ],
} satisfies Partial<GradientCases>;
