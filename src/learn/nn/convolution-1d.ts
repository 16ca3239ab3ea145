/** Convolution layers over sequences. */

import * as traced from "../../core/trace/index.ts";
import { channelsOfGroup, convolution } from "./convolution.ts";
import type { Initializer } from "./initializers.ts";
import type { AffineParameters, Module } from "./module.ts";

export interface Conv1dOptions<Bias extends boolean = boolean> extends traced.Conv1dOptions {
  /** Channels of the input and of the output. */
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly bias?: Bias;
  /** Of the weight; `torchDefault` where absent. */
  readonly init?: Initializer;
  /** Of the bias; `torchDefault` where absent. */
  readonly biasInit?: Initializer;
}

export interface ConvTranspose1dOptions<Bias extends boolean = boolean>
  extends Omit<Conv1dOptions<Bias>, "padding">,
    traced.ConvTranspose1dOptions {}

/**
 * A convolution (cross-correlation, as everywhere in this field) along a sequence.
 *
 * y[b, o, i] = bias[o] + sum over c, u of weight[o, c, u] x[b, c, s i + d u - p]
 *
 * Shapes: x [B, inputs, L] -> [B, outputs, L'] with L' = floor((L + 2p - d (k - 1) - 1) / s) + 1; weight
 * [outputs, inputs / groups, k], bias [outputs]. With `padding: "causal"` p = d (k - 1) before and 0 after: y[i] reads x up
 * to i only (stride 1).
 * @throws GalateaError `config` when groups do not divide inputs and outputs; `shape`, while tracing, when channels
 * differ or the kernel does not fit.
 */
export function conv1d<const Bias extends boolean = true>(
  options: Conv1dOptions<Bias>,
): Module<AffineParameters<Bias>> {
  const { inputs, outputs, kernel, groups } = options;
  const shape = [outputs, channelsOfGroup("conv1d", inputs, outputs, groups), kernel];
  return convolution(options, shape, (x, weight) => traced.conv1d(x, weight, options));
}

/**
 * A transposed convolution: the gradient of `conv1d` by its input, used to lengthen sequences.
 *
 * Shapes: x [B, inputs, L] -> [B, outputs, L'] with L' = (L - 1) s - 2p + d (k - 1) + outputPadding + 1; weight
 * [inputs, outputs / groups, k], bias [outputs].
 * @throws GalateaError `config` when groups do not divide inputs and outputs; `shape`, while tracing, when channels
 * differ.
 *
 * Source: PyTorch's `ConvTranspose1d`, also in how initializers count fans; see `convTranspose2d`.
 */
export function convTranspose1d<const Bias extends boolean = true>(
  options: ConvTranspose1dOptions<Bias>,
): Module<AffineParameters<Bias>> {
  const { inputs, outputs, kernel, groups } = options;
  const shape = [inputs, channelsOfGroup("convTranspose1d", outputs, inputs, groups), kernel];
  return convolution(options, shape, (x, weight) => traced.convTranspose1d(x, weight, options));
}
