/** Presets of sound, sample by sample. */

import { z } from "zod";
import { GalateaError } from "../../core/index.ts";
import { type Family, labelEncoder, languageModel, waveNet } from "../../learn/models/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { definePreset } from "./preset.ts";

const size = z.int().min(1).max(4096);

const wavenetSchema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({
    steps: 2000,
    batchSize: 4,
    learningRate: 0.003,
    schedule: "cosine",
    warmupSteps: 50,
    clipNorm: 1,
    averageDecay: 0.99,
    validationExamples: 100,
  }),
  rate: z.int().min(1000).max(192_000).default(8000).describe("samples a second that recordings are brought to"),
  levels: z.int().min(2).max(256).default(256).describe("levels of a sample, by mu-law"),
  places: z.int().min(2).max(1e6).default(5600).describe("samples of an example, and that a sound has at most"),
  span: z
    .int()
    .min(0)
    .max(1e6)
    .default(100)
    .describe("samples of a stretch of time, for each of which a label says something of its own; 0: one for all"),
  told: size.default(32).describe("size of what a label says"),
  channels: size.default(32).describe("channels of the layers"),
  skip: size.default(64).describe("channels of the sum of all layers"),
  layers: z.int().min(1).max(16).default(9).describe("layers of a cycle: dilations 1, 2, 4 and so on"),
  cycles: z.int().min(1).max(16).default(2).describe("cycles"),
});

export const soundWavenet = definePreset({
  name: "sound/wavenet",
  summary: "a WaveNet: sound sample by sample, told a label where there are any",
  expected: "see docs/tasks/sound.md",
  data: "dial-tones",
  // What a label says of each stretch of time counts from the beginning of a recording.
  reading: ({ rate, levels, places, span }) => ({
    waves: { rate, levels, places, longer: span > 0 ? "beginning" : "windows" },
  }),
  schema: wavenetSchema,
  build: (config, { name, fields, vocabularies, classes }): Family => {
    const vocabulary = vocabularies?.tokens;
    const { begin, end, pad } = vocabulary ?? {};
    if (!vocabulary || begin === undefined || end === undefined || pad === undefined) {
      const seen = `its fields are ${Object.keys(fields).join(", ")}`;
      throw new GalateaError("data", name, seen, "the preset needs sound");
    }
    const { places, span, told: memory, channels, skip, layers, cycles } = config;
    const stretches = span > 0 ? Math.ceil(places / span) : 1;
    const isLabelled = fields.label !== undefined && classes !== undefined;
    const network = waveNet({
      vocabulary: vocabulary.size,
      channels,
      skip,
      layers,
      cycles,
      ...(isLabelled && { memory, ...(span > 0 && { span }) }),
    });
    const told =
      isLabelled &&
      ({
        inputs: { label: { dtype: "int32", shape: [], classes: classes.length } },
        encoder: labelEncoder({ classes: classes.length, size: memory, places: stretches }) as never,
      } as const);
    return languageModel({ network, places, begin, end, pad, ...(told && { told }) }) as Family;
  },
});
