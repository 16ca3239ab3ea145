/** The gradient of conv2d by its weight as a blocked convolution. */

import { emitValue, type Value, type Window2d } from "../../graph/index.ts";
import { convolve } from "./blocked-convolve.ts";
import { fromBlocked, roundUp, unblockWeight } from "./blocked-layout.ts";
import type { BlockedValues } from "./blocked-values.ts";
import { pad, reshape, slice, swapFirstTwo, swapLastTwo, take } from "./layout-nodes.ts";

interface WeightGradient {
  readonly x: Value;
  readonly g: Value;
  readonly window: Window2d;
  /** Height and width of the kernel. */
  readonly size: readonly [number, number];
  readonly path: string;
}

/** Bytes of g that stay in a core's second-level cache while all of x goes by. */
const filterBytes = 2 ** 20;
/** Blocks of filters that the kernels read at once, and bytes of a number. */
const [filterBlocks, bytes] = [4, 4];

/**
 * x as images of a convolution that sums over the batch: [N, B/b, H, columns, b of B]. A column is a pixel's column and
 * a channel, of the N-th block of channels or, where channels are few, of all of them.
 */
function imagesOf(x: Value, low: number, high: number, values: BlockedValues, path: string): Value {
  const { block } = values;
  const [, channels, height, width] = x.shape;
  const few = channels < block;
  const source = few ? x : values.blocked(x, 1, path);
  const batch = roundUp(x.shape[0], block);
  const padded = pad(source, 0, 0, batch - x.shape[0], path);
  const lanes = few ? channels : roundUp(channels, block);
  const exchanged = swapLastTwo(reshape(padded, [batch / block, block, lanes * height * width], path), path);
  if (few) {
    const pixels = reshape(exchanged, [batch / block, channels, height * width, block], path);
    const columns = emitValue("transpose", [pixels], { permutation: [0, 2, 1, 3] }, path);
    const wide = pad(reshape(columns, [batch / block, height, width, channels * block], path), 2, low, high, path);
    return reshape(wide, [1, batch / block, height, wide.shape[2] * channels, block], path);
  }
  const outer = lanes / block;
  const images = swapFirstTwo(reshape(exchanged, [batch / block, outer, height, width * block * block], path), path);
  const wide = pad(images, 3, low * block * block, high * block * block, path);
  return reshape(wide, [outer, batch / block, height, wide.shape[3] / block, block], path);
}

/** g as filters over the batch: [O/b, B/b, H', W', b of B, b of O]. */
function filtersOf(g: Value, values: BlockedValues, path: string): Value {
  const { block } = values;
  const blocked = values.blocked(g, 1, path);
  const [, outer, height, width] = blocked.shape;
  const batch = roundUp(g.shape[0], block);
  const padded = pad(blocked, 0, 0, batch - g.shape[0], path);
  const parted = reshape(padded, [batch / block, block, outer, height * width, block], path);
  const ordered = emitValue("transpose", [parted], { permutation: [2, 0, 3, 1, 4] }, path);
  return reshape(ordered, [outer, batch / block, height, width, block, block], path);
}

/**
 * w[o, c, i, j] = sum over b, h, v of g[b, o, h, v] x[b, c, s h + i - p, s v + j - p] is itself a convolution: images are
 * x with the batch for channels, filters are g, as far apart as the stride. A pixel's channels stand beside each other
 * in a row of the image, so that a row of results, k columns of b channels, is long enough for the kernels.
 *
 * Where g is larger than the cache, its rows are taken some at a time.
 */
function bySummingOverBatch({ x, g, window, size, path }: WeightGradient, values: BlockedValues): Value {
  const { block } = values;
  const { stride, padding, dilation } = window;
  const [, filters, rows, columns] = g.shape;
  const [, channels, height, width] = x.shape;
  const reach = stride[1] * (columns - 1) + size[1];
  const images = imagesOf(x, padding[1], reach - width - padding[1], values, path);
  const kernel = filtersOf(g, values, path);
  const step = Math.max(1, Math.floor(filterBytes / (filterBlocks * bytes * block * block * columns)));
  const lanes = channels < block ? channels : block;
  let sum: Value | undefined;
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row);
    const first = row * stride[0] - padding[0];
    const last = (row + count - 1) * stride[0] - padding[0] + dilation[0] * (size[0] - 1);
    const from = Math.max(0, first);
    const to = Math.min(height, last + 1);
    const part = convolve(
      slice(images, 2, from, to - from, path),
      slice(kernel, 2, row, count, path),
      {
        stride: [dilation[0], 1],
        padding: [from - first, 0, last + 1 - to, 0],
        dilation: [stride[0], stride[1] * lanes],
      },
      path,
    );
    sum = sum === undefined ? part : emitValue("add", [part, sum], {}, path);
  }
  const gradient = sum as Value;
  if (channels >= block) return unblockWeight(gradient, filters, channels, path);
  const whole = fromBlocked({ value: gradient, axis: 1 }, path); // [1, O, h, w C]
  const taps = size[0] * size[1];
  const parted = swapLastTwo(reshape(whole, [whole.shape[1], taps, channels], path), path);
  return slice(reshape(parted, [whole.shape[1], channels, ...size], path), 0, 0, filters, path);
}

/** A kernel of one place: a product of matrices over all pixels, as a convolution whose channels they are. */
function bySummingOverPixels({ x, g, path }: WeightGradient, values: BlockedValues): Value {
  const { block } = values;
  const [batch, channels, height, width] = x.shape;
  const filters = g.shape[1];
  const pixels = (height * width) / block;
  const ofX = values.blocked(x, 1, path);
  const ofG = values.blocked(g, 1, path);
  const [inner, outer] = [ofX.shape[1], ofG.shape[1]];
  const lanes = swapLastTwo(reshape(ofX, [batch * inner * pixels, block, block], path), path);
  const images = reshape(
    emitValue(
      "transpose",
      [reshape(lanes, [batch, inner, pixels, block * block], path)],
      { permutation: [0, 2, 1, 3] },
      path,
    ),
    [1, batch * pixels, inner, block, block],
    path,
  );
  const kernel = reshape(
    swapFirstTwo(reshape(ofG, [batch, outer, pixels * block * block], path), path),
    [outer, batch * pixels, 1, 1, block, block],
    path,
  );
  const once: Window2d = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] };
  const whole = fromBlocked({ value: convolve(images, kernel, once, path), axis: 1 }, path); // [1, O, C/b, b]
  const matrix = reshape(whole, [outer * block, inner * block, 1, 1], path);
  return slice(slice(matrix, 0, 0, filters, path), 1, 0, channels, path);
}

/**
 * With few filters, x and g change their parts: g becomes the image, and the kernel comes out mirrored.
 */
function byExchange({ x, g, window, size, path }: WeightGradient, values: BlockedValues): Value {
  const { padding, dilation } = window;
  const [height, width] = ([0, 1] as const).map((axis) => dilation[axis] * (size[axis] - 1));
  const mirrored = bySummingOverBatch(
    {
      x: g,
      g: x,
      window: {
        ...window,
        padding: [height - padding[0], width - padding[1], height - padding[2], width - padding[3]],
      },
      size,
      path,
    },
    values,
  );
  const taps = size[0] * size[1];
  const exchanged = reshape(swapFirstTwo(mirrored, path), [g.shape[1], x.shape[1], taps], path);
  const last = Array.from({ length: taps }, (_, i) => taps - 1 - i);
  return reshape(take(exchanged, 2, last, path), [g.shape[1], x.shape[1], ...size], path);
}

/** Whether a row of results is what the image's row gives: kernels with gaps between their columns have another one. */
export function hasBlockedWeightGradient(window: Window2d, size: readonly [number, number]): boolean {
  return window.dilation[1] === 1 || size[1] === 1;
}

export function blockedConv2dWeightGradient(gradient: WeightGradient, values: BlockedValues): Value {
  const { x, g, window, size } = gradient;
  const { block } = values;
  const isPointwise = [...size, ...window.stride].every((n) => n === 1) && window.padding.every((n) => n === 0);
  const wide = x.shape[1] >= block && g.shape[1] >= block;
  if (isPointwise && wide && (x.shape[2] * x.shape[3]) % block === 0) return bySummingOverPixels(gradient, values);
  const exchanges = g.shape[1] < block && x.shape[1] >= block && window.stride.every((n) => n === 1);
  return exchanges ? byExchange(gradient, values) : bySummingOverBatch(gradient, values);
}
