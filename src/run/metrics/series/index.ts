/** Scores of forecasts: of single numbers, and of distributions. Functions of plain numbers; knows no model or file. */

export {
  type IntervalScores,
  intervalCoverage,
  quantileLoss,
  quantileScore,
  rankedProbabilityScore,
  type SampleScoreOptions,
} from "./distribution-errors.ts";
export {
  type ForecastScores,
  type ForecastSeries,
  forecastScores,
  meanAbsoluteError,
  meanSquaredError,
  naiveError,
  scaledError,
  seasonalNaive,
  symmetricPercentageError,
} from "./point-errors.ts";
