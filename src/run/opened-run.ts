/** A finished or unfinished run, opened to be used: its preset, its config and its newest weights. */

import type { Backend } from "../engine/index.ts";
import type { Family } from "../learn/models/index.ts";
import { loadNewestGood, type NamedTensors } from "./checkpoint/index.ts";
import { type Reading, type Tokenizers, tellersOf } from "./data/index.ts";
import { openTokenizers, type RunRecord, readRunRecord, runPaths } from "./directory.ts";
import { type DeviceParameters, loadParameters } from "./model.ts";
import { findPreset, type Preset, parseConfig, type SharedConfig } from "./presets/index.ts";
import type { Telling } from "./requests.ts";

export interface OpenedRun {
  readonly directory: string;
  readonly record: RunRecord;
  readonly preset: Preset;
  readonly config: SharedConfig;
  readonly family: Family;
  /** Steps that the weights have been trained for. */
  readonly step: number;
  readonly weights: NamedTensors;
  /** What makes text of its fields of tokens. */
  readonly tokenizers: Tokenizers;
  /** What a person should know, such as a damaged checkpoint. */
  readonly notes: readonly string[];
}

/** Loads a preset from a file; an app gives it, as only it knows how TypeScript files are read. */
export type PresetLoader = (file: string) => Promise<Preset>;

/**
 * Opens a run directory and reads its newest good checkpoint.
 * @throws GalateaError `checkpoint` when there is no run or no readable checkpoint.
 */
export async function openRun(directory: string, loadPreset: PresetLoader): Promise<OpenedRun> {
  const record = await readRunRecord(directory);
  const preset = record.presetFile === undefined ? findPreset(record.preset) : await loadPreset(record.presetFile);
  const config = parseConfig(preset.schema, record.config);
  const { checkpoint, skipped } = await loadNewestGood(runPaths(directory).checkpoints);
  const { parameters, average } = checkpoint.groups;
  const notes = skipped.map(({ reason }) => `${reason}: using step ${checkpoint.step}`);
  const { name, fields, classes, vocabularies } = record.data;
  const known = { ...(classes && { classes }), ...(vocabularies && { vocabularies: vocabularies as never }) };
  const family = preset.build(config, { name, fields, ...known });
  const tokenizers = await openTokenizers(directory, record);
  const weights = average ?? parameters;
  return { directory, record, preset, config, family, step: checkpoint.step, weights, tokenizers, notes };
}

/** The weights of an opened run, on a backend. */
export function uploadWeights(backend: Backend, run: OpenedRun): Promise<DeviceParameters> {
  return loadParameters(backend, run.family, run.weights, run.directory);
}

/** How what a person says becomes what the run's model is told. */
export function tellingOf(run: OpenedRun): Telling {
  const { classes, fields } = run.record.data;
  const reading = readingOf(run);
  const tellers = tellersOf(reading, { fields, tokenizers: run.tokenizers });
  const cuts = reading.pairs?.longer === "cut";
  return { ...(classes && { classes }), tokenizers: run.tokenizers, tellers, ...(cuts && { longer: "cut" }) };
}

/** How data must be read to be of the kind that a run was trained on. */
export function readingOf({ record, preset, config, tokenizers }: OpenedRun): Reading {
  // Whatever becomes tokens becomes those that the run knows.
  const own = Object.entries(preset.reading?.(config) ?? {}).map(([kind, how]) => [
    kind,
    typeof how === "object" && ("tokenizer" in how || "vocabulary" in how) ? { ...how, tokenizers } : how,
  ]);
  const reading: Reading = Object.fromEntries(own);
  const { image, video } = record.data.fields;
  const [channels, height, width] = (video ?? image)?.shape.slice(-3) ?? [];
  if (height === undefined) return reading;
  return {
    ...reading,
    size: [height, width],
    ...((channels === 1 || channels === 3) && { channels }),
    ...(video && { frames: video.shape[0] }),
  };
}
