/** What rows of exact log-probabilities share: train a preset, judge it on the whole test split. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { type DataSplits, evaluate, findPreset, openRun, parseConfig, train } from "../../src/run/index.ts";
import type { RowContext } from "./row.ts";

/** The folder of data sets. */
export function dataFolder(): string {
  return process.env.GALATEA_DATA ?? resolve(import.meta.dirname, "../../../shared/data");
}

/** Trains a preset with options and judges it on the whole test split: mean -log p in nats. */
export async function trainAndJudge(
  { threads, log }: RowContext,
  presetName: string,
  options: Readonly<Record<string, unknown>>,
  data: DataSplits,
): Promise<number> {
  const preset = findPreset(presetName);
  const config = parseConfig(preset.schema, { sampleEvery: 0, checkpointEvery: 0, schedule: "cosine", ...options });
  const folder = await mkdtemp(join(tmpdir(), "galatea-row-"));
  const backend = createCpuBackend({ threads });
  try {
    const directory = join(folder, "run");
    for await (const event of train({ backend, preset, config, data, source: data.name, directory })) {
      if (event.type !== "evaluated") continue;
      log(`step ${event.step}: -log p ${event.metrics.negativeLogLikelihood.toFixed(3)} on the validation split`);
    }
    const run = await openRun(directory, () => Promise.reject(new Error("the preset is one of ours")));
    const { metrics, details } = await evaluate({
      backend,
      run,
      data,
      metrics: ["negativeLogLikelihood"],
      limit: data.test.count,
    });
    log(`standard error ${details.negativeLogLikelihood.standardError.toFixed(3)}`);
    return metrics.negativeLogLikelihood;
  } finally {
    await backend.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}
