/** Spoken digits, read: one by one, and in strings. */

import { join } from "node:path";
import { type DataSplits, findPreset, parseConfig, resolveData, type Tokenizers } from "../../src/run/index.ts";
import type { Row } from "./row.ts";
import { dataFolder, judge, trainPreset, withBackend } from "./train-and-judge.ts";

export const recognizer = "speech/lstm-ctc";

/**
 * One recognizer for both: trained on strings of 1 to 7 recordings, in which less is padding than in recordings alone (the
 * longest has five times the usual length). 7 s are more than the longest string of 7 needs.
 */
export const recognizerOptions = {
  joinLeast: 1,
  joinMost: 7,
  joinCount: 6000,
  frames: 700,
  places: 16,
  stride: 3,
  hidden: 128,
  dropout: 0.3,
  learningRate: 0.004,
  batchSize: 32,
  steps: 3500,
} as const;

/** The Free Spoken Digit Dataset in the usual split, as recordings or as strings of them. */
export function spokenDigits(options: Readonly<Record<string, unknown>>, tokenizers?: Tokenizers): Promise<DataSplits> {
  const preset = findPreset(recognizer);
  const { speech } = preset.reading?.(parseConfig(preset.schema, options)) ?? {};
  const own = speech && { ...speech, ...(tokenizers && { tokenizers }) };
  return resolveData(join(dataFolder(), "fsdd"), { reading: { ...(own && { speech: own }) } });
}

const source =
  "no settled table (Free Spoken Digit Dataset, README): classifiers of single digits are said to reach 97 to 99% on this split";

export const speechDigits: Row = {
  row: "speech-digits",
  metric: "error rate in %, 300 recordings of one digit (takes 0 to 4), best path of CTC",
  bound: 3,
  direction: "at most",
  published: null,
  source,
  also: [
    {
      row: "speech-strings",
      metric: "word error rate in %, 300 strings of 3 to 7 of those recordings with short pauses, best path of CTC",
      bound: 6,
      direction: "at most",
      published: null,
      source: "this project's own bound; strings are made from a fixed seed, each of one speaker",
    },
    {
      row: "speech-strings-beams",
      metric: "the same with prefix beam search, 16 beams",
      published: null,
      source: "no published value",
    },
  ],
  run: (context) =>
    withBackend(context, async (backend) => {
      const data = await spokenDigits(recognizerOptions);
      const training = { preset: recognizer, options: { ...recognizerOptions, evaluateEvery: 500 }, data };
      const run = await trainPreset(context, backend, training);
      const read = async (least: number, most: number, beams = 1): Promise<number> => {
        const options = { ...recognizerOptions, joinLeast: least, joinMost: most, joinCount: 1 };
        const held = await spokenDigits(options, run.tokenizers);
        const wishes = { conditions: {}, controls: { beams } };
        return judge(context, backend, { run, data: held, metric: "wordErrorRate", wishes });
      };
      const value = await read(1, 0);
      const also = { "speech-strings": await read(3, 7), "speech-strings-beams": await read(3, 7, 16) };
      return { value, seed: context.seed, also };
    }),
};
