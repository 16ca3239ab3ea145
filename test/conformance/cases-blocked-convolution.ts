/** Conformance cases of convolutions over channels in blocks, among them blocks that no runtime has. */

import { formatShape, type Shape } from "../../src/core/base/index.ts";
import type { BlockedAffineAttrs, BlockedConv2dAttrs } from "../../src/core/graph/index.ts";
import type { blockedConvolution as blockedOps } from "../../src/core/graph/ops/blocked-convolution.ts";
import type { HostValue } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { float, inf, nan, uniform } from "./cases-values.ts";

const attributes: BlockedConv2dAttrs = {
  stride: [1, 1],
  padding: [0, 0, 0, 0],
  dilation: [1, 1],
  bias: false,
  sum: false,
  relu: false,
};

/** @param y the result's shape, for what is added to it */
function convolution(
  x: Shape,
  weight: Shape,
  y: Shape = [],
  attrs: Partial<BlockedConv2dAttrs> = {},
): CaseOf<"blockedConv2d"> {
  const all = { ...attributes, ...attrs };
  const bias = [y[1], y[4]];
  const added = [...(all.bias ? [["bias", bias] as const] : []), ...(all.sum ? [["sum", y] as const] : [])];
  const extras: readonly HostValue[] = added.map(([name, shape]) => uniform(shape, -1, 1, name));
  const with_ = [...added.map(([name]) => name), ...(all.relu ? ["relu"] : [])];
  const window = `stride ${all.stride.join(" ")}, padding ${all.padding.join(" ")}, dilation ${all.dilation.join(" ")}`;
  return {
    name: [`${formatShape(x)} with ${formatShape(weight)}, ${window}`, ...with_].join(", "),
    attrs: all,
    inputs: [uniform(x, -1, 1, "x"), uniform(weight, -1, 1, "weight"), ...extras],
  };
}

/** What is no finite number stays in its place, where it meets zeros too. */
function special(block: number): CaseOf<"blockedConv2d"> {
  const numbers = [nan, inf, -inf, -1, 1];
  const first = (size: number, count: number): number[] => Array.from({ length: size }, (_, i) => Number(i < count));
  return {
    name: `NaN and infinity, relu, blocks of ${block}`,
    attrs: { ...attributes, relu: true },
    inputs: [
      float(
        [1, 1, 1, 5, block],
        numbers.flatMap((number) => first(block, 1).map((one) => (one ? number : 0))),
      ),
      float([1, 1, 1, 1, block, block], first(block * block, 1)),
    ],
  };
}

function affine(x: Shape, scale: Shape, attrs: Partial<BlockedAffineAttrs> = {}): CaseOf<"blockedAffine"> {
  const all = { bias: false, sum: false, relu: false, ...attrs };
  const extras = [...(all.bias ? [uniform(scale, -1, 1, "bias")] : []), ...(all.sum ? [uniform(x, -1, 1, "sum")] : [])];
  const more = Object.entries(all).flatMap(([name, asked]) => (asked ? [name] : []));
  return {
    name: [`${formatShape(x)} by ${formatShape(scale)}`, ...more].join(", "),
    attrs: all,
    inputs: [uniform(x, -1, 1, "x"), uniform(scale, -1, 1, "scale"), ...extras],
  };
}

const padding = [1, 1, 1, 1] as const;

export const blockedConvolutionCases: Pick<ConformanceCases, keyof typeof blockedOps> = {
  blockedConv2d: [
    convolution([2, 2, 5, 6, 16], [1, 2, 3, 3, 16, 16]),
    convolution([2, 2, 5, 6, 8], [1, 2, 3, 3, 8, 8]),
    convolution([1, 2, 4, 4, 3], [2, 2, 2, 3, 3, 3]),
    convolution([2, 1, 7, 7, 16], [5, 1, 3, 3, 16, 16], [2, 5, 7, 7, 16], { padding, bias: true }),
    convolution([1, 3, 8, 8, 16], [2, 3, 4, 4, 16, 16], [1, 2, 4, 4, 16], { padding, stride: [2, 2], sum: true }),
    convolution([1, 1, 8, 8, 8], [2, 1, 4, 4, 8, 8], [1, 2, 4, 4, 8], {
      padding,
      stride: [2, 2],
      bias: true,
      sum: true,
      relu: true,
    }),
    convolution([2, 1, 9, 5, 16], [1, 1, 3, 2, 16, 16], [2, 1, 5, 3, 16], {
      padding: [0, 1, 1, 0],
      dilation: [2, 3],
      relu: true,
    }),
    convolution([3, 2, 4, 6, 16], [2, 2, 1, 1, 16, 16], [3, 2, 4, 6, 16], { bias: true, relu: true }),
    // Few channels, not in blocks.
    convolution([2, 3, 8, 8], [2, 3, 3, 3, 16], [2, 2, 8, 8, 16], { padding, bias: true, relu: true }),
    convolution([2, 1, 8, 8], [1, 1, 4, 4, 8], [2, 1, 4, 4, 8], { padding, stride: [2, 2], sum: true }),
    convolution([1, 2, 5, 5], [1, 2, 3, 3, 2], [1, 1, 3, 3, 2], { bias: true, sum: true }),
    special(1),
    special(8),
    special(16),
  ],
  blockedAffine: [
    affine([2, 3, 4, 5, 16], [1, 3, 16]),
    affine([2, 3, 4, 5, 16], [2, 3, 16], { bias: true }),
    affine([3, 1, 7, 1, 16], [1, 1, 16], { sum: true }),
    affine([3, 2, 7, 2, 16], [3, 2, 16], { bias: true, sum: true, relu: true }),
    affine([2, 3, 4, 5, 8], [2, 3, 8], { bias: true, relu: true }),
    affine([1, 2, 3, 3, 8], [1, 2, 8], { bias: true, sum: true }),
    affine([2, 2, 3, 3, 3], [2, 2, 3], { bias: true, sum: true, relu: true }),
    affine([0, 2, 3, 3, 16], [1, 2, 16], { bias: true }),
  ],
};
