/** Analytic Kullback-Leibler divergences. */

import { GalateaError } from "../../core/base/index.ts";
import type { Tensor } from "../../core/trace/index.ts";
import type { Bernoulli } from "./bernoulli.ts";
import type { Categorical } from "./categorical.ts";
import type { Gaussian } from "./gaussian.ts";

/**
 * KL(p || q), the expected log p(x) - log q(x) under p, elementwise.
 *
 * Gaussian: (log(vq / vp) + (vp + (mp - mq)^2) / vq - 1) / 2, of means m and variances v;
 * Bernoulli: pp (lp - lq) - softplus(lp) + softplus(lq), of logits l and pp = 1 / (1 + e^-lp);
 * categorical: sum over k of pp[k] (log pp[k] - log pq[k])
 *
 * Shapes: p's and q's shapes broadcast.
 * Units and ranges: nat, at least 0 up to rounding.
 * @throws GalateaError `shape`, while tracing, when shapes do not fit.
 *
 * Source: Kullback and Leibler, "On information and sufficiency" (1951).
 */
export function klDivergence(p: Gaussian, q: Gaussian): Tensor;
export function klDivergence(p: Bernoulli, q: Bernoulli): Tensor;
export function klDivergence(p: Categorical, q: Categorical): Tensor;
export function klDivergence(p: Gaussian | Bernoulli | Categorical, q: Gaussian | Bernoulli | Categorical): Tensor {
  if (p.kind === "gaussian" && q.kind === "gaussian") return betweenGaussians(p, q);
  if (p.kind === "bernoulli" && q.kind === "bernoulli") {
    return p.probabilities.mul(p.logits.sub(q.logits)).sub(p.logits.softplus()).add(q.logits.softplus());
  }
  if (p.kind === "categorical" && q.kind === "categorical") {
    return p.logProbabilities.exp().mul(p.logProbabilities.sub(q.logProbabilities)).sum(-1);
  }
  throw new GalateaError("internal", "klDivergence", `${p.kind} and ${q.kind}`, "both must be of one kind");
}

function betweenGaussians(p: Gaussian, q: Gaussian): Tensor {
  const logRatio = p.logVariance.sub(q.logVariance);
  const distance = p.mean.sub(q.mean).square().mul(q.precision);
  return logRatio.exp().add(distance).sub(logRatio.add(1)).mul(0.5);
}

/**
 * KL(p || N(0, 1)), elementwise.
 *
 * (mean^2 + variance - log variance - 1) / 2
 *
 * Shapes: that of p.
 * Units and ranges: nat, at least 0 up to rounding.
 *
 * Source: Kingma and Welling, "Auto-encoding variational Bayes" (2014), appendix B.
 */
export function klToStandardNormal({ mean, variance, logVariance }: Gaussian): Tensor {
  return mean.square().add(variance).sub(logVariance.add(1)).mul(0.5);
}
