/** Presets of speech recognition: from recordings to what is said in them. */

import { z } from "zod";
import { GalateaError } from "../../core/index.ts";
import { ctcRecognizer, type Family } from "../../learn/models/index.ts";
import { normalizations, type Reading, type SpeechReading } from "../data/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { definePreset } from "./preset.ts";

const size = z.int().min(1).max(65_536);

const lstmSchema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({
    steps: 3000,
    batchSize: 32,
    learningRate: 0.004,
    schedule: "cosine",
    warmupSteps: 100,
    clipNorm: 1,
    averageDecay: 0.99,
  }),
  tokenizer: z
    .string()
    .min(1)
    .default("characters")
    .describe("what transcripts become: characters, words, or a tokenizer.json"),
  lowerCase: z.boolean().default(false).describe("whether transcripts are brought to lower case"),
  rate: z.int().min(1000).max(192_000).default(8000).describe("samples a second that recordings are brought to"),
  mels: z.int().min(1).max(512).default(40).describe("bands of the features"),
  windowMs: z.number().gt(0).max(1000).default(25).describe("length of a frame, milliseconds"),
  hopMs: z.number().gt(0).max(1000).default(10).describe("from one frame to the next, milliseconds"),
  normalize: z
    .enum(normalizations)
    .default("whole")
    .describe("what gets mean 0 and deviation 1: each band of a recording, or the whole"),
  frames: z.int().min(1).max(100_000).default(300).describe("frames of a recording at most"),
  places: z.int().min(1).max(10_000).default(32).describe("tokens of a transcript at most"),
  longer: z.enum(["refuse", "leave-out"]).default("refuse").describe("what is done with longer recordings"),
  joinLeast: z.int().min(1).max(100).default(3).describe("recordings of a string at least, where they are joined"),
  joinMost: z.int().min(0).max(100).default(0).describe("recordings of a string at most; 0: they are not joined"),
  joinCount: z.int().min(1).max(1e6).default(4000).describe("strings that are trained on"),
  noisy: z
    .int()
    .min(0)
    .max(16)
    .default(0)
    .describe("copies of each training recording with noise, 0 to 30 dB below it"),
  hidden: size.default(96).describe("size of the states of each direction"),
  layers: z.int().min(1).max(16).default(2).describe("layers"),
  stride: z.int().min(1).max(64).default(3).describe("frames that become one before the LSTM"),
  dropout: z.number().min(0).lt(1).default(0.2).describe("share of numbers that training drops"),
  hiddenFrames: z.int().min(0).max(10_000).default(12).describe("frames in a row that training hides at most"),
  hiddenFeatures: z.int().min(0).max(512).default(8).describe("bands in a row that training hides at most"),
});

/** How recordings are read, of all options. */
function speechReading(config: z.output<typeof lstmSchema>): SpeechReading {
  const { tokenizer, lowerCase, rate, mels, windowMs, hopMs, normalize } = config;
  const { frames, places, stride, longer, joinLeast, joinMost, joinCount, noisy } = config;
  const features = { rate, mels, windowMs, hopMs, normalize, frames };
  return { ...features, tokenizer, lowerCase, places, stride, longer, joinLeast, joinMost, joinCount, noisy };
}

export const speechLstm = definePreset({
  name: "speech/lstm-ctc",
  summary: "a recognizer of speech: a bidirectional LSTM over log-mel features, and CTC",
  expected: "see docs/tasks/speech.md",
  data: "dial-tones",
  metrics: ["wordErrorRate", "characterErrorRate"],
  reading: (config): Reading => ({ speech: speechReading(config) }),
  schema: lstmSchema,
  build: (config, { name, fields, vocabularies }): Family => {
    const vocabulary = vocabularies?.target;
    if (!fields.features || !vocabulary) {
      const seen = `its fields are ${Object.keys(fields).join(", ")}`;
      throw new GalateaError("data", name, seen, "the preset needs recordings with transcripts");
    }
    const { frames, mels, places, hidden, layers, stride, dropout, hiddenFrames, hiddenFeatures } = config;
    return ctcRecognizer({
      frames,
      features: mels,
      places,
      vocabulary: vocabulary.size,
      blank: vocabulary.pad ?? 0,
      hidden,
      layers,
      stride,
      dropout,
      hiddenFrames,
      hiddenFeatures,
    }) as Family;
  },
});
