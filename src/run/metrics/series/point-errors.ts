/** How far forecasts of single numbers lie from what came, and the forecast that others are measured against. */

import { GalateaError } from "../../../core/base/index.ts";
import { meanOver, requireFinite, requireSameLength } from "./numbers.ts";

/** mean (y - f)^2. */
export function meanSquaredError(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  requireSameLength("mean squared error", { actual, forecast });
  return meanOver(actual.length, (i) => (actual[i] - forecast[i]) ** 2);
}

/** mean |y - f|. */
export function meanAbsoluteError(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  requireSameLength("mean absolute error", { actual, forecast });
  return meanOver(actual.length, (i) => Math.abs(actual[i] - forecast[i]));
}

/**
 * The symmetric mean absolute percentage error.
 *
 * mean 200 |y - f| / (|y| + |f|), a term with y = f = 0 being 0
 *
 * Units and ranges: per cent, 0 to 200.
 * @throws GalateaError `data` when the lengths differ or a value is not finite.
 *
 * Source: Makridakis, Spiliotis and Assimakopoulos, "The M4 competition" (2020).
 */
export function symmetricPercentageError(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  requireSameLength("sMAPE", { actual, forecast });
  return meanOver(actual.length, (i) => {
    const size = Math.abs(actual[i]) + Math.abs(forecast[i]);
    return size === 0 ? 0 : (200 * Math.abs(actual[i] - forecast[i])) / size;
  });
}

/**
 * The mean absolute error that the seasonal naive forecast makes within the history, one step ahead: the unit of MASE.
 *
 * mean |y_t - y_(t - m)|
 *
 * Units and ranges: those of the series; 0 for one that repeats itself exactly.
 * @throws GalateaError `data` when the history is not longer than the period.
 */
export function naiveError(history: ArrayLike<number>, period: number): number {
  requirePeriod("MASE", history, period, period + 1);
  return meanOver(history.length - period, (i) => Math.abs(history[i + period] - history[i]));
}

/**
 * The mean absolute scaled error: below 1 means better than the seasonal naive forecast is within the history.
 *
 * mean |y - f| / {@link naiveError}(history, m)
 *
 * @throws GalateaError `data` when the history repeats itself exactly, so that nothing is there to scale by.
 *
 * Source: Hyndman and Koehler, "Another look at measures of forecast accuracy" (2006).
 */
export function scaledError(
  actual: ArrayLike<number>,
  forecast: ArrayLike<number>,
  history: ArrayLike<number>,
  period: number,
): number {
  const unit = naiveError(history, period);
  if (unit === 0) {
    const seen = `the history repeats itself exactly with period ${period}`;
    throw new GalateaError("data", "MASE", seen, "it has no scale there; judge such a series by sMAPE");
  }
  return meanAbsoluteError(actual, forecast) / unit;
}

/**
 * The forecast that repeats the last season; with a period of 1, the last value.
 * @throws GalateaError `data` when the history is shorter than the period.
 */
export function seasonalNaive(history: ArrayLike<number>, period: number, horizon: number): number[] {
  requirePeriod("seasonal naive", history, period, period);
  return Array.from({ length: horizon }, (_, i) => history[history.length - period + (i % period)]);
}

function requirePeriod(where: string, history: ArrayLike<number>, period: number, least: number): void {
  if (!Number.isInteger(period) || period < 1) {
    throw new GalateaError("data", where, `a period of ${period}`, "a whole number of steps, at least 1");
  }
  if (history.length < least) {
    const seen = `a history of ${history.length} values for a period of ${period}`;
    throw new GalateaError("data", where, seen, `at least ${least}`);
  }
  requireFinite(where, "history", history);
}

/** One series of a set, and what was forecast for it. */
export interface ForecastSeries {
  readonly history: ArrayLike<number>;
  readonly actual: ArrayLike<number>;
  readonly forecast: ArrayLike<number>;
}

export interface ForecastScores {
  /** Mean sMAPE over series, per cent. */
  readonly symmetricPercentageError: number;
  /** Mean MASE over the series that have a scale; NaN where none has. */
  readonly scaledError: number;
  readonly count: number;
  /** Series that repeat themselves exactly, which MASE leaves out. */
  readonly withoutScale: number;
}

/**
 * sMAPE and MASE over a set of series, each series weighing the same, as the M4 competition averages them.
 * @throws GalateaError `data` when there is no series, or one is unfit.
 */
export function forecastScores(series: readonly ForecastSeries[], period: number): ForecastScores {
  if (series.length === 0) throw new GalateaError("data", "forecast", "there is no series", "at least one");
  const scaled = series.filter(({ history }) => naiveError(history, period) > 0);
  return {
    symmetricPercentageError: meanOver(series.length, (i) =>
      symmetricPercentageError(series[i].actual, series[i].forecast),
    ),
    scaledError: meanOver(scaled.length, (i) => {
      const { actual, forecast, history } = scaled[i];
      return scaledError(actual, forecast, history, period);
    }),
    count: series.length,
    withoutScale: series.length - scaled.length,
  };
}
