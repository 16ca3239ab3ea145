/** Layers without parameters that make images and sequences smaller. */

import * as traced from "../../core/trace/index.ts";
import type { TensorFunction } from "./module.ts";

export type {
  AveragePool1dOptions,
  AveragePool2dOptions,
  Pool1dOptions,
  Pool2dOptions,
} from "../../core/trace/index.ts";

/**
 * The largest element of each window. Shapes: x [B, C, H, W] -> [B, C, H', W'] with
 * H' = floor((H + 2p - kernel) / stride) + 1.
 * @throws GalateaError `shape`, while tracing, when the kernel does not fit.
 */
export function maxPool2d(options: traced.Pool2dOptions): TensorFunction {
  return (x) => traced.maxPool2d(x, options);
}

/**
 * The mean of each window. Shapes: as of `maxPool2d`.
 * @throws GalateaError `shape`, while tracing, when the kernel does not fit.
 */
export function averagePool2d(options: traced.AveragePool2dOptions): TensorFunction {
  return (x) => traced.averagePool2d(x, options);
}

/**
 * The largest element of each window of a sequence. Shapes: x [B, C, L] -> [B, C, L'].
 * @throws GalateaError `shape`, while tracing, when the kernel does not fit.
 */
export function maxPool1d(options: traced.Pool1dOptions): TensorFunction {
  return (x) => traced.maxPool1d(x, options);
}

/**
 * The mean of each window of a sequence. Shapes: x [B, C, L] -> [B, C, L'].
 * @throws GalateaError `shape`, while tracing, when the kernel does not fit.
 */
export function averagePool1d(options: traced.AveragePool1dOptions): TensorFunction {
  return (x) => traced.averagePool1d(x, options);
}

/** Each channel's mean over all places. Shapes: x [B, C, ...] -> [B, C]. */
export function globalAveragePool(): TensorFunction {
  return traced.globalAveragePool;
}

/** Each channel's largest element over all places. Shapes: x [B, C, ...] -> [B, C]. */
export function globalMaxPool(): TensorFunction {
  return traced.globalMaxPool;
}
