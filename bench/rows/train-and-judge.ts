/** What rows share that train a preset: the data, training itself, and judging by one metric on the whole test split. */

import { join, resolve } from "node:path";
import type { Backend } from "../../src/engine/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import {
  type DataSplits,
  evaluate,
  findPreset,
  type OpenedRun,
  openRun,
  parseConfig,
  resolveData,
  type TrainEvent,
  train,
  type Wishes,
} from "../../src/run/index.ts";
import type { RowContext } from "./row.ts";

/** The folder of data sets: beside the repository, or the one in `GALATEA_DATA`. */
export function dataFolder(): string {
  return process.env.GALATEA_DATA ?? resolve(import.meta.dirname, "../../../shared/data");
}

/** A data set by name. */
export function rowData(name: string): Promise<DataSplits> {
  return resolveData(name, { dataFolder: dataFolder() });
}

/** Does something with a backend of the row's threads, and frees it. */
export async function withBackend<T>({ threads }: RowContext, work: (backend: Backend) => Promise<T>): Promise<T> {
  const backend = createCpuBackend({ threads });
  try {
    return await work(backend);
  } finally {
    await backend.dispose();
  }
}

export interface PresetTraining {
  /** Name of one of our presets, and what differs from its defaults and from those of all rows. */
  readonly preset: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly data: DataSplits;
  /** Folder of the run within the row's own; `run` where absent. */
  readonly name?: string;
  readonly onEvent?: (event: TrainEvent) => void;
}

/** How often a row says how far it is, milliseconds. */
const progressMs = 60_000;

/** Trains a preset with the row's seed and no pictures on the way, says what it was judged at, and opens its run. */
export async function trainPreset(
  { seed, directory: folder, log }: RowContext,
  backend: Backend,
  { preset: presetName, options, data, name = "run", onEvent }: PresetTraining,
): Promise<OpenedRun> {
  const preset = findPreset(presetName);
  const config = parseConfig(preset.schema, { seed, sampleEvery: 0, checkpointEvery: 0, ...options });
  const directory = join(folder, name);
  let told = performance.now();
  for await (const event of train({ backend, preset, config, data, source: data.name, directory, resume: true })) {
    if (event.type === "progress" && performance.now() - told > progressMs) {
      told = performance.now();
      const { step, steps, loss, stepsPerSecond, secondsLeft } = event;
      const pace = `${stepsPerSecond.toFixed(2)} steps/s, ${(secondsLeft / 60).toFixed(1)} min left`;
      log(`${name}, step ${step} of ${steps}, loss ${loss.toFixed(4)}, ${pace}`);
    }
    if (event.type === "evaluated") log(`${name}, step ${event.step}, validation split: ${inWords(event.metrics)}`);
    if (event.type === "warning") log(event.message);
    onEvent?.(event);
  }
  return openRun(directory, () => Promise.reject(new Error("the preset is one of ours")));
}

/** `loss 1.234, accuracy 0.987`. */
export function inWords(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`)
    .join(", ");
}

/** A metric of a run over the whole test split. */
export async function judge(
  { log }: RowContext,
  backend: Backend,
  {
    run,
    data,
    metric,
    wishes,
  }: { readonly run: OpenedRun; readonly data: DataSplits; readonly metric: string; readonly wishes?: Wishes },
): Promise<number> {
  const { metrics, details } = await evaluate({
    backend,
    run,
    data,
    metrics: [metric],
    limit: data.test.count,
    ...(wishes && { wishes }),
    onProgress: (done, total) => done % 1000 === 0 && log(`judged ${done} of ${total}`),
  });
  log(`${metric} ${metrics[metric].toFixed(4)}, standard error ${details[metric].standardError.toFixed(4)}`);
  return metrics[metric];
}

/** Trains a preset and judges it by a metric, mean -log p in nats where none is named. */
export function trainAndJudge(
  context: RowContext,
  training: PresetTraining,
  metric = "negativeLogLikelihood",
): Promise<number> {
  return withBackend(context, async (backend) => {
    const run = await trainPreset(context, backend, training);
    return judge(context, backend, { run, data: training.data, metric });
  });
}
