/** Forecasts of the electricity transformers' temperatures and of the M4 competition's hourly series. */

import { join } from "node:path";
import { evaluate, findPreset, loadPath, parseConfig } from "../../src/run/index.ts";
import type { Row } from "./row.ts";
import { dataFolder, inWords, trainPreset, withBackend } from "./train-and-judge.ts";

const preset = "series/lstm";

/** Trains the preset on a file or folder below the data folder, and scores the whole test split by some metrics. */
function forecastRow(
  row: Omit<Row, "run">,
  source: string,
  options: Readonly<Record<string, unknown>>,
  /** The row's own first, then those of `also`. */
  metrics: readonly string[],
): Row {
  return {
    ...row,
    run: (context) =>
      withBackend(context, async (backend) => {
        const { reading, schema } = findPreset(preset);
        const data = await loadPath(join(dataFolder(), source), reading?.(parseConfig(schema, options)));
        const run = await trainPreset(context, backend, { preset, options, data });
        const scores = (await evaluate({ backend, run, data })).metrics;
        context.log(inWords(scores));
        const also = Object.fromEntries((row.also ?? []).map((line, i) => [line.row, scores[metrics[i + 1]]]));
        return { value: scores[metrics[0]], seed: context.seed, also };
      }),
  };
}

const patches = "Nie et al., A time series is worth 64 words, 2023, Table 3, PatchTST/64";

/** 1,500 steps of batches of 64 are under a minute of an idle core. */
export const seriesEtth1 = forecastRow(
  {
    row: "series-etth1",
    metric: "ETTh1, horizon 96, all seven columns: mean squared error of standardized values, every test window",
    bound: 0.4,
    direction: "at most",
    published: 0.37,
    source: patches,
    also: [
      {
        row: "series-etth1-mae",
        metric: "of the same forecasts: mean absolute error of standardized values",
        published: 0.4,
        source: patches,
      },
      {
        row: "series-etth1-coverage",
        metric: "of the same forecasts: share of values within the interval of 90%",
        published: null,
        source: "0.9 would be right",
      },
    ],
  },
  "ett/ETTh1.csv.gz",
  { steps: 1500, context: 336, horizon: 96 },
  ["squaredError", "absoluteError", "coverage90"],
);

const competition = "Makridakis, Spiliotis and Assimakopoulos, The M4 competition, 2020: ES-RNN of Smyl, the winner";

export const seriesM4Hourly = forecastRow(
  {
    row: "series-m4-hourly",
    metric: "M4, 414 hourly series, 48 hours: sMAPE, %, mean over series",
    bound: 12,
    direction: "at most",
    published: 9.328,
    source: `${competition}; seasonal naive 13.912`,
    also: [
      {
        row: "series-m4-hourly-mase",
        metric: "of the same forecasts: MASE, mean over series",
        published: null,
        source: "seasonal naive 1.193, computed here",
      },
    ],
  },
  "m4",
  { steps: 3000, learningRate: 0.003, frequency: "hourly", horizon: 48 },
  ["symmetricPercentageError", "scaledError"],
);
