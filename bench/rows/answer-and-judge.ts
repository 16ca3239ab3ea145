/** What rows share whose models answer: a preset trained on data that it reads in its own way, and its answers scored. */

import type { Backend } from "../../src/engine/index.ts";
import {
  type DataSplits,
  evaluate,
  findPreset,
  type OpenedRun,
  parseConfig,
  parseWishes,
  resolveData,
  tellingOf,
} from "../../src/run/index.ts";
import type { RowContext } from "./row.ts";
import { dataFolder, trainPreset } from "./train-and-judge.ts";

export interface AnswerTraining {
  readonly preset: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** A name of the catalog, or a path below the folder of data sets. */
  readonly source: string;
  /** Folder of the run within the row's own; `run` where absent. */
  readonly name?: string;
}

/** Trains a preset on a data set as the preset reads it. */
export async function trainOn(
  context: RowContext,
  backend: Backend,
  { preset: presetName, options, source, name }: AnswerTraining,
): Promise<{ readonly run: OpenedRun; readonly data: DataSplits }> {
  const preset = findPreset(presetName);
  const reading = preset.reading?.(parseConfig(preset.schema, options));
  const data = await resolveData(source, { dataFolder: dataFolder(), ...(reading && { reading }) });
  for (const note of data.notes) context.log(note);
  const run = await trainPreset(context, backend, { preset: presetName, options, data, ...(name && { name }) });
  return { run, data };
}

/** Scores of a run's answers to the whole test split, by name; answers are made as `conditions` say, such as `beams=4`. */
export async function judgeAnswers(
  { log }: RowContext,
  backend: Backend,
  run: OpenedRun,
  data: DataSplits,
  metrics: readonly string[],
  conditions: readonly string[] = [],
): Promise<Readonly<Record<string, number>>> {
  const wishes = await parseWishes(run.family, conditions, tellingOf(run));
  const found = await evaluate({ backend, run, data, metrics, wishes, limit: data.test.count });
  for (const name of metrics) log(`${data.test.name}: ${name} ${found.metrics[name].toFixed(2)}`);
  return found.metrics;
}
