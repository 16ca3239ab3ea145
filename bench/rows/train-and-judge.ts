/** What rows share that train a preset: training itself, and judging by exact log-probability. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
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
  type TrainEvent,
  train,
} from "../../src/run/index.ts";
import type { RowContext } from "./row.ts";

/** The folder of data sets. */
export function dataFolder(): string {
  return process.env.GALATEA_DATA ?? resolve(import.meta.dirname, "../../../shared/data");
}

/** Does something with a backend and an empty folder, and frees both. */
export async function withBackend<T>(
  threads: number,
  work: (backend: Backend, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "galatea-row-"));
  const backend = createCpuBackend({ threads });
  try {
    return await work(backend, folder);
  } finally {
    await backend.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

export interface PresetTraining {
  readonly backend: Backend;
  /** Name of one of our presets, and what differs from its defaults and from those of all rows. */
  readonly preset: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly data: DataSplits;
  readonly directory: string;
  readonly onEvent?: (event: TrainEvent) => void;
}

/** Trains a preset without pictures, and opens its run. */
export async function trainPreset({ options, onEvent, ...given }: PresetTraining): Promise<OpenedRun> {
  const preset = findPreset(given.preset);
  const config = parseConfig(preset.schema, { sampleEvery: 0, checkpointEvery: 0, ...options });
  for await (const event of train({ ...given, preset, config, source: given.data.name })) onEvent?.(event);
  return openRun(given.directory, () => Promise.reject(new Error("the preset is one of ours")));
}

/** Trains a preset with options and judges it on the whole test split: mean -log p in nats. */
export async function trainAndJudge(
  { threads, log }: RowContext,
  preset: string,
  options: Readonly<Record<string, unknown>>,
  data: DataSplits,
): Promise<number> {
  return withBackend(threads, async (backend, folder) => {
    const run = await trainPreset({
      backend,
      preset,
      options: { schedule: "cosine", ...options },
      data,
      directory: join(folder, "run"),
      onEvent: (event) => {
        if (event.type !== "evaluated") return;
        log(`step ${event.step}: -log p ${event.metrics.negativeLogLikelihood.toFixed(3)} on the validation split`);
      },
    });
    const { metrics, details } = await evaluate({
      backend,
      run,
      data,
      metrics: ["negativeLogLikelihood"],
      limit: data.test.count,
    });
    log(`standard error ${details.negativeLogLikelihood.standardError.toFixed(3)}`);
    return metrics.negativeLogLikelihood;
  });
}
