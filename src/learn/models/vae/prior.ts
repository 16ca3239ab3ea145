/** Where a VAE's latents come from: a standard normal density, or a learned mixture of normal densities. */

import { constant, foldKey, randomCategorical, randomNormal, type Tensor, zeros } from "../../../core/trace/index.ts";
import { type Gaussian, klToStandardNormal, sumOverEvent } from "../../prob/index.ts";

/** None for the standard normal; means, log variances [K, D] and logits [K] for a mixture. */
export type PriorParameters = Readonly<Record<string, Tensor>>;

export interface Prior {
  init(key: Tensor): PriorParameters;
  /** log p(z) of codes [N, D], as [N]. */
  logProb(parameters: PriorParameters, z: Tensor): Tensor;
  /** KL(q || p) of each example, [B]: analytic where it can be, else its unbiased estimate from the sample z of q. */
  divergence(parameters: PriorParameters, q: Gaussian, z: Tensor): Tensor;
  /** Codes [count, D], whose deviations from the (component's) mean are scaled by the temperature, 1 where absent. */
  sample(parameters: PriorParameters, key: Tensor, count: number, temperature?: number): Tensor;
}

export const priorNames = ["standard", "mixture"] as const;

export type PriorName = (typeof priorNames)[number];

const logTwoPi = Math.log(2 * Math.PI);

/** N(0, I). Source: Kingma and Welling, "Auto-encoding variational Bayes" (2014), appendix B for the KL. */
function standardNormal(latent: number): Prior {
  return {
    init: () => ({}),
    logProb: (_, z) => z.square().add(logTwoPi).mul(-0.5).sum(1),
    divergence: (_, q) => sumOverEvent(klToStandardNormal(q)),
    sample: (_, key, count, temperature = 1) => randomNormal(key, [count, latent]).mul(temperature),
  };
}

/**
 * p(z) = sum_k w_k N(z; mean_k, variance_k), trained with the rest: it follows where codes really lie, so that
 * samples fall into fewer holes between them than those of N(0, I).
 *
 * Squares are multiplied out, so that all components cost two matrix products.
 *
 * Source: the mixture-of-Gaussians prior in Tomczak and Welling, "VAE with a VampPrior" (2018), section 2.
 */
function mixture(latent: number, components: number): Prior {
  const logProb = ({ mean, log_variance, logits }: PriorParameters, z: Tensor): Tensor => {
    const precision = log_variance.neg().exp();
    const scaledMean = mean.mul(precision);
    // sum_d precision (z - mean)^2 for each code and component
    const distance = z
      .square()
      .matmul(precision, { transposeB: true })
      .sub(z.matmul(scaledMean, { transposeB: true }).mul(2))
      .add(mean.mul(scaledMean).sum(1)); // [N, K]
    const logNormalizer = log_variance.sum(1).add(latent * logTwoPi);
    return distance.add(logNormalizer).mul(-0.5).add(logits.logSoftmax()).logSumExp(1);
  };
  return {
    init: (key) => ({
      mean: randomNormal(key, [components, latent]),
      log_variance: zeros([components, latent]),
      logits: zeros([components]),
    }),
    logProb,
    divergence: (parameters, q, z) => sumOverEvent(q.logProb(z)).sub(logProb(parameters, z)),
    sample: ({ mean, log_variance, logits }, key, count, temperature = 1) => {
      const chosen = randomCategorical(foldKey(key, 0), logits.expand([count, components]));
      const noise = randomNormal(foldKey(key, 1), [count, latent]);
      return mean.gather(chosen).add(noise.mul(log_variance.gather(chosen).mul(constant(0.5)).exp().mul(temperature)));
    },
  };
}

/** The prior of a name over codes of `latent` dimensions. */
export function createPrior(name: PriorName, latent: number, components: number): Prior {
  return name === "mixture" ? mixture(latent, components) : standardNormal(latent);
}
