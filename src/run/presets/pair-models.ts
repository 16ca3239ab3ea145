/** Models of pairs of texts: options, and the families that they build. Presets give them names, data and numbers. */

import { z } from "zod";
import { GalateaError } from "../../core/index.ts";
import {
  type Encoder,
  type Family,
  lstmDecoder,
  lstmEncoder,
  lstmEncoderSize,
  positionKinds,
  sequenceToSequence,
  type TokenNetwork,
  tokenDecoder,
  tokenEncoder,
} from "../../learn/models/index.ts";
import { attentionScores } from "../../learn/nn/index.ts";
import type { Reading, Vocabulary } from "../data/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import type { DataDescription } from "./preset.ts";

const size = z.int().min(1).max(65_536);

/** Options of every model of pairs of texts. */
export const pairOptions = {
  ...sharedOptions,
  tokenizer: z
    .string()
    .min(1)
    .default("pairs")
    .describe("words, spaced (what stands between spaces), characters, pairs (byte-level BPE), or a tokenizer.json"),
  vocabulary: z.int().min(10).max(1_000_000).default(8000).describe("most tokens that are learned"),
  minimumFrequency: z.int().min(1).max(1e6).default(2).describe("of tokenizer=words: rarer words are unknown"),
  lowerCase: z.boolean().default(false).describe("whether texts are brought to lower case"),
  shared: z.boolean().default(true).describe("whether one vocabulary serves both sides"),
  sourcePlaces: z.int().min(2).max(65_536).default(48).describe("tokens of a source at most, its end included"),
  targetPlaces: z.int().min(2).max(65_536).default(48).describe("tokens of a target at most, its end included"),
  longer: z.enum(["refuse", "cut"]).default("refuse").describe("what is done with longer ones"),
  source: z.string().min(1).default("source").describe("column, or ending of the file, of what goes in"),
  target: z.string().min(1).default("target").describe("column, or ending of the file, of what comes out"),
  only: z.string().default("").describe("of a folder only the files with this in their names"),
  dropout: z.number().min(0).lt(1).default(0.3).describe("share of numbers that training drops"),
  smoothing: z.number().min(0).lt(1).default(0.1).describe("share of the loss that all tokens have alike"),
};

export type PairConfig = z.output<z.ZodObject<typeof pairOptions>> & { readonly targetTokenizer?: string };

/** How data of a preset of pairs is read. */
export function pairReading(config: PairConfig): Reading {
  const { tokenizer, targetTokenizer, vocabulary, minimumFrequency, lowerCase, shared, source, target, only } = config;
  const { sourcePlaces, targetPlaces, longer } = config;
  const made = { tokenizer, ...(targetTokenizer && { targetTokenizer }), vocabulary, minimumFrequency };
  const sizes = { sourcePlaces, targetPlaces, longer };
  return { pairs: { ...made, lowerCase, shared, source, target, only, ...sizes } };
}

export interface Sides {
  readonly source: Vocabulary;
  readonly target: Vocabulary;
}

/** @throws GalateaError `data` when the data holds no pairs of texts. */
export function sidesOf({ name, fields, vocabularies = {} }: DataDescription): Sides {
  const { source, target } = vocabularies;
  if (source && target) return { source, target };
  throw new GalateaError(
    "data",
    name,
    `its fields are ${Object.keys(fields).join(", ")}`,
    "the preset needs pairs of texts",
  );
}

/** The family of an encoder and a decoder of pairs. */
export function translator(
  config: PairConfig,
  { target }: Sides,
  encoder: Encoder<never>,
  decoder: TokenNetwork<never>,
): Family {
  const { begin = 0, end = 0, pad = 0 } = target;
  const { sourcePlaces, targetPlaces: places, smoothing } = config;
  const inputs = { source: { dtype: "int32", shape: [sourcePlaces] } } as const;
  return sequenceToSequence({ inputs, encoder, decoder, places, begin, end, pad, smoothing }) as Family;
}

/** Options of transformers over pairs. */
export const pairTransformerSchema = z.strictObject({
  ...pairOptions,
  ...sharedDefaults({
    steps: 10_000,
    batchSize: 64,
    learningRate: 0.002,
    beta2: 0.98,
    schedule: "cosine",
    warmupSteps: 1000,
    averageDecay: 0.998,
    clipNorm: 1,
  }),
  width: size.default(128).describe("size of the vectors"),
  hidden: size.default(256).describe("width of the blocks' networks"),
  depth: z.int().min(1).max(64).default(4).describe("blocks of the encoder, and of the decoder"),
  heads: z.int().min(1).max(64).default(4).describe("heads of attention"),
  positions: z.enum(positionKinds).default("sinusoidal").describe("how places are told apart"),
});

/**
 * A transformer that reads one text and writes the other.
 * @throws GalateaError `data` when the data holds no pairs of texts.
 */
export function pairTransformer(config: z.output<typeof pairTransformerSchema>, data: DataDescription): Family {
  const sides = sidesOf(data);
  const { source, target } = sides;
  const shape = { ...config, vocabulary: source.size, places: config.sourcePlaces };
  const encoder = tokenEncoder({ ...shape, field: "source", ...(source.pad !== undefined && { pad: source.pad }) });
  const decoder = tokenDecoder({ ...config, vocabulary: target.size, places: config.targetPlaces, cross: true });
  return translator(config, sides, encoder as Encoder<never>, decoder as TokenNetwork<never>);
}

/** Options of LSTMs with attention over pairs. */
export const pairLstmSchema = z.strictObject({
  ...pairOptions,
  ...sharedDefaults({
    steps: 8000,
    batchSize: 64,
    learningRate: 0.002,
    schedule: "cosine",
    averageDecay: 0.998,
    clipNorm: 1,
  }),
  embedding: size.default(128).describe("size of a token's vector"),
  hidden: size.default(256).describe("size of the decoder's states; the encoder's directions have half of it each"),
  layers: z.int().min(1).max(16).default(1).describe("layers of both"),
  score: z.enum(attentionScores).default("general").describe("how a state and a place of the source are compared"),
  when: z
    .enum(["after", "before"])
    .default("after")
    .describe("when it looks: after a token was read (Luong), or before"),
});

/**
 * An LSTM that reads one text, and one that writes the other and looks back.
 * @throws GalateaError `data` when the data holds no pairs of texts.
 */
export function pairLstm(config: z.output<typeof pairLstmSchema>, data: DataDescription): Family {
  const sides = sidesOf(data);
  const { source, target } = sides;
  const { embedding, layers, dropout, score, when } = config;
  const half = Math.max(1, Math.round(config.hidden / 2));
  const options = { field: "source", vocabulary: source.size, inputs: embedding, hidden: half, layers, dropout };
  const encoder = lstmEncoder({ ...options, ...(source.pad !== undefined && { pad: source.pad }) });
  const memory = lstmEncoderSize(options);
  const decoder = lstmDecoder({ ...config, vocabulary: target.size, attention: { score, when, memory } });
  return translator(config, sides, encoder as Encoder<never>, decoder as TokenNetwork<never>);
}
