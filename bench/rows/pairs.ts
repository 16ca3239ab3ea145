/** Rows of models of pairs of texts: the data as a preset reads it, training, and answers judged. */

import { join } from "node:path";
import { type DataSplits, evaluate, findPreset, parseConfig, resolveData, type Wishes } from "../../src/run/index.ts";
import type { RowContext } from "./row.ts";
import { dataFolder, inWords, trainPreset, withBackend } from "./train-and-judge.ts";

export interface PairTraining {
  readonly preset: string;
  /** What differs from the preset, how its data is read included. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Below the folder of data sets. */
  readonly path: string;
  readonly metrics: readonly string[];
  /** Name of the run within the row's folder. */
  readonly name?: string;
  /** How answers are made, such as the number of beams. */
  readonly controls?: Wishes["controls"];
}

/** A data set as a preset with these options reads it. */
export function presetData(
  presetName: string,
  options: Readonly<Record<string, unknown>>,
  path: string,
): Promise<DataSplits> {
  const preset = findPreset(presetName);
  const reading = preset.reading?.(parseConfig(preset.schema, options)) ?? {};
  return resolveData(join(dataFolder(), path), { reading });
}

/** Trains a preset on pairs and judges its answers to the whole test split. */
export function trainAndAnswer(
  context: RowContext,
  { preset, options, path, metrics, name, controls = {} }: PairTraining,
): Promise<Readonly<Record<string, number>>> {
  return withBackend(context, async (backend) => {
    const data = await presetData(preset, options, path);
    const run = await trainPreset(context, backend, { preset, options, data, ...(name && { name }) });
    const wishes = { conditions: {}, controls };
    const { metrics: found, details } = await evaluate({ backend, run, data, metrics, wishes });
    const notes = metrics.flatMap((metric) => details[metric].note ?? []);
    context.log(`${name ?? "test"}: ${inWords(found)} ${[...new Set(notes)].join("; ")}`);
    return found;
  });
}
