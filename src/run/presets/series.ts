/** Presets of time series: forecasts, and how sure they are. */

import { z } from "zod";
import { GalateaError } from "../../core/index.ts";
import {
  type Family,
  forecastDistributions,
  forecaster,
  lstmReader,
  type PastReader,
  patchTransformer,
} from "../../learn/models/index.ts";
import type { Reading } from "../data/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { type DataDescription, definePreset } from "./preset.ts";

const size = z.int().min(1).max(65_536);

/** Options of every forecaster. */
const seriesOptions = {
  ...sharedOptions,
  context: size.default(336).describe("steps of the past that it sees"),
  horizon: size.default(96).describe("steps that it forecasts"),
  stride: size.default(1).describe("steps from a training window to the next"),
  time: z.string().default("").describe("column of the times; empty: found"),
  columns: z.array(z.string()).default([]).describe("columns to forecast; none: all of numbers"),
  fill: z
    .enum(["none", "linear", "previous"])
    .default("none")
    .describe("what stands for missing values; none: an error"),
  duplicates: z
    .enum(["none", "first", "mean"])
    .default("none")
    .describe("what stands for several rows of one time; none: an error"),
  decimalComma: z.boolean().default(false).describe("whether numbers are written 1,5"),
  stepsBy: z.enum(["time", "rows"]).default("time").describe("rows: each row is a step, whatever its time"),
  frequency: z.string().default("").describe("of a folder of the M4 competition: hourly, daily, weekly, ..."),
  distribution: z.enum(forecastDistributions).default("laplace").describe("of a value to come"),
  dropout: z.number().min(0).lt(1).default(0.2).describe("share of numbers that training drops"),
  patch: z.int().min(1).max(4096).default(24).describe("values that are read as one step, such as a day of hours"),
};

type SeriesConfig = z.output<z.ZodObject<typeof seriesOptions>>;

function readingOf(config: SeriesConfig): Reading {
  const { context, horizon, stride, decimalComma, stepsBy, time, columns, fill, duplicates, frequency } = config;
  return {
    series: {
      ...{ context, horizon, stride, decimalComma, stepsBy },
      ...(time !== "" && { time }),
      ...(columns.length > 0 && { columns }),
      ...(fill !== "none" && { fill }),
      ...(duplicates !== "none" && { duplicates }),
      ...(frequency !== "" && { frequency }),
    },
  };
}

/** @throws GalateaError `data` when the data holds no windows of a past and a future. */
function forecasterOf(config: SeriesConfig, { name, fields }: DataDescription, reader: PastReader<never>): Family {
  if (fields.past && fields.future) return forecaster({ ...config, reader }) as Family;
  throw new GalateaError(
    "data",
    name,
    `its fields are ${Object.keys(fields).join(", ")}`,
    "the preset needs time series",
  );
}

const metrics = ["symmetricPercentageError", "scaledError"];

const lstmSchema = z.strictObject({
  ...seriesOptions,
  ...sharedDefaults({
    steps: 2000,
    batchSize: 64,
    learningRate: 0.002,
    schedule: "cosine",
    averageDecay: 0.995,
    clipNorm: 1,
  }),
  hidden: size.default(128).describe("size of the states"),
  layers: z.int().min(1).max(16).default(1).describe("layers"),
});

export const seriesLstm = definePreset({
  name: "series/lstm",
  summary: "an LSTM that forecasts time series, with how sure it is",
  expected: "see docs/tasks/series.md",
  data: "town-load",
  metrics,
  reading: (config) => readingOf(config),
  schema: lstmSchema,
  build: (config, data): Family => forecasterOf(config, data, lstmReader(config) as PastReader<never>),
});

const transformerSchema = z.strictObject({
  ...seriesOptions,
  ...sharedDefaults({
    steps: 2000,
    batchSize: 64,
    learningRate: 0.001,
    schedule: "cosine",
    averageDecay: 0.995,
    clipNorm: 1,
  }),
  width: size.default(32).describe("size of the vectors"),
  depth: z.int().min(1).max(64).default(2).describe("blocks"),
  heads: z.int().min(1).max(64).default(4).describe("heads of attention"),
});

export const seriesTransformer = definePreset({
  name: "series/transformer",
  summary: "a transformer over patches of time series that forecasts them, with how sure it is",
  expected: "see docs/tasks/series.md",
  data: "town-load",
  metrics,
  reading: (config) => readingOf(config),
  schema: transformerSchema,
  build: (config, data): Family => forecasterOf(config, data, patchTransformer(config) as PastReader<never>),
});
