/** Convolutions over channels in blocks, for runtimes that compute them faster so. */

import { sizeOf } from "../../base/index.ts";
import { type Conv2dAttrs, type Graph, isOp, type Node, rewriteGraph, type Value } from "../../graph/index.ts";
import { blockedConv2d, blockedConv2dInputGradient } from "./blocked-convolutions.ts";
import { roundUp } from "./blocked-layout.ts";
import { type BlockedValues, blockedValues } from "./blocked-values.ts";
import { blockedConv2dWeightGradient, hasBlockedWeightGradient } from "./blocked-weight-gradient.ts";
import { keepBlocked } from "./keep-blocked.ts";

/** What a convolution, whichever of the three, is about. */
export interface ConvolutionSizes {
  readonly batch: number;
  readonly channels: number;
  readonly filters: number;
  /** Products of two numbers. */
  readonly products: number;
}

/** Below this a convolution takes no longer than the nodes around it. */
const fewProducts = 2 ** 19;
/** How many times the products may grow by channels that only fill a block: plain convolutions are slower by as much. */
const largestGrowth = 6;

/** Whether blocks make a convolution faster. */
export function isFasterInBlocks({ channels, filters, products }: ConvolutionSizes, block: number): boolean {
  const growth = (count: number): number => roundUp(count, block) / count;
  const smaller = Math.min(growth(filters), growth(channels));
  const larger = Math.max(growth(filters), growth(channels));
  return products >= fewProducts && larger <= 16 && smaller <= largestGrowth;
}

function sizesOf(x: Value, weight: Value, g: Value): ConvolutionSizes {
  const [batch, channels] = x.shape;
  const [filters, , height, width] = weight.shape;
  return { batch, channels, filters, products: sizeOf(g.shape) * channels * height * width };
}

/** Image, weight and result of a convolution, whichever of them the node computes. */
function partsOf(node: Node, inputs: readonly Value[]): readonly [Value, Value, Value] | undefined {
  const [a, b] = inputs;
  const [output] = node.outputs;
  if (isOp(node, "conv2d")) return [a, b, output];
  if (isOp(node, "conv2dInputGradient")) return [output, b, a];
  return isOp(node, "conv2dWeightGradient") ? [a, output, b] : undefined;
}

/** Whether the kernel always meets the image, so that no part of a gradient is empty. */
function overlaps({ padding, dilation }: Conv2dAttrs, kernel: readonly [number, number]): boolean {
  return padding.every((count, side) => count <= dilation[side % 2] * (kernel[side % 2] - 1));
}

function convolution(
  node: Node,
  inputs: readonly Value[],
  values: BlockedValues,
  isFaster: typeof isFasterInBlocks,
): Value | undefined {
  const parts = partsOf(node, inputs);
  if (!parts) return undefined;
  const [x, weight, g] = parts;
  const inOneGroup = weight.shape[1] === x.shape[1] && weight.shape[0] === g.shape[1];
  const isEmpty = [x, weight, g].some(({ shape }) => sizeOf(shape) === 0);
  if (!inOneGroup || isEmpty || !isFaster(sizesOf(x, weight, g), values.block)) return undefined;
  const { path } = node;
  if (isOp(node, "conv2d")) return blockedConv2d(x, weight, node.attrs, values, path);
  const kernel = [weight.shape[2], weight.shape[3]] as const;
  if (isOp(node, "conv2dInputGradient")) {
    const { attrs: window } = node;
    return overlaps(window, kernel)
      ? blockedConv2dInputGradient({ g, weight, window, size: window.size, path }, values)
      : undefined;
  }
  if (!isOp(node, "conv2dWeightGradient")) return undefined;
  const { attrs: window } = node;
  return overlaps(window, kernel) && hasBlockedWeightGradient(window, kernel)
    ? blockedConv2dWeightGradient({ x, g, window, size: kernel, path }, values)
    : undefined;
}

/**
 * Makes convolutions, forward and backward, over channels in blocks. What lies between them is computed over the blocks
 * too, so that a chain of layers is put into blocks where it begins and out of them where it ends.
 * @param block channels in a block
 */
export function blockConvolutions(graph: Graph, block: number, isFaster = isFasterInBlocks): Graph {
  const values = blockedValues(block);
  return rewriteGraph(graph, (node, inputs) => {
    const convolved = convolution(node, inputs, values, isFaster);
    return convolved ? [convolved] : keepBlocked(node, inputs, values);
  });
}
