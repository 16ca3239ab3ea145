/** Metrics of forecasts in the units of their series, by name: each compares what was forecast with what came. */

import type { Family } from "../learn/models/index.ts";
import type { Dataset, WindowOrigin } from "./data/index.ts";
import { batchesOf, type JudgedMean, type JudgeOptions } from "./judge.ts";
import {
  meanAbsoluteError,
  naiveError,
  type RunningMean,
  runningMean,
  symmetricPercentageError,
} from "./metrics/index.ts";

/** Of one window; nothing where it has no such score. */
type ForecastMetric = (
  actual: Float64Array,
  forecast: Float64Array,
  /** Mean error of the seasonal naive forecast within the series' history. */
  naive: number,
) => number | undefined;

const metrics: Readonly<Record<string, ForecastMetric>> = {
  symmetricPercentageError,
  scaledError: (actual, forecast, naive) => (naive > 0 ? meanAbsoluteError(actual, forecast) / naive : undefined),
};

/** Every name that this file knows. */
export const forecastMetricNames: readonly string[] = Object.keys(metrics);

/** Those that a family on a data set has: without a series that changes from season to season nothing gives MASE its unit. */
export function offeredForecastMetrics(
  { reconstruct, outputs }: Pick<Family, "reconstruct" | "outputs">,
  { origins, count }: Pick<Dataset, "origins" | "count">,
): readonly string[] {
  if (!reconstruct || !outputs.future || !origins) return [];
  const naive = naiveErrors();
  const isScaled = Array.from({ length: count }, (_, i) => origins(i)).some((origin) => naive(origin) > 0);
  return forecastMetricNames.filter((name) => name !== "scaledError" || isScaled);
}

/** The mean error of the seasonal naive forecast within a series' history, which is read once; 0 where it is too short. */
function naiveErrors(): (origin: WindowOrigin) => number {
  const known = new Map<Float64Array, number>();
  return ({ history, season }) => {
    const found = known.get(history) ?? (history.length > season ? naiveError(history, season) : 0);
    known.set(history, found);
    return found;
  };
}

/**
 * Means over the windows of a data set: of each window the family's forecast, brought to the series' units, is compared with
 * what came. Windows of series that repeat themselves exactly have no `scaledError` (MASE).
 */
export async function judgeForecasts(
  names: readonly string[],
  options: JudgeOptions,
): Promise<ReadonlyMap<string, JudgedMean>> {
  const { model, parameters, dataset } = options;
  const means = new Map<string, RunningMean>(names.map((name) => [name, runningMean()]));
  const naive = naiveErrors();
  let at = 0;
  for await (const { batch, count } of batchesOf(options)) {
    const forecast = (await model.reconstruct?.(parameters, batch))?.future;
    if (!forecast || !dataset.origins) break;
    const [, horizon] = forecast.shape;
    for (let i = 0; i < count; i++) {
      const origin = dataset.origins(at++);
      const [actual, made] = [batch.future.data, forecast.data].map((values) =>
        Float64Array.from({ length: horizon }, (_, t) => inUnits(Number(values[i * horizon + t]), origin)),
      );
      for (const [name, mean] of means) {
        const value = metrics[name](actual, made, naive(origin));
        if (value !== undefined) mean.add(value);
      }
    }
  }
  return means;
}

/** A standardized value in the units of its series. */
export function inUnits(value: number, { scale }: WindowOrigin): number {
  return scale.mean + scale.deviation * value;
}
