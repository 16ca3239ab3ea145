/** The distribution of a coin. */

import { randomBernoulli, type Tensor } from "../../core/trace/index.ts";
import type { Distribution } from "./distribution.ts";

export interface Bernoulli extends Distribution {
  readonly kind: "bernoulli";
  /** Log-odds of a 1. */
  readonly logits: Tensor;
  /** Probability of a 1, which is also the mean. */
  readonly probabilities: Tensor;
}

/**
 * Independent coins, by log-odds.
 *
 * With s = softplus and p = 1 / (1 + e^-logits): log p(x) = x logits - s(logits);
 * entropy = s(logits) - p logits; mode = 1 where logits > 0
 *
 * Shapes: that of the logits. Samples and mode are float32 and carry no gradient.
 * Units and ranges: x is 0 or 1. Grey values between are taken as in the usual VAE on images, as the expected
 * log-probability of a pixel drawn with that chance: the negative cross-entropy, no density over [0, 1]
 * (Loaiza-Ganem and Cunningham, "The continuous Bernoulli", 2019).
 */
export function bernoulli({ logits }: { readonly logits: Tensor }): Bernoulli {
  const probabilities = logits.sigmoid();
  return {
    kind: "bernoulli",
    shape: logits.shape,
    logits,
    probabilities,
    logProb: (x) => x.mul(logits).sub(logits.softplus()),
    sample: (key) => randomBernoulli(key, logits.shape, probabilities),
    mode: () => logits.greater(0).cast("float32"),
    entropy: () => logits.softplus().sub(probabilities.mul(logits)),
  };
}
