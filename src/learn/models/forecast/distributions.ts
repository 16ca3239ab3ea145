/** Distributions of a value to come, by a place and a width: what forecasts are made of. */

import { erfInverse, type Tensor } from "../../../core/trace/index.ts";

export const forecastDistributions = ["laplace", "normal"] as const;

export type ForecastDistribution = (typeof forecastDistributions)[number];

/** Formulas of the distribution of place 0 and width 1; all are of tensors of any shape. */
export interface StandardDistribution {
  /** -log p(z), in nats. */
  nats(z: Tensor): Tensor;
  /** The continuous ranked probability score of the outcome z. */
  rankedProbabilityScore(z: Tensor): Tensor;
  /** The number that a draw is below with this probability. */
  quantile(level: number): number;
  /** The standard normal number that is as improbable to exceed as z, -4.9 to 4.9. */
  normalScore(z: Tensor): Tensor;
  /** The other way round: of normal numbers, draws of this distribution. */
  ofNormal(score: Tensor): Tensor;
}

/** The highest probability that a number is told from 1 by; beyond it a score ends. */
const mostCertain = 1 - 1e-6;

/** Standard normal quantiles of the levels that are asked for. Source: tables of the normal distribution. */
const normalQuantiles: Readonly<Record<number, number>> = {
  0.05: -1.644_853_626_951_47,
  0.25: -0.674_489_750_196_08,
  0.5: 0,
  0.75: 0.674_489_750_196_08,
  0.95: 1.644_853_626_951_47,
};

/** Levels of the quantiles that forecasts show: the median, and the ends of intervals of 50% and 90%. */
export const forecastLevels = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/**
 * - `laplace`: -log p = |z| + log 2; its place is the median, and the absolute error is what places are fitted by
 * - `normal`: -log p = z^2 / 2 + log(2 pi) / 2; its place is the mean, fitted by the squared error
 *
 * Source: closed forms of the ranked probability score from Jordan, Krueger and Lerch, "Evaluating probabilistic forecasts
 * with scoringRules" (2019).
 */
export const standardDistributions: Readonly<Record<ForecastDistribution, StandardDistribution>> = {
  laplace: {
    nats: (z) => z.abs().add(Math.LN2),
    rankedProbabilityScore: (z) => z.abs().add(z.abs().neg().exp()).sub(0.75),
    quantile: (level) => (level < 0.5 ? Math.log(2 * level) : -Math.log(2 * (1 - level))),
    normalScore: (z) => {
      const within = z.abs().neg().exp().neg().add(1).minimum(mostCertain); // P(|Z| < |z|)
      return erfInverse(within).mul(Math.SQRT2).mul(z.sign());
    },
    ofNormal: (score) => {
      const beyond = score
        .abs()
        .div(Math.SQRT2)
        .erf()
        .neg()
        .add(1)
        .maximum(1 - mostCertain);
      return beyond.log().neg().mul(score.sign());
    },
  },
  normal: {
    nats: (z) =>
      z
        .square()
        .mul(0.5)
        .add(0.5 * Math.log(2 * Math.PI)),
    rankedProbabilityScore: (z) => {
      const density = z
        .square()
        .mul(-0.5)
        .exp()
        .div(Math.sqrt(2 * Math.PI));
      return z
        .mul(z.div(Math.SQRT2).erf())
        .add(density.mul(2))
        .sub(1 / Math.sqrt(Math.PI));
    },
    quantile: (level) => normalQuantiles[level],
    normalScore: (z) => z,
    ofNormal: (score) => score,
  },
};
