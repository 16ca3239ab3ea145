/** Presets of answers: to questions about a story, and in the words of a text. */

import { z } from "zod";
import { GalateaError } from "../../core/index.ts";
import {
  type Encoder,
  type Family,
  sequenceToSequence,
  spanExtractor,
  storyEncoder,
  type TokenNetwork,
  tokenDecoder,
} from "../../learn/models/index.ts";
import type { Vocabulary } from "../data/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { type DataDescription, definePreset } from "./preset.ts";

const size = z.int().min(1).max(65_536);
const name = z.string().min(1);

const answerOptions = {
  ...sharedOptions,
  ...sharedDefaults({
    learningRate: 0.001,
    beta2: 0.98,
    schedule: "cosine",
    warmupSteps: 400,
    averageDecay: 0.998,
    clipNorm: 1,
  }),
  vocabulary: z.int().min(10).max(1_000_000).default(10_000).describe("most words that are learned"),
  lowerCase: z.boolean().default(true).describe("whether texts are brought to lower case"),
  width: size.default(64).describe("size of the vectors"),
  heads: z.int().min(1).max(64).default(4).describe("heads of attention"),
  dropout: z.number().min(0).lt(1).default(0.1).describe("share of numbers that training drops"),
};

/** @throws GalateaError `data` when the data has no such field of tokens. */
function vocabularyOf({ name: where, fields, vocabularies = {} }: DataDescription, field: string): Vocabulary {
  const found = vocabularies[field];
  if (found) return found;
  const seen = `its fields are ${Object.keys(fields).join(", ")}`;
  throw new GalateaError("data", where, seen, `the preset needs a field ${field} of words`);
}

const storySchema = z.strictObject({
  ...answerOptions,
  ...sharedDefaults({ steps: 20_000, batchSize: 32 }),
  minimumFrequency: z.int().min(1).max(1e6).default(1).describe("rarer words are unknown"),
  sentences: z.int().min(1).max(4096).default(64).describe("sentences of a story at most"),
  words: z.int().min(2).max(4096).default(12).describe("words of a sentence or question at most, signs included"),
  answerWords: z.int().min(2).max(4096).default(4).describe("words of an answer at most, its end included"),
  longer: z.enum(["refuse", "cut"]).default("cut").describe("what is done with longer ones; the last sentences stay"),
  story: name.default("story").describe("column of the story"),
  question: name.default("question").describe("column of the question"),
  answer: name.default("answer").describe("column of the answer"),
  hidden: size.default(128).describe("width of the blocks' networks"),
  depth: z.int().min(1).max(64).default(4).describe("blocks of the encoder, or times that its one block is applied"),
  recurrentDepth: z
    .boolean()
    .default(false)
    .describe("whether one block is applied again and again (universal transformer)"),
  answerDepth: z.int().min(1).max(64).default(1).describe("blocks of the decoder"),
  pauses: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe("chance of time that passes untold between sentences, in training"),
});

export const answerTransformer = definePreset({
  name: "answer/transformer",
  summary: "a transformer that reads a story and answers questions about it",
  expected: "see docs/tasks/answer.md",
  data: "stories",
  metrics: ["exactMatch"],
  reading: ({ vocabulary, minimumFrequency, lowerCase, sentences, words, answerWords, longer, ...names }) => {
    const { story, question, answer } = names;
    const sizes = { sentences, words, answerWords, longer };
    return { stories: { vocabulary, minimumFrequency, lowerCase, ...sizes, story, question, answer } };
  },
  schema: storySchema,
  build: (config, data): Family => {
    const { size: vocabulary, pad = 0 } = vocabularyOf(data, "story");
    const { begin = 0, end = 0 } = vocabularyOf(data, "target");
    const { sentences, words, answerWords, answerDepth, ...sizes } = config;
    const encoder = storyEncoder({ ...sizes, vocabulary, story: "story", question: "question", sentences, words, pad });
    const decoder = tokenDecoder({
      ...sizes,
      recurrentDepth: false,
      depth: answerDepth,
      vocabulary,
      places: answerWords,
      positions: "learned",
      cross: true,
    });
    return sequenceToSequence({
      inputs: {
        story: { dtype: "int32", shape: [sentences, words] },
        question: { dtype: "int32", shape: [words] },
      },
      encoder: encoder as Encoder<never>,
      decoder: decoder as TokenNetwork<never>,
      places: answerWords,
      begin,
      end,
      pad,
    }) as Family;
  },
});

const spanSchema = z.strictObject({
  ...answerOptions,
  ...sharedDefaults({ steps: 5000, batchSize: 32 }),
  minimumFrequency: z.int().min(1).max(1e6).default(2).describe("rarer words are unknown, and still can be an answer"),
  contextWords: z.int().min(2).max(65_536).default(200).describe("words of a text at most, signs included"),
  questionWords: z.int().min(2).max(65_536).default(30).describe("words of a question at most, signs included"),
  answerWords: z.int().min(1).max(4096).default(16).describe("words of an answer at most"),
  longer: z.enum(["refuse", "cut"]).default("cut").describe("what is done with longer texts and questions"),
  context: name.default("context").describe("column of the text"),
  question: name.default("question").describe("column of the question"),
  answer: name.default("answer").describe("column of the answer, which stands in the text"),
  hidden: size.default(128).describe("width of the blocks' networks"),
  depth: z.int().min(1).max(64).default(3).describe("blocks"),
});

export const answerSpan = definePreset({
  name: "answer/span",
  summary: "finds the words of a text that answer a question",
  expected: "see docs/tasks/answer.md",
  data: "passages",
  metrics: ["exactMatch", "answerF1"],
  reading: ({ vocabulary, minimumFrequency, lowerCase, contextWords, questionWords, longer, ...names }) => {
    const { context, question, answer } = names;
    const sizes = { contextWords, questionWords, longer };
    return { passages: { vocabulary, minimumFrequency, lowerCase, ...sizes, context, question, answer } };
  },
  schema: spanSchema,
  build: (config, data): Family => {
    const { size: vocabulary, pad = 0 } = vocabularyOf(data, "context");
    return spanExtractor({ ...config, vocabulary, pad }) as Family;
  },
});
