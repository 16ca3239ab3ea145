/** Layers without parameters that make images larger, or smaller again. */

import { GalateaError } from "../../core/base/index.ts";
import * as traced from "../../core/trace/index.ts";
import type { TensorFunction } from "./module.ts";

export interface UpsampleOptions extends traced.ResizeOptions {
  /** How many times as large each side becomes; whole numbers, a pair is [height, width]. */
  readonly factor: number | readonly [number, number];
}

/**
 * Images a whole number of times as large.
 *
 * Shapes: x [B, C, H, W] -> [B, C, H factor, W factor].
 * @throws GalateaError `config` when a factor is no whole number from 1 up; `shape`, while tracing, when x has not four
 * axes.
 *
 * Source: PyTorch's `Upsample`, modes `nearest` and `bilinear`.
 */
export function upsample({ factor, ...options }: UpsampleOptions): TensorFunction {
  const [vertical, horizontal] = typeof factor === "number" ? [factor, factor] : factor;
  if (![vertical, horizontal].every((times) => Number.isInteger(times) && times >= 1)) {
    const seen = `factors of ${vertical} and ${horizontal}`;
    throw new GalateaError("config", "upsample", seen, "they are whole numbers from 1 up");
  }
  return (x) => traced.resize2d(x, [x.shape[2] * vertical, x.shape[3] * horizontal], options);
}

/**
 * Images of a size, whatever theirs is. Shapes: x [B, C, H, W] -> [B, C, ...size].
 * @throws GalateaError `shape`, while tracing, when x has not four axes or the size is not possible.
 */
export function resize2d(size: readonly [number, number], options: traced.ResizeOptions = {}): TensorFunction {
  return (x) => traced.resize2d(x, size, options);
}

/**
 * Channels as pixels. Shapes: x [B, C factor^2, H, W] -> [B, C, H factor, W factor].
 * @throws GalateaError `shape`, while tracing, when the channels are no multiple of factor^2.
 */
export function pixelShuffle(factor: number): TensorFunction {
  return (x) => traced.pixelShuffle(x, factor);
}

/**
 * Pixels as channels. Shapes: x [B, C, H factor, W factor] -> [B, C factor^2, H, W].
 * @throws GalateaError `shape`, while tracing, when a side is no multiple of the factor.
 */
export function pixelUnshuffle(factor: number): TensorFunction {
  return (x) => traced.pixelUnshuffle(x, factor);
}
