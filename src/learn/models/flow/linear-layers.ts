/** Layers that are linear: scales and shifts of channels, mixing of channels, squares of pixels as channels. */

import { type Key, type Shape, sizeOf } from "../../../core/base/index.ts";
import { ones, type Tensor, tensor, where, zeros } from "../../../core/trace/index.ts";
import {
  type LuMatrices,
  luDecompose,
  luInverse,
  luMatrix,
  randomRotation,
  squeeze,
  unsqueeze,
} from "../../prob/index.ts";
import type { FlowLayer } from "./layer.ts";

/** All axes but that of channels. */
function otherAxes(x: Tensor): number[] {
  return x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

/** [C] as [C, 1, ...], for an x [B, C, ...]. */
function alongChannels(values: Tensor, x: Tensor): Tensor {
  return values.reshape([values.size, ...x.shape.slice(2).map(() => 1)]);
}

/** Number of places that a channel has. */
function places(x: Tensor): number {
  return sizeOf(x.shape.slice(2));
}

/** Mean and standard deviation of each channel, [C]; 1 for the deviation of a channel that is always the same. */
function statistics(x: Tensor): { readonly mean: Tensor; readonly deviation: Tensor } {
  const axes = otherAxes(x);
  const deviation = x.variance(axes, { unbiased: false }).sqrt();
  return { mean: x.mean(axes), deviation: where(deviation.greater(1e-6), deviation, ones(deviation.shape)) };
}

export type ActnormParameters = { readonly bias: Tensor; readonly log_scale: Tensor };

/**
 * Scale and shift of each channel, set by the first batch so that what comes out has mean 0 and variance 1.
 *
 * y = (x + bias) e^log_scale; log |det| = places * sum of log_scale
 *
 * Shapes: x [B, C, ...]; both parameters [C].
 *
 * Source: Kingma and Dhariwal, "Glow: generative flow with invertible 1x1 convolutions" (2018), section 3.1.
 */
export function actnorm(channels: number): FlowLayer<ActnormParameters> {
  const logDetOf = ({ log_scale }: ActnormParameters, x: Tensor): Tensor => log_scale.sum().mul(places(x));
  return {
    init: () => ({ bias: zeros([channels]), log_scale: zeros([channels]) }),
    forward: (parameters, x) => {
      const { bias, log_scale } = parameters;
      const y = x.add(alongChannels(bias, x)).mul(alongChannels(log_scale.exp(), x));
      return { y, logDet: logDetOf(parameters, x) };
    },
    inverse: (parameters, y) => {
      const { bias, log_scale } = parameters;
      const x = y.mul(alongChannels(log_scale.neg().exp(), y)).sub(alongChannels(bias, y));
      return { x, logDet: logDetOf(parameters, y).neg() };
    },
    prepare: (_, x) => {
      const { mean, deviation } = statistics(x);
      return { bias: mean.neg(), log_scale: deviation.log().neg() };
    },
  };
}

export type StandardizeParameters = { readonly mean: Tensor; readonly scale: Tensor };

/**
 * y = (x - mean) / scale, of numbers that the first batch sets and training leaves alone.
 *
 * Shapes: x [B, C, ...]; both parameters [C].
 */
export function standardize(channels: number): FlowLayer<StandardizeParameters> {
  const logDetOf = (scale: Tensor, x: Tensor): Tensor => scale.log().sum().mul(-places(x));
  const fixed = ({ mean, scale }: StandardizeParameters): StandardizeParameters => {
    return { mean: mean.stopGradient(), scale: scale.stopGradient() };
  };
  return {
    init: () => ({ mean: zeros([channels]), scale: ones([channels]) }),
    forward: (parameters, x) => {
      const { mean, scale } = fixed(parameters);
      return { y: x.sub(alongChannels(mean, x)).div(alongChannels(scale, x)), logDet: logDetOf(scale, x) };
    },
    inverse: (parameters, y) => {
      const { mean, scale } = fixed(parameters);
      return { x: y.mul(alongChannels(scale, y)).add(alongChannels(mean, y)), logDet: logDetOf(scale, y).neg() };
    },
    prepare: (_, x) => {
      const { mean, deviation } = statistics(x);
      return { mean, scale: deviation };
    },
  };
}

/**
 * Channels mixed by an invertible matrix: a 1 x 1 convolution of images, a linear map of vectors.
 *
 * y = W x at each place, W = P L U; log |det| = places * sum of log |diagonal of U|
 *
 * It begins as a rotation that `key` decides; P and the signs of the diagonal stay what they are then.
 *
 * Shapes: x [B, C, ...]; lower and upper [C, C], log_diagonal [C].
 *
 * Source: Kingma and Dhariwal, "Glow" (2018), section 3.2.
 */
export function invertibleLinear(channels: number, key: Key): FlowLayer<LuMatrices> {
  const factors = luDecompose(randomRotation(channels, key));
  const apply = (matrix: Tensor, x: Tensor): Tensor =>
    x.rank === 2 ? x.matmul(matrix, { transposeB: true }) : x.conv2d(matrix.reshape([channels, channels, 1, 1]));
  const logDetOf = ({ log_diagonal }: LuMatrices, x: Tensor): Tensor => log_diagonal.sum().mul(places(x));
  return {
    init: () => ({
      lower: tensor(factors.lower.flat(), [channels, channels]),
      upper: tensor(factors.upper.flat(), [channels, channels]),
      log_diagonal: tensor(factors.logDiagonal, [channels]),
    }),
    forward: (parameters, x) => ({ y: apply(luMatrix(parameters, factors), x), logDet: logDetOf(parameters, x) }),
    inverse: (parameters, y) => {
      return { x: apply(luInverse(parameters, factors), y), logDet: logDetOf(parameters, y).neg() };
    },
  };
}

/**
 * The channels in another, fixed order: channel i of y is channel order[i] of x.
 *
 * A product with a matrix of zeros and ones, whose gradient costs no scattered sums.
 */
export function permute(order: readonly number[]): FlowLayer {
  const n = order.length;
  const rows = order.map((from) => order.map((_, j) => (j === from ? 1 : 0)));
  const matrix = (): Tensor => tensor(rows.flat(), [n, n]);
  const apply = (x: Tensor, transposed: boolean): Tensor => {
    const rowsOfX = x.rank === 2 ? x : x.moveAxis(1, -1);
    const moved = rowsOfX.matmul(matrix(), { transposeB: !transposed });
    return x.rank === 2 ? moved : moved.moveAxis(-1, 1);
  };
  const none = (): Tensor => zeros([]);
  return {
    init: () => ({}),
    forward: (_, x) => ({ y: apply(x, false), logDet: none() }),
    inverse: (_, y) => ({ x: apply(y, true), logDet: none() }),
  };
}

/** Squares of pixels as channels: see {@link squeeze}. */
export function squeezeLayer(factor = 2): FlowLayer {
  return {
    init: () => ({}),
    forward: (_, x) => ({ y: squeeze(x, { factor }), logDet: zeros([]) }),
    inverse: (_, y) => ({ x: unsqueeze(y, { factor }), logDet: zeros([]) }),
    shape: ([channels, height, width]: Shape) => [channels * factor * factor, height / factor, width / factor],
  };
}
