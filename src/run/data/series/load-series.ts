/** Time series as a data set: windows of a past and of what came next. */

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { GalateaError } from "../../../core/base/index.ts";
import { fileError } from "../../files.ts";
import type { DataSplits, Dataset } from "../dataset.ts";
import { isM4Name, type M4Data, readM4 } from "./m4.ts";
import { type SeriesSplit, type StepRange, splitSteps } from "./series-splits.ts";
import { readSeriesTable, type SeriesTable, type SeriesTableOptions } from "./series-table.ts";
import { seasonOfStep, showTime } from "./times.ts";
import type { WindowOrigin } from "./window-origin.ts";
import { applyScale, measureScale, type SeriesScale, windowStarts } from "./windows.ts";

/** How series become windows. */
export interface SeriesReading extends SeriesTableOptions {
  /** Steps that are seen, and steps that are forecast. */
  readonly context: number;
  readonly horizon: number;
  /** Steps from a training window to the next; validation and test have a window at every step. */
  readonly stride: number;
  /** Which of the frequencies in a folder of the M4 competition, such as `hourly`. */
  readonly frequency?: string;
}

/** One series, with its parts in the order of time. */
export interface SplitSeries {
  readonly name: string;
  readonly values: Float64Array;
  readonly split: SeriesSplit;
  /** What is known of it before it is tested. */
  readonly history: Float64Array;
  /** Steps after which it is likely to repeat. */
  readonly season: number;
  /** The time of a step in words; steps may lie after the end. */
  timeAt(step: number): string;
}

/**
 * Time series as windows: a table with a time column, each column of numbers a series of its own, or the files of the M4
 * competition. Fields `past` float32 [context] and `future` float32 [horizon], standardized by mean and deviation of the
 * series' training part; {@link Dataset.origins} has units, names and times.
 *
 * Tables are split in time (`splitSteps`). Of M4 the published values are the test split, the horizon before them
 * validation.
 * @throws GalateaError `data` when the file is none of both, or a part of it is too short for a window.
 */
export async function loadSeries(path: string, reading: SeriesReading, name = basename(path)): Promise<DataSplits> {
  if (await holdsM4(path)) {
    const data = await readM4(path, reading.frequency);
    const own = `${data.frequency.toLowerCase()} series of the M4 competition`;
    return seriesSplits(name, `${data.series.length} ${own}`, seriesOfM4(data, reading), reading);
  }
  const table = await readSeriesTable(path, reading);
  const description = `${table.columns.length} series of ${table.values[0].length} steps (${table.columns.join(", ")})`;
  const splits = seriesSplits(name, description, seriesOfTable(table), reading);
  return { ...splits, notes: table.notes };
}

async function holdsM4(path: string): Promise<boolean> {
  const found = await stat(path).catch((cause: unknown) => {
    throw fileError("data", path, "read", cause);
  });
  return found.isDirectory() || isM4Name(basename(path));
}

/** The columns of a table. */
export function seriesOfTable({ name, columns, values, step, kind, timeAt }: SeriesTable): readonly SplitSeries[] {
  const split = splitSteps(name, values[0].length);
  const words = (position: number): string => showTime(timeAt(position), kind);
  return columns.map((column, i) => {
    const history = values[i].subarray(split.train.start, split.train.end);
    return { name: column, values: values[i], split, history, season: seasonOfStep(step), timeAt: words };
  });
}

function seriesOfM4({ frequency, season, horizon, series }: M4Data, reading: SeriesReading): readonly SplitSeries[] {
  if (reading.horizon !== horizon) {
    const right = `set horizon=${horizon}, as the competition does`;
    throw new GalateaError("data", `M4 ${frequency}`, `it is forecast ${reading.horizon} steps ahead`, right);
  }
  return series.map(({ name, train, test }) => {
    const end = train.length;
    const split = {
      train: { start: 0, end: end - horizon },
      validation: { start: end - horizon, end },
      test: { start: end, end: end + horizon },
    };
    const timeAt = (step: number): string => String(step + 1);
    return { name, values: Float64Array.from([...train, ...test]), split, history: train, season, timeAt };
  });
}

/** The splits of series that are at hand. */
export function seriesSplits(
  name: string,
  description: string,
  series: readonly SplitSeries[],
  reading: SeriesReading,
): DataSplits {
  const known = series.map((one) => measured(one));
  const part = (split: keyof SeriesSplit): Dataset => {
    const stride = split === "train" ? reading.stride : 1;
    return windowsOf(`${name} ${split}`, known, (one) => one.split[split], { ...reading, stride });
  };
  return { name, description, train: part("train"), validation: part("validation"), test: part("test"), notes: [] };
}

interface MeasuredSeries extends SplitSeries {
  readonly scale: SeriesScale;
  readonly scaled: Float32Array;
}

/** A series by the scale of its training part. */
function measured(series: SplitSeries): MeasuredSeries {
  const { name, values, split } = series;
  const scale = measureScale(values.subarray(split.train.start, split.train.end), name);
  return { ...series, scale, scaled: applyScale(values, scale) };
}

/** Windows of all series; those that begin equally far from the first of their series follow one another. */
function windowsOf(
  name: string,
  series: readonly MeasuredSeries[],
  rangeOf: (one: SplitSeries) => StepRange,
  reading: SeriesReading,
): Dataset {
  const { context, horizon } = reading;
  const starts = series.map((one) => windowStarts(rangeOf(one), reading, `${name}, ${one.name}`));
  const most = Math.max(...starts.map((own) => own.length));
  const places: (readonly [series: number, start: number])[] = [];
  for (let at = 0; at < most; at++) {
    for (const [i, own] of starts.entries()) if (at < own.length) places.push([i, own[at]]);
  }
  return {
    name,
    count: places.length,
    fields: { past: { dtype: "float32", shape: [context] }, future: { dtype: "float32", shape: [horizon] } },
    origins: (index) => {
      const [at, start] = places[index];
      return originOf(series[at], start + context, horizon);
    },
    gather: (indices) => {
      const past = new Float32Array(indices.length * context);
      const future = new Float32Array(indices.length * horizon);
      for (let i = 0; i < indices.length; i++) {
        const [at, start] = places[indices[i]];
        const { scaled } = series[at];
        past.set(scaled.subarray(start, start + context), i * context);
        future.set(scaled.subarray(start + context, start + context + horizon), i * horizon);
      }
      return { past, future };
    },
  };
}

function originOf(series: MeasuredSeries, first: number, horizon: number): WindowOrigin {
  const { name, values, scale, history, season, timeAt } = series;
  const came = first < values.length && { came: values.subarray(first, first + horizon) };
  return { series: name, scale, history, season, ...came, timeAt: (step) => timeAt(first + step) };
}

export interface LastWindows {
  /** [series, context], standardized by all of each series. */
  readonly past: Float32Array;
  readonly origins: readonly WindowOrigin[];
}

/**
 * The ends of the series of a table, for what comes after them to be forecast.
 * @throws GalateaError `data` when it cannot be read, or is shorter than the context.
 */
export async function readLastWindows(path: string, reading: SeriesReading): Promise<LastWindows> {
  const table = await readSeriesTable(path, reading);
  const { context } = reading;
  const length = table.values[0].length;
  if (length < context) {
    throw new GalateaError("data", path, `it has ${length} steps`, `the model sees ${context}: give as many or more`);
  }
  const all = { train: { start: 0, end: length }, validation: { start: 0, end: 0 }, test: { start: 0, end: 0 } };
  const words = (position: number): string => showTime(table.timeAt(position), table.kind);
  const season = seasonOfStep(table.step);
  const series = table.columns.map((name, i) => {
    const values = table.values[i];
    return measured({ name, values, split: all, history: values, season, timeAt: words });
  });
  const past = new Float32Array(series.length * context);
  for (const [i, { scaled }] of series.entries()) past.set(scaled.subarray(length - context), i * context);
  return { past, origins: series.map((one) => originOf(one, length, reading.horizon)) };
}
