/** Random zeros in training. */

import { GalateaError } from "../../core/base/index.ts";
import { randomBernoulli } from "../../core/trace/index.ts";
import type { Module, NoParameters } from "./module.ts";

/**
 * Sets elements to zero at random in training, and enlarges the others so that the mean stays.
 *
 * y = x / (1 - probability) with chance 1 - probability for each element, else 0; y = x when not training.
 *
 * Shapes: x of any shape -> the same.
 * Units and ranges: `probability` is that of a zero, 0 to 1, 1 excluded; rounded to a multiple of 2^-16.
 * @throws GalateaError `config` when the probability is outside its range or, while tracing, when the training
 * context has no key.
 *
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014), section
 * 10, scaled in training instead of afterwards.
 */
export function dropout(probability: number): Module<NoParameters> {
  if (!(probability >= 0 && probability < 1)) {
    throw new GalateaError("config", "dropout", `a probability of ${probability}`, "it must be within [0, 1)");
  }
  return {
    init: () => ({}),
    apply: (_, x, { training, key }) => {
      if (!training || probability === 0) return x;
      if (key === undefined) {
        throw new GalateaError("config", x.path, "dropout: the context has no key", "give trainingContext one");
      }
      const kept = randomBernoulli(key, x.shape, 1 - probability);
      return x.mul(kept.mul(1 / (1 - probability)));
    },
  };
}
