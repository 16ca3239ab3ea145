/** One blocked convolution, in as many parts as make it fast. */

import { sizeOf } from "../../base/index.ts";
import { emitValue, type Value, type Window2d } from "../../graph/index.ts";
import { pad, reshape, take } from "./layout-nodes.ts";

/** Some places of a kernel [n, C, h, w, ...]. */
export function takeTaps(kernel: Value, rows: readonly number[], columns: readonly number[], path: string): Value {
  const [outer, inner, height, width, ...lanes] = kernel.shape;
  const flat = reshape(kernel, [outer, inner, height * width, ...lanes], path);
  const taps = rows.flatMap((row) => columns.map((column) => row * width + column));
  return reshape(take(flat, 2, taps, path), [outer, inner, rows.length, columns.length, ...lanes], path);
}

/** Bytes of weights that stay in a core's second-level cache while images go by. */
const cachedBytes = 2 ** 20;
const bytesOfFloat = 4;
/** Images with more results than this use each weight often enough, wherever it comes from. */
const smallImage = 64;

/** Every second tap along an axis, from the first or the second on. */
interface Half {
  readonly taps: readonly number[];
  readonly low: number;
  readonly high: number;
}

/**
 * Taps along an axis in two halves, each a kernel of its own with gaps twice as wide; `undefined` where the image would
 * have to be cut for that.
 */
function halvesOf(x: Value, kernel: Value, axis: 0 | 1, { stride, padding, dilation }: Window2d): Half[] | undefined {
  const count = kernel.shape[axis + 2];
  const [low, high] = [padding[axis], padding[axis + 2]];
  const results = (before: number, after: number, reach: number): number =>
    Math.floor((x.shape[axis + 2] + before + after - reach) / stride[axis]);
  const wanted = results(low, high, dilation[axis] * (count - 1));
  const halves = [0, 1].map((start): Half => {
    const taps = Array.from({ length: Math.ceil((count - start) / 2) }, (_, i) => start + 2 * i);
    const left = count - 1 - taps[taps.length - 1];
    return { taps, low: low - dilation[axis] * start, high: Math.max(0, high - dilation[axis] * left) };
  });
  const fits = halves.every(({ taps, low: before, high: after }) => {
    return before >= 0 && results(before, after, 2 * dilation[axis] * (taps.length - 1)) === wanted;
  });
  return count > 2 && fits ? halves : undefined;
}

/** A convolution without cuts, as the sum of convolutions with some of its taps where its weights are too many. */
function inParts(x: Value, kernel: Value, window: Window2d, path: string): readonly Value[] {
  const attrs = { ...window, bias: false, sum: false, relu: false };
  const whole = emitValue("blockedConv2d", [x, kernel], attrs, path);
  const results = whole.shape[2] * whole.shape[3];
  if (results > smallImage || sizeOf(kernel.shape) * bytesOfFloat <= cachedBytes) return [whole];
  for (const axis of [0, 1] as const) {
    const halves = halvesOf(x, kernel, axis, window);
    if (!halves) continue;
    return halves.flatMap(({ taps, low, high }) => {
      const all = Array.from({ length: kernel.shape[3 - axis] }, (_, i) => i);
      const half = axis === 0 ? takeTaps(kernel, taps, all, path) : takeTaps(kernel, all, taps, path);
      const [top, left, bottom, right] = window.padding;
      const { dilation } = window;
      const part: Window2d =
        axis === 0
          ? { ...window, padding: [low, left, high, right], dilation: [2 * dilation[0], dilation[1]] }
          : { ...window, padding: [top, low, bottom, high], dilation: [dilation[0], 2 * dilation[1]] };
      return inParts(x, half, part, path);
    });
  }
  return [whole];
}

/** A convolution, of which the padding may be negative. */
export function convolve(x: Value, kernel: Value, window: Window2d, path: string): Value {
  const { padding } = window;
  const cropped = ([0, 1] as const).reduce(
    (image, axis) => pad(image, axis + 2, Math.min(0, padding[axis]), Math.min(0, padding[axis + 2]), path),
    x,
  );
  const [top, left, bottom, right] = padding.map((count) => Math.max(0, count));
  const parts = inParts(cropped, kernel, { ...window, padding: [top, left, bottom, right] }, path);
  return parts.reduce((sum, part) => emitValue("add", [part, sum], {}, path));
}
