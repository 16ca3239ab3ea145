/** Windows over series: a context to see and a horizon to forecast; and their scale. */

import { GalateaError } from "../../../core/base/index.ts";
import type { StepRange } from "./series-splits.ts";

export interface SeriesWindowOptions {
  /** Steps to see, 1 or more. */
  readonly context: number;
  /** Steps to forecast, 1 or more. */
  readonly horizon: number;
  /** Steps from a window to the next; default 1. */
  readonly stride?: number;
}

/**
 * Where the windows of a range start: their horizons lie in the range, their contexts may reach back before it, but not
 * before step 0. This is how validation and test are counted in the literature: of n steps n - horizon + 1 windows.
 *
 * @param where names the series in errors
 * @throws GalateaError `data` when no window fits; `config` for options out of range.
 */
export function windowStarts(range: StepRange, options: SeriesWindowOptions, where: string): Int32Array {
  const { context, horizon, stride = 1 } = options;
  for (const [name, value] of Object.entries({ context, horizon, stride })) {
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new GalateaError("config", name, `is ${value}`, "a whole number, 1 or more");
    }
  }
  const first = Math.max(0, range.start - context);
  const count = Math.floor((range.end - context - horizon - first) / stride) + 1;
  if (count >= 1) return Int32Array.from({ length: count }, (_, i) => first + i * stride);
  const seen = `${range.end - first} steps are too few for a context of ${context} and a horizon of ${horizon}`;
  throw new GalateaError("data", where, seen, `${context + horizon} or more, or shorter windows`);
}

/** Mean and deviation that values are scaled by. */
export interface SeriesScale {
  readonly mean: number;
  /** Above 0. */
  readonly deviation: number;
}

/** Of the mean's size: a smaller deviation is rounding. */
const smallestShare = 1e-9;

/**
 * The mean and deviation of values: sqrt(sum (x - mean)^2 / n). Values that do not differ have the deviation 1, so that
 * they are 0 when they are scaled, and forecasts stay in their units.
 *
 * @throws GalateaError `data` when there is none, or one is no finite number.
 */
export function measureScale(values: Float64Array | Float32Array | readonly number[], where = "series"): SeriesScale {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  if (!Number.isFinite(mean)) {
    const seen = values.length === 0 ? "there are no values" : "a value is no finite number";
    throw new GalateaError("data", where, seen, "1 or more finite numbers");
  }
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / values.length);
  return { mean, deviation: deviation > smallestShare * Math.max(Math.abs(mean), Number.MIN_VALUE) ? deviation : 1 };
}

/** (x - mean) / deviation of each value. */
export function applyScale(values: Float64Array, { mean, deviation }: SeriesScale): Float32Array {
  return Float32Array.from(values, (value) => (value - mean) / deviation);
}
