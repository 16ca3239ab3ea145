/** Presets of pronunciation: from letters to phones. */

import {
  pairLstm,
  pairLstmSchema,
  pairOptions,
  pairReading,
  pairTransformer,
  pairTransformerSchema,
} from "./pair-models.ts";
import { definePreset } from "./preset.ts";

/** Letters on one side, phones with spaces between them on the other. */
const options = {
  tokenizer: pairOptions.tokenizer.unwrap().default("characters").describe("of words; as in translate/transformer"),
  targetTokenizer: pairOptions.tokenizer.unwrap().default("spaced").describe("of pronunciations; likewise"),
  vocabulary: pairOptions.vocabulary.unwrap().default(500).describe("most tokens of a side"),
  minimumFrequency: pairOptions.minimumFrequency.unwrap().default(1).describe("rarer phones are unknown"),
  shared: pairOptions.shared.unwrap().default(false).describe("whether one vocabulary serves both sides"),
  source: pairOptions.source.unwrap().default("1").describe("column of the words: its name, or its number from 1"),
  target: pairOptions.target.unwrap().default("2").describe("column of the pronunciations, phones apart by spaces"),
  sourcePlaces: pairOptions.sourcePlaces.unwrap().default(36).describe("letters of a word at most, its end included"),
  targetPlaces: pairOptions.targetPlaces.unwrap().default(36).describe("phones at most, their end included"),
  batchSize: pairOptions.batchSize.default(128).describe("pairs of a step"),
};

const metrics = ["sequenceErrorRate", "phoneErrorRate"];

const transformerSchema = pairTransformerSchema.extend({
  ...options,
  steps: pairOptions.steps.default(4000).describe("training steps"),
});

export const pronounceTransformer = definePreset({
  name: "pronounce/transformer",
  summary: "a transformer that says how words are pronounced",
  expected: "see docs/tasks/pronounce.md",
  data: "cmu-dict",
  metrics,
  reading: pairReading,
  schema: transformerSchema,
  build: pairTransformer,
});

const lstmSchema = pairLstmSchema.extend({
  ...options,
  steps: pairOptions.steps.default(3000).describe("training steps"),
});

export const pronounceLstm = definePreset({
  name: "pronounce/lstm-attention",
  summary: "LSTMs with attention that say how words are pronounced",
  expected: "see docs/tasks/pronounce.md",
  data: "cmu-dict",
  metrics,
  reading: pairReading,
  schema: lstmSchema,
  build: pairLstm,
});
