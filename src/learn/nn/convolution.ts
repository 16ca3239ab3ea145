/** Convolution layers over images. */

import { GalateaError, type Shape, sizeOf } from "../../core/base/index.ts";
import { foldKey, type Tensor } from "../../core/trace/index.ts";
import { type Fans, type Initializer, torchDefault } from "./initializers.ts";
import { type AffineParameters, affineParameters, type Module } from "./module.ts";

/** A number stands for both axes; pairs are [height, width]. */
export interface Conv2dOptions<Bias extends boolean = boolean> {
  /** Channels of the input and of the output. */
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number | readonly [number, number];
  readonly stride?: number | readonly [number, number];
  /** Zeros around: [height, width] or [top, left, bottom, right]. */
  readonly padding?: number | readonly [number, number] | readonly [number, number, number, number];
  readonly dilation?: number | readonly [number, number];
  /** Parts of the channels, each with filters of its own; 1 where absent. As many as inputs: depthwise. */
  readonly groups?: number;
  readonly bias?: Bias;
  /** Of the weight; `torchDefault` where absent. */
  readonly init?: Initializer;
  /** Of the bias; `torchDefault` where absent. */
  readonly biasInit?: Initializer;
}

export interface ConvTranspose2dOptions<Bias extends boolean = boolean> extends Conv2dOptions<Bias> {
  /** Rows and columns added at the bottom and right, to choose among the sizes that a stride leaves open. */
  readonly outputPadding?: number | readonly [number, number];
}

/**
 * A convolution (cross-correlation, as everywhere in this field).
 *
 * y[b, o, i, j] = bias[o] + sum over c, u, v of weight[o, c, u, v] x[b, c, s i + d u - p, s j + d v - p]
 *
 * With groups, c runs over the channels of o's group only.
 *
 * Shapes: x [B, inputs, H, W] -> [B, outputs, H', W'] with H' = floor((H + 2p - d (h - 1) - 1) / s) + 1;
 * weight [outputs, inputs / groups, h, w], bias [outputs].
 * @throws GalateaError `config` when groups do not divide inputs and outputs; `shape`, while tracing, when channels
 * differ or the kernel does not fit.
 */
export function conv2d<const Bias extends boolean = true>(
  options: Conv2dOptions<Bias>,
): Module<AffineParameters<Bias>> {
  const { inputs, outputs, kernel, groups } = options;
  const shape = [outputs, channelsOfGroup("conv2d", inputs, outputs, groups), ...areaOf(kernel)];
  return convolution(options, shape, (x, weight) => x.conv2d(weight, options));
}

/**
 * A transposed convolution: the gradient of `conv2d` by its input, used to enlarge images.
 *
 * y[b, o, s i + d u - p, s j + d v - p] sums x[b, c, i, j] weight[c, o, u, v], plus bias[o]
 *
 * Shapes: x [B, inputs, H, W] -> [B, outputs, H', W'] with H' = (H - 1) s - 2p + d (h - 1) + outputPadding + 1;
 * weight [inputs, outputs / groups, h, w], bias [outputs].
 * @throws GalateaError `config` when groups do not divide inputs and outputs; `shape`, while tracing, when channels
 * differ.
 *
 * Source: PyTorch's `ConvTranspose2d`, also in how initializers count fans: from the weight's layout, so that
 * `fans.inputs` is outputs / groups * h * w.
 */
export function convTranspose2d<const Bias extends boolean = true>(
  options: ConvTranspose2dOptions<Bias>,
): Module<AffineParameters<Bias>> {
  const { inputs, outputs, kernel, groups } = options;
  const shape = [inputs, channelsOfGroup("convTranspose2d", outputs, inputs, groups), ...areaOf(kernel)];
  return convolution(options, shape, (x, weight) => x.convTranspose2d(weight, options));
}

function areaOf(kernel: number | readonly [number, number]): readonly [number, number] {
  return typeof kernel === "number" ? [kernel, kernel] : kernel;
}

/** Channels in one group. */
export function channelsOfGroup(layer: string, channels: number, others: number, groups = 1): number {
  if (Number.isInteger(channels / groups) && Number.isInteger(others / groups)) return channels / groups;
  const seen = `${groups} groups for ${channels} and ${others} channels`;
  throw new GalateaError("config", layer, seen, "groups must divide both");
}

type ConvolutionOptions<Bias extends boolean> = Pick<Conv2dOptions<Bias>, "outputs" | "bias" | "init" | "biasInit">;

/** A layer with a weight of this shape, which `convolve` applies, and a bias for each output channel. */
export function convolution<Bias extends boolean>(
  { outputs, bias, init = torchDefault, biasInit = torchDefault }: ConvolutionOptions<Bias>,
  shape: Shape,
  convolve: (x: Tensor, weight: Tensor) => Tensor,
): Module<AffineParameters<Bias>> {
  const area = sizeOf(shape.slice(2));
  const fans: Fans = { inputs: shape[1] * area, outputs: shape[0] * area };
  return {
    init: (key) => {
      const weight = init(foldKey(key, 0), shape, fans);
      return affineParameters<Bias>(weight, bias === false ? undefined : biasInit(foldKey(key, 1), [outputs], fans));
    },
    apply: (parameters, x) => {
      const { weight, bias } = parameters as AffineParameters<boolean>;
      const convolved = convolve(x, weight);
      return bias ? convolved.add(bias.reshape([outputs, ...shape.slice(2).map(() => 1)])) : convolved;
    },
  };
}
