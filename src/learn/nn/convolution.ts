/** Convolution layers over images. */

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
 * Shapes: x [B, inputs, H, W] -> [B, outputs, H', W'] with H' = floor((H + 2p - d (h - 1) - 1) / s) + 1;
 * weight [outputs, inputs, h, w], bias [outputs].
 * @throws GalateaError `shape`, while tracing, when channels differ or the kernel does not fit.
 */
export function conv2d<const Bias extends boolean = true>(
  options: Conv2dOptions<Bias>,
): Module<AffineParameters<Bias>> {
  const { inputs, outputs } = options;
  return convolution(options, [outputs, inputs], (x, weight) => x.conv2d(weight, options));
}

/**
 * A transposed convolution: the gradient of `conv2d` by its input, used to enlarge images.
 *
 * y[b, o, s i + d u - p, s j + d v - p] sums x[b, c, i, j] weight[c, o, u, v], plus bias[o]
 *
 * Shapes: x [B, inputs, H, W] -> [B, outputs, H', W'] with H' = (H - 1) s - 2p + d (h - 1) + outputPadding + 1;
 * weight [inputs, outputs, h, w], bias [outputs].
 * @throws GalateaError `shape`, while tracing, when channels differ.
 *
 * Source: PyTorch's `ConvTranspose2d`, also in how initializers count fans: from the weight's layout, so that
 * `fans.inputs` is outputs * h * w.
 */
export function convTranspose2d<const Bias extends boolean = true>(
  options: ConvTranspose2dOptions<Bias>,
): Module<AffineParameters<Bias>> {
  const { inputs, outputs } = options;
  return convolution(options, [inputs, outputs], (x, weight) => x.convTranspose2d(weight, options));
}

function convolution<Bias extends boolean>(
  { outputs, kernel, bias, init = torchDefault, biasInit = torchDefault }: Conv2dOptions<Bias>,
  channels: readonly [number, number],
  convolve: (x: Tensor, weight: Tensor) => Tensor,
): Module<AffineParameters<Bias>> {
  const [height, width] = typeof kernel === "number" ? [kernel, kernel] : kernel;
  const fans: Fans = { inputs: channels[1] * height * width, outputs: channels[0] * height * width };
  return {
    init: (key) => {
      const weight = init(foldKey(key, 0), [...channels, height, width], fans);
      return affineParameters<Bias>(weight, bias === false ? undefined : biasInit(foldKey(key, 1), [outputs], fans));
    },
    apply: (parameters, x) => {
      const { weight, bias } = parameters as AffineParameters<boolean>;
      const convolved = convolve(x, weight);
      return bias ? convolved.add(bias.reshape([outputs, 1, 1])) : convolved;
    },
  };
}
