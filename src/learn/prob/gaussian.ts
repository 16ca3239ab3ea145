/** The normal distribution. */

import { constant, randomNormal, type Tensor, type TensorLike } from "../../core/trace/index.ts";
import { asTensor, commonShape, type Distribution } from "./distribution.ts";

/** The width, as log of the variance or as standard deviation above 0; a number is shared by all elements. */
export type GaussianWidth = { readonly logVariance: TensorLike } | { readonly scale: TensorLike };

interface Width {
  readonly logVariance: Tensor;
  readonly variance: Tensor;
  /** Standard deviation. */
  readonly scale: Tensor;
  /** 1 / variance. */
  readonly precision: Tensor;
}

/** Its four spellings of the width are equal; the mean and they broadcast to its shape. */
export interface Gaussian extends Distribution, Width {
  readonly kind: "gaussian";
  readonly mean: Tensor;
}

const logTwoPi = Math.log(2 * Math.PI);

/**
 * Independent normal variables.
 *
 * log p(x) = -((x - mean)^2 / variance + log variance + log 2 pi) / 2;
 * sample = mean + scale * e with e standard normal, through which gradients reach mean and width;
 * entropy = (log variance + log 2 pi + 1) / 2
 *
 * Shapes: mean and width broadcast to the distribution's shape.
 * @throws GalateaError `shape`, while tracing, when they do not.
 *
 * Source: Kingma and Welling, "Auto-encoding variational Bayes" (2014), for the differentiable sample.
 */
export function gaussian(mean: Tensor, width: GaussianWidth): Gaussian {
  // What nobody uses of these does not get into the graph.
  const spellings = "scale" in width ? fromScale(width.scale) : fromLogVariance(width.logVariance);
  const { logVariance, scale, precision } = spellings;
  const shape = commonShape("gaussian", mean, logVariance);
  const logNormalizer = logVariance.add(logTwoPi);
  return {
    kind: "gaussian",
    shape,
    mean,
    ...spellings,
    logProb: (x) => x.sub(mean).square().mul(precision).add(logNormalizer).mul(-0.5),
    sample: (key) => mean.add(randomNormal(key, shape).mul(scale)),
    mode: () => mean.expand(shape),
    entropy: () => logNormalizer.add(1).mul(0.5).expand(shape),
  };
}

function fromScale(given: TensorLike): Width {
  const scale = asTensor(given);
  const variance = scale.square();
  return { logVariance: scale.log().mul(2), variance, scale, precision: constant(1).div(variance) };
}

function fromLogVariance(given: TensorLike): Width {
  const logVariance = asTensor(given);
  const variance = logVariance.exp();
  return { logVariance, variance, scale: logVariance.mul(0.5).exp(), precision: logVariance.neg().exp() };
}
