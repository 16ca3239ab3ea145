/** How well forecast distributions fit what came: from samples, from quantiles, from intervals. */

import { GalateaError } from "../../../core/base/index.ts";
import { meanOver, requireFinite, requireSameLength } from "./numbers.ts";

export interface SampleScoreOptions {
  /**
   * Whether the score is that of the distribution which the samples are drawn from, in expectation, rather than that of
   * the samples' own steps; default no.
   */
  readonly fair?: boolean;
}

/**
 * The continuous ranked probability score of one number, from samples of its forecast.
 *
 * E|X - y| - E|X - X'| / 2, means over samples and over pairs of them: n^2 pairs, or n (n - 1) when `fair`
 *
 * Units and ranges: those of the number, 0 or more (`fair`: may fall below); of one sample, its absolute error.
 * @throws GalateaError `data` without samples, with one when `fair`, or for values that are not finite.
 *
 * Source: Gneiting and Raftery, "Strictly proper scoring rules, prediction, and estimation" (2007); fair: Ferro (2014).
 */
export function rankedProbabilityScore(
  actual: number,
  samples: ArrayLike<number>,
  { fair = false }: SampleScoreOptions = {},
): number {
  const count = samples.length;
  if (count < (fair ? 2 : 1)) {
    throw new GalateaError("data", "CRPS", `${count} samples`, `at least ${fair ? 2 : 1}`);
  }
  requireFinite("CRPS", "actual", [actual]);
  requireFinite("CRPS", "samples", samples);
  const sorted = Float64Array.from(samples).sort();
  const error = meanOver(count, (i) => Math.abs(sorted[i] - actual));
  // The i-th smallest is the larger of i pairs and the smaller of n - 1 - i, so this is half of all |x - x'|.
  let spread = 0;
  for (let i = 0; i < count; i++) spread += (2 * i + 1 - count) * sorted[i];
  return error - spread / (count * (fair ? count - 1 : count));
}

/**
 * The loss that the true quantile of a level makes least.
 *
 * (y - q) level where y is above q, else (q - y) (1 - level)
 */
export function quantileLoss(actual: number, quantile: number, level: number): number {
  return actual >= quantile ? (actual - quantile) * level : (quantile - actual) * (1 - level);
}

/**
 * The continuous ranked probability score of one number, from quantiles of its forecast.
 *
 * 2 mean over levels of {@link quantileLoss}
 *
 * It tends to the score of the whole distribution as evenly spread levels get more: (i - 1/2) / K for i = 1 to K.
 *
 * @throws GalateaError `data` when quantiles and levels differ in number, or a level is not between 0 and 1.
 *
 * Source: Laio and Tamea (2007); Gneiting and Ranjan (2011).
 */
export function quantileScore(actual: number, quantiles: ArrayLike<number>, levels: ArrayLike<number>): number {
  requireSameLength("CRPS", { quantiles, levels });
  requireFinite("CRPS", "actual", [actual]);
  for (let i = 0; i < levels.length; i++) {
    if (levels[i] > 0 && levels[i] < 1) continue;
    throw new GalateaError("data", "CRPS", `levels[${i}] is ${levels[i]}`, "levels lie between 0 and 1");
  }
  return 2 * meanOver(levels.length, (i) => quantileLoss(actual, quantiles[i], levels[i]));
}

export interface IntervalScores {
  /** Share of the numbers that lie in their interval, its ends included. */
  readonly coverage: number;
  /** Mean width of the intervals. */
  readonly width: number;
}

/**
 * How often numbers fall into the intervals that were forecast for them. Good intervals of 90% hold 90%, and are narrow.
 *
 * @throws GalateaError `data` when lengths differ, or an interval's ends are swapped.
 */
export function intervalCoverage(
  actual: ArrayLike<number>,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
): IntervalScores {
  requireSameLength("coverage", { actual, lower, upper });
  for (let i = 0; i < lower.length; i++) {
    if (lower[i] <= upper[i]) continue;
    const seen = `interval ${i} goes from ${lower[i]} to ${upper[i]}`;
    throw new GalateaError("data", "coverage", seen, "the lower end comes first");
  }
  return {
    coverage: meanOver(actual.length, (i) => Number(actual[i] >= lower[i] && actual[i] <= upper[i])),
    width: meanOver(actual.length, (i) => upper[i] - lower[i]),
  };
}
