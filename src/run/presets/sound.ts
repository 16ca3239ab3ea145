/** Presets of sound, sample by sample. */

import { z } from "zod";
import { GalateaError } from "../../core/index.ts";
import {
  type Family,
  labelEncoder,
  languageModel,
  lstmDecoder,
  plannedSound,
  planVocabulary,
  type TokenNetwork,
  waveNet,
} from "../../learn/models/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { definePreset } from "./preset.ts";

const size = z.int().min(1).max(4096);

const wavenetSchema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({
    steps: 10_000,
    // More updates of one sound each learn faster than fewer of more.
    batchSize: 1,
    learningRate: 0.003,
    schedule: "cosine",
    warmupSteps: 50,
    clipNorm: 1,
    averageDecay: 0.999,
    validationExamples: 100,
  }),
  rate: z.int().min(1000).max(192_000).default(8000).describe("samples a second that recordings are brought to"),
  levels: z.int().min(2).max(256).default(256).describe("levels of a sample, by mu-law"),
  places: z.int().min(2).max(1e6).default(5600).describe("samples of an example, and that a sound has at most"),
  codes: z
    .int()
    .min(0)
    .max(65_536)
    .default(256)
    .describe(
      "codes that a sound is planned in before its samples are made; 0: no plan, samples are told the label only",
    ),
  span: z.int().min(2).max(1e6).default(160).describe("samples of a stretch of time, which has one code; even"),
  bands: z.int().min(1).max(128).default(24).describe("mel bands whose energies codes stand for"),
  planHidden: size.default(192).describe("size of the state of the LSTM that draws plans"),
  planDropout: z.number().min(0).max(0.9).default(0.2).describe("share of its values that are dropped in training"),
  planRepeats: z.int().min(1).max(64).default(8).describe("batches that plans are learned from in a step"),
  told: size.default(32).describe("size of what samples are told"),
  channels: size.default(64).describe("channels of the layers"),
  skip: size.default(128).describe("channels of the sum of all layers"),
  order: z
    .int()
    .min(0)
    .max(1024)
    .default(16)
    .describe("samples that a linear prediction is made from, which the layers correct; 0: none"),
  layers: z.int().min(1).max(16).default(10).describe("layers of a cycle: dilations 1, 2, 4 and so on"),
  cycles: z.int().min(1).max(16).default(1).describe("cycles"),
});

export const soundWavenet = definePreset({
  name: "sound/wavenet",
  summary: "a WaveNet: sound sample by sample, told a label where there are any",
  // 10,000 steps on recordings of digits took 50 minutes of one core beside other work.
  expected: "spoken digits: 50 minutes on one core, 4.13 bits a sample, four of five digits can be told",
  data: "dial-tones",
  // A plan counts from the beginning of a recording.
  reading: ({ rate, levels, places, codes }) => ({
    waves: { rate, levels, places, longer: codes > 0 ? "beginning" : "windows" },
  }),
  schema: wavenetSchema,
  build: (config, { name, fields, vocabularies, classes }): Family => {
    const vocabulary = vocabularies?.tokens;
    const { begin, end, pad } = vocabulary ?? {};
    if (!vocabulary || begin === undefined || end === undefined || pad === undefined) {
      const seen = `its fields are ${Object.keys(fields).join(", ")}`;
      throw new GalateaError("data", name, seen, "the preset needs sound");
    }
    const { order, rate, levels, places, span, bands, codes, told: memory, channels, skip, layers, cycles } = config;
    const tokens = { places, begin, end, pad };
    const sizes = {
      vocabulary: vocabulary.size,
      channels,
      skip,
      layers,
      cycles,
      ...(order > 0 && { prediction: { levels, order } }),
    };
    const count = fields.label === undefined ? undefined : classes?.length;
    if (codes === 0) {
      if (count === undefined) return languageModel({ network: waveNet(sizes), ...tokens }) as Family;
      const inputs = { label: { dtype: "int32", shape: [], classes: count } } as const;
      const told = { inputs, encoder: labelEncoder({ classes: count, size: memory }) as never };
      return languageModel({ network: waveNet({ ...sizes, memory }), ...tokens, told }) as Family;
    }
    const { planHidden: hidden, planDropout: dropout, planRepeats } = config;
    const planned = planVocabulary({ codes, classes: count });
    return plannedSound({
      sound: waveNet({ ...sizes, memory, span }) as TokenNetwork<never>,
      plan: lstmDecoder({
        vocabulary: planned.size,
        embedding: hidden,
        hidden,
        layers: 1,
        dropout,
      }) as TokenNetwork<never>,
      ...tokens,
      ...{ rate, levels, span, bands, codes, memory, planRepeats, classes: count },
    }) as Family;
  },
});
