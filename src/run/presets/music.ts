/** Presets of music: language models over notes. */

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
const pitch = z.int().min(0).max(127);

/** Options of every model of notes. */
const musicOptions = {
  ...sharedOptions,
  places: z.int().min(8).max(65_536).default(256).describe("tokens that it sees at once: about 3 a note"),
  stepsPerBeat: z.int().min(1).max(96).default(12).describe("steps of a quarter note, to which notes are moved"),
  lowestPitch: pitch.default(0).describe("lowest note it knows, as MIDI counts: 60 is middle C"),
  highestPitch: pitch.default(127).describe("highest note it knows"),
  loudnesses: z.int().min(1).max(32).default(1).describe("degrees of loudness; 1: it is not kept"),
  transpositions: z
    .int()
    .min(0)
    .max(24)
    .default(5)
    .describe("training tunes are also heard up to so many semitones higher and lower"),
  chords: z.boolean().default(false).describe("whether chord symbols of ABC tunes are played"),
  drums: z.boolean().default(false).describe("whether drums of MIDI files count as notes"),
  dropout: z.number().min(0).lt(1).default(0.1).describe("share of numbers that training drops"),
};

type MusicConfig = z.output<z.ZodObject<typeof musicOptions>>;

function readingOf(config: MusicConfig): Reading {
  const { places, stepsPerBeat, lowestPitch, highestPitch, loudnesses, transpositions, chords, drums } = config;
  return { music: { places, stepsPerBeat, lowestPitch, highestPitch, loudnesses, transpositions, chords, drums } };
}

/**
 * A language model over a data set's notes.
 * @throws GalateaError `data` when it has none.
 */
function modelOf(
  { name, fields, vocabularies }: DataDescription,
  { places }: MusicConfig,
  networkOf: (vocabulary: number) => TokenNetwork<never>,
): Family {
  const { size: count, begin, end, pad } = vocabularies?.tokens ?? {};
  if (count === undefined || begin === undefined || end === undefined || pad === undefined) {
    const seen = `its fields are ${Object.keys(fields).join(", ")}`;
    throw new GalateaError("data", name, seen, "the preset needs tunes");
  }
  return languageModel({ network: networkOf(count), places, begin, end, pad, never: [begin] }) as Family;
}

const shared = sharedDefaults({
  steps: 2000,
  learningRate: 0.002,
  schedule: "cosine",
  warmupSteps: 100,
  clipNorm: 1,
});

const lstmSchema = z.strictObject({
  ...musicOptions,
  ...shared,
  ...sharedDefaults({ batchSize: 16 }),
  embedding: size.default(64).describe("size of a token's vector"),
  hidden: size.default(256).describe("size of the states"),
  layers: z.int().min(1).max(16).default(1).describe("layers"),
});

export const musicLstm = definePreset({
  name: "music/lstm",
  summary: "an LSTM that writes tunes, as MIDI and as sound",
  expected: "see docs/tasks/music.md",
  data: "made-tunes",
  reading: (config) => readingOf(config),
  schema: lstmSchema,
  build: (config, data): Family =>
    modelOf(data, config, (vocabulary) => lstmDecoder({ ...config, vocabulary }) as TokenNetwork<never>),
});

const transformerSchema = z.strictObject({
  ...musicOptions,
  ...shared,
  ...sharedDefaults({ batchSize: 8 }),
  width: size.default(128).describe("size of the vectors"),
  depth: z.int().min(1).max(64).default(3).describe("blocks"),
  heads: z.int().min(1).max(64).default(4).describe("heads of attention"),
  positions: z.enum(positionKinds).default("rotary").describe("how places are told apart"),
});

export const musicTransformer = definePreset({
  name: "music/transformer",
  summary: "a transformer that writes tunes, as MIDI and as sound",
  expected: "see docs/tasks/music.md",
  data: "made-tunes",
  reading: (config) => readingOf(config),
  schema: transformerSchema,
  build: (config, data): Family =>
    modelOf(data, config, (vocabulary) => tokenDecoder({ ...config, vocabulary }) as TokenNetwork<never>),
});
