/** Pooling: one number for each window that slides over an image or a sequence. */

import { formatShape, GalateaError, type Shape } from "../base/index.ts";
import type { Pool2dAttrs } from "../graph/index.ts";
import { apply, type Tensor } from "./tensor.ts";

/** A number stands for both axes; pairs are [height, width], four numbers [top, left, bottom, right]. */
export interface Pool2dOptions {
  readonly kernel: number | readonly [number, number];
  /** The kernel's size where absent. */
  readonly stride?: number | readonly [number, number];
  /** Places around the image, less than the kernel's size; 0 where absent. */
  readonly padding?: number | readonly [number, number] | readonly [number, number, number, number];
}

export interface AveragePool2dOptions extends Pool2dOptions {
  /** Whether places outside the image count as zeros, as they do where absent; else means are of what is inside. */
  readonly countPadding?: boolean;
}

export interface Pool1dOptions {
  readonly kernel: number;
  /** The kernel's size where absent. */
  readonly stride?: number;
  /** Places before and after the sequence, less than the kernel's size; 0 where absent. */
  readonly padding?: number | readonly [before: number, after: number];
}

export interface AveragePool1dOptions extends Pool1dOptions {
  /** Whether places outside the sequence count as zeros, as they do where absent; else means are of what is inside. */
  readonly countPadding?: boolean;
}

function pairOf(value: number | readonly [number, number]): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

function poolAttrs({ kernel, stride = kernel, padding = 0 }: Pool2dOptions): Pool2dAttrs {
  const around: readonly number[] = typeof padding === "number" ? [padding, padding] : padding;
  const [top, left, bottom = top, right = left] = around;
  return { kernel: pairOf(kernel), stride: pairOf(stride), padding: [top, left, bottom, right] };
}

/**
 * The largest element of each window; what is outside the image counts as -infinity.
 *
 * Shapes: x [B, C, H, W] -> [B, C, H', W'] with H' = floor((H + top + bottom - kernel) / stride) + 1. The gradient goes to
 * the first of equal largest elements, row by row, as in PyTorch.
 * @throws GalateaError `shape` where the kernel does not fit.
 */
export function maxPool2d(x: Tensor, options: Pool2dOptions): Tensor {
  return apply("maxPool2d", [x], poolAttrs(options));
}

/**
 * The mean of each window.
 *
 * Shapes: as of {@link maxPool2d}.
 * @throws GalateaError `shape` where the kernel does not fit.
 */
export function averagePool2d(x: Tensor, options: AveragePool2dOptions): Tensor {
  const divisor = options.countPadding === false ? "image" : "window";
  return apply("averagePool2d", [x], { ...poolAttrs(options), divisor });
}

/** Pooling of sequences [B, C, L] as of images of one row. */
function alongRow(
  name: string,
  x: Tensor,
  options: Pool1dOptions,
  pool: (x: Tensor, row: Pool2dOptions) => Tensor,
): Tensor {
  if (x.rank !== 3) {
    const seen = `${name}: its input has shape ${formatShape(x.shape)}`;
    throw new GalateaError("shape", x.path, seen, "it must be [B, C, L]");
  }
  const { kernel, stride = kernel, padding = 0 } = options;
  const [before, after] = pairOf(padding);
  const [batch, channels, length] = x.shape;
  const row = { kernel: [1, kernel], stride: [1, stride], padding: [0, before, 0, after] } as const;
  const pooled = pool(x.reshape([batch, channels, 1, length]), row);
  return pooled.reshape([batch, channels, pooled.shape[3]]);
}

/**
 * The largest element of each window of a sequence; see {@link maxPool2d}.
 *
 * Shapes: x [B, C, L] -> [B, C, L'].
 * @throws GalateaError `shape` where the kernel does not fit.
 */
export function maxPool1d(x: Tensor, options: Pool1dOptions): Tensor {
  return alongRow("maxPool1d", x, options, maxPool2d);
}

/**
 * The mean of each window of a sequence; see {@link averagePool2d}.
 *
 * Shapes: x [B, C, L] -> [B, C, L'].
 * @throws GalateaError `shape` where the kernel does not fit.
 */
export function averagePool1d(x: Tensor, options: AveragePool1dOptions): Tensor {
  const { countPadding = true } = options;
  return alongRow("averagePool1d", x, options, (image, row) => averagePool2d(image, { ...row, countPadding }));
}

/** Each channel's mean over all places. Shapes: x [B, C, ...] -> [B, C]. */
export function globalAveragePool(x: Tensor): Tensor {
  return x.mean(placesOf(x.shape));
}

/** Each channel's largest element over all places; equal ones share the gradient. Shapes: x [B, C, ...] -> [B, C]. */
export function globalMaxPool(x: Tensor): Tensor {
  return x.max(placesOf(x.shape));
}

function placesOf(shape: Shape): number[] {
  return shape.flatMap((_, axis) => (axis < 2 ? [] : [axis]));
}
