/** Layers that bring activations to mean 0 and variance 1: over an example's features, over groups of its
 * channels, or over the batch. */

import { formatShape, GalateaError, type Shape, sizeOf } from "../../core/base/index.ts";
import { constant, ones, type Tensor, zeros } from "../../core/trace/index.ts";
import { affineParameters, type Module } from "./module.ts";

/** Scale and shift. */
export type NormParameters = { readonly weight: Tensor; readonly bias: Tensor };

/** Scale, shift, and running statistics, which are not trained. */
export type BatchNormParameters = NormParameters & { readonly running_mean: Tensor; readonly running_var: Tensor };

export interface LayerNormOptions {
  /** Sizes of the last axes, over which statistics are taken; a number for the last axis alone. */
  readonly shape: number | Shape;
  readonly epsilon?: number;
}

export interface GroupNormOptions {
  readonly groups: number;
  readonly channels: number;
  readonly epsilon?: number;
}

export interface BatchNormOptions {
  readonly channels: number;
  readonly epsilon?: number;
  /** Weight of the newest batch in the running statistics, 0 to 1. */
  readonly momentum?: number;
}

interface Centred {
  readonly deviations: Tensor;
  /** Over the axes, which stay with size 1; the variance is biased. */
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** 1 / sqrt(variance + epsilon): a factor costs fewer passes over x, forward and backward, than a divisor. */
  readonly factor: Tensor;
}

export function centre(x: Tensor, axes: readonly number[], epsilon: number): Centred {
  const mean = x.mean(axes, true);
  const deviations = x.sub(mean);
  const variance = deviations.square().mean(axes, true);
  return { deviations, mean, variance, factor: constant(1).div(variance.add(epsilon).sqrt()) };
}

function initialNorm(shape: Shape): NormParameters {
  return affineParameters<true>(ones(shape), zeros(shape));
}

/**
 * Normalizes each example over its last axes.
 *
 * y = (x - mean(x)) / sqrt(var(x) + epsilon) * weight + bias, var biased
 *
 * Shapes: x [..., ...shape] -> the same; weight and bias of `shape`.
 * Units and ranges: epsilon 1e-5 where absent.
 * @throws GalateaError `shape`, while tracing, when x does not end in `shape`.
 *
 * Source: Ba, Kiros and Hinton, "Layer normalization" (2016).
 */
export function layerNorm({ shape, epsilon = 1e-5 }: LayerNormOptions): Module<NormParameters> {
  const sizes = typeof shape === "number" ? [shape] : shape;
  return {
    init: () => initialNorm(sizes),
    apply: ({ weight, bias }, x) => {
      const first = x.rank - sizes.length;
      if (first < 0 || sizes.some((size, i) => x.shape[first + i] !== size)) {
        throw misfit("layerNorm", weight, x, `it must end in ${formatShape(sizes)}`);
      }
      const size = sizeOf(sizes);
      const rows = x.reshape([...x.shape.slice(0, first), size]);
      return rows.layerNorm(weight.reshape([size]), bias.reshape([size]), epsilon).reshape(x.shape);
    },
  };
}

/**
 * Normalizes each example over groups of its channels.
 *
 * y = (x - mean_group(x)) / sqrt(var_group(x) + epsilon) * weight[channel] + bias[channel], var biased
 *
 * Shapes: x [B, channels, ...] -> the same; weight and bias [channels].
 * Units and ranges: `groups` divides `channels`; one group per channel is instance norm. epsilon 1e-5 where absent.
 * @throws GalateaError `config` when `groups` does not divide `channels`; `shape`, while tracing, when x has
 * other channels.
 *
 * Source: Wu and He, "Group normalization" (2018).
 */
export function groupNorm({ groups, channels, epsilon = 1e-5 }: GroupNormOptions): Module<NormParameters> {
  if (!Number.isInteger(channels / groups)) {
    throw new GalateaError(
      "config",
      "groupNorm",
      `${channels} channels in ${groups} groups`,
      "groups must divide channels",
    );
  }
  return {
    init: () => initialNorm([channels]),
    apply: ({ weight, bias }, x) => {
      if (x.rank < 2 || x.shape[1] !== channels) {
        throw misfit("groupNorm", weight, x, `it must be [B, ${channels}, ...]`);
      }
      const [batch] = x.shape;
      const inner = x.shape.flatMap((_, axis) => (axis < 2 ? [] : [axis]));
      const perChannel = [batch, channels, ...inner.map(() => 1)];
      // Statistics of channels first: x itself keeps its axes, which convolutions before and after read.
      const overGroups = (values: Tensor): Tensor => {
        const sums = values
          .sum(inner, true)
          .reshape([batch, groups, channels / groups])
          .sum(2, true);
        return sums.mul((batch * groups) / x.size);
      };
      const mean = overGroups(x)
        .expand([batch, groups, channels / groups])
        .reshape(perChannel);
      const deviations = x.sub(mean);
      const factor = constant(1).div(overGroups(deviations.square()).add(epsilon).sqrt());
      const scale = weight
        .reshape([groups, channels / groups])
        .mul(factor)
        .reshape(perChannel);
      return deviations.mul(scale).add(bias.reshape([channels, ...inner.map(() => 1)]));
    },
  };
}

/**
 * Normalizes each channel over the batch; when not training, by running statistics.
 *
 * y = (x - mean) / sqrt(var + epsilon) * weight + bias. In training mean and (biased) var are the batch's, and
 * running' = (1 - momentum) running + momentum * statistic, with the unbiased variance.
 *
 * Shapes: x [B, channels] or [B, channels, ...] -> the same; all parameters [channels].
 * Units and ranges: epsilon 1e-5 and momentum 0.1 where absent.
 * @throws GalateaError `shape`, while tracing, when x has other channels, or one value per channel in training.
 *
 * Source: Ioffe and Szegedy, "Batch normalization" (2015). Names and running variance as in PyTorch, whose
 * `num_batches_tracked` we leave out: it matters only to a momentum that PyTorch calls None.
 */
export function batchNorm({ channels, epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions): Module<BatchNormParameters> {
  return {
    init: () => ({ ...initialNorm([channels]), running_mean: zeros([channels]), running_var: ones([channels]) }),
    apply: ({ weight, bias, running_mean, running_var }, x, context) => {
      if (x.rank < 2 || x.shape[1] !== channels) {
        throw misfit("batchNorm", weight, x, `it must be [B, ${channels}] or [B, ${channels}, ...]`);
      }
      const perChannel = [channels, ...x.shape.slice(2).map(() => 1)];
      const count = x.size / channels;
      if (!context.training) {
        const scale = weight.div(running_var.add(epsilon).sqrt());
        const shift = bias.sub(running_mean.mul(scale));
        return x.mul(scale.reshape(perChannel)).add(shift.reshape(perChannel));
      }
      if (count < 2) throw misfit("batchNorm", weight, x, "training needs more than one value per channel");
      const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
      const { deviations, mean, variance, factor } = centre(x, axes, epsilon);
      const blend = (running: Tensor, statistic: Tensor, share: number): void => {
        const kept = context.current(running).mul(1 - momentum);
        context.update(running, kept.add(statistic.reshape([channels]).mul(share)));
      };
      blend(running_mean, mean, momentum);
      blend(running_var, variance, (momentum * count) / (count - 1));
      return deviations.mul(weight.reshape(perChannel).mul(factor)).add(bias.reshape(perChannel));
    },
  };
}

export function misfit(layer: string, parameter: Tensor, x: Tensor, right: string): GalateaError {
  return new GalateaError("shape", parameter.path, `${layer}: its input has shape ${formatShape(x.shape)}`, right);
}
