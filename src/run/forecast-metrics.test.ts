import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { keyFromSeed } from "../core/index.ts";
import type { Family } from "../learn/models/index.ts";
import { createCpuBackend } from "../platform/node/index.ts";
import { type DataSplits, loadSeries, type SplitSeries, seriesSplits } from "./data/index.ts";
import { judgeForecasts, offeredForecastMetrics } from "./forecast-metrics.ts";
import { createModel } from "./model.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

/** What forecasts the values of the last season again. */
function seasonalNaive(context: number, horizon: number, season: number): Family {
  const past = { dtype: "float32", shape: [context] } as const;
  const future = { dtype: "float32", shape: [horizon] } as const;
  return {
    name: "seasonal-naive",
    inputs: { past, future },
    outputs: { future },
    init: () => ({}),
    phases: [],
    sample: () => ({}),
    reconstruct: (_, batch) => {
      const last = batch.past.slice(1, context - season, season);
      return { future: last.tile([1, Math.ceil(horizon / season)]).slice(1, 0, horizon) };
    },
  };
}

async function judged(family: Family, { test: dataset }: DataSplits): Promise<Record<string, number>> {
  const model = createModel(backend, family);
  try {
    const names = offeredForecastMetrics(family, dataset);
    const options = { model, parameters: {}, dataset, key: keyFromSeed(0), batchSize: 100 };
    return Object.fromEntries([...(await judgeForecasts(names, options))].map(([name, { mean }]) => [name, mean]));
  } finally {
    await model.dispose();
  }
}

const reading = { context: 2, horizon: 2, stride: 1 };

function seriesOf(values: readonly number[], season = 1): SplitSeries {
  const all = Float64Array.from(values);
  const end = all.length;
  const split = { train: { start: 0, end: 4 }, validation: { start: 4, end: end - 2 }, test: { start: end - 2, end } };
  return { name: "x", values: all, split, history: all.subarray(0, 4), season, timeAt: String };
}

describe("errors in the units of the series", () => {
  test("by hand: 8 for 10 and 12, where the history moves by 2 a step", async () => {
    const data = seriesSplits("hand", "", [seriesOf([1, 3, 5, 3, 6, 8, 10, 12])], reading);
    const metrics = await judged(seasonalNaive(2, 2, 1), data);
    expect(metrics.symmetricPercentageError).toBeCloseTo((200 * 2) / 18 / 2 + (200 * 4) / 20 / 2, 4);
    expect(metrics.scaledError).toBeCloseTo(3 / 2, 5);
  });
  test("series that repeat themselves exactly have no MASE: alone, it is not offered", async () => {
    const constant = seriesOf([5, 5, 5, 5, 5, 5, 5, 6]);
    const alone = await judged(seasonalNaive(2, 2, 1), seriesSplits("still", "", [constant], reading));
    expect(Object.keys(alone)).toEqual(["symmetricPercentageError"]);
    const both = seriesSplits("both", "", [constant, seriesOf([1, 3, 5, 3, 6, 8, 10, 12])], reading);
    expect((await judged(seasonalNaive(2, 2, 1), both)).scaledError).toBeCloseTo(1.5, 5);
  });
});

const m4 = resolve(import.meta.dirname, "../../../shared/data/m4");

test.skipIf(!existsSync(m4))(
  "seasonal naive on the hourly series of M4 has the published 13.912 and 1.193",
  async () => {
    const data = await loadSeries(m4, { context: 48, horizon: 48, stride: 24, frequency: "hourly" });
    const metrics = await judged(seasonalNaive(48, 48, 24), data);
    expect(metrics.symmetricPercentageError).toBeCloseTo(13.912, 3);
    expect(metrics.scaledError).toBeCloseTo(1.193, 3);
  },
);
