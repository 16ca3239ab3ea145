/** Distributions of a value to come, by a place and a width: what forecasts are made of. */

import { foldKey, randomNormal, randomUniform, type Tensor } from "../../../core/trace/index.ts";

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
  draw(key: Tensor, shape: readonly number[]): Tensor;
}

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
    draw: (key, shape) => {
      // The difference of two exponential numbers is Laplace's.
      const [a, b] = [0, 1].map((stream) => randomUniform(foldKey(key, stream), shape).log().neg());
      return a.sub(b);
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
    draw: (key, shape) => randomNormal(key, shape),
  },
};
