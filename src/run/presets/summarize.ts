/** Presets of summaries: from a document to a few words. */

import { z } from "zod";
import {
  type Encoder,
  type Family,
  lstmDecoder,
  lstmEncoder,
  lstmEncoderSize,
  pointerNetwork,
  positionKinds,
  type TokenNetwork,
  tokenDecoder,
  tokenEncoder,
} from "../../learn/models/index.ts";
import type { Reading } from "../data/index.ts";
import { sharedDefaults } from "./config.ts";
import { type PairConfig, pairOptions, pairReading, sidesOf, translator } from "./pair-models.ts";
import { definePreset } from "./preset.ts";

const size = z.int().min(1).max(65_536);

/** One vocabulary for both sides always: what is copied must have a number there. */
const { shared: _, ...ownPairOptions } = pairOptions;

const summaryOptions = {
  ...ownPairOptions,
  sourcePlaces: pairOptions.sourcePlaces
    .unwrap()
    .default(128)
    .describe("tokens of a document at most, its end included"),
  targetPlaces: pairOptions.targetPlaces.unwrap().default(20).describe("tokens of a summary at most, its end included"),
  longer: pairOptions.longer.unwrap().default("cut").describe("what is done with longer ones; the beginning says most"),
  source: z
    .string()
    .min(1)
    .default("document,body,article,text")
    .describe("column of what is summarized; the first there is"),
  target: z
    .string()
    .min(1)
    .default("summary,subject,headline,title")
    .describe("column of the summary; the first there is"),
  ...sharedDefaults({
    steps: 6000,
    batchSize: 32,
    learningRate: 0.001,
    beta2: 0.98,
    schedule: "cosine",
    warmupSteps: 400,
    averageDecay: 0.998,
    clipNorm: 1,
  }),
  width: size.default(128).describe("size of the vectors"),
  depth: z.int().min(1).max(64).default(3).describe("blocks (or layers) of the encoder, and of the decoder"),
  heads: z.int().min(1).max(64).default(4).describe("heads of attention"),
  hidden: size.default(256).describe("width of the blocks' networks"),
  positions: z.enum(positionKinds).default("rotary").describe("how places are told apart"),
};

const transformerSchema = z.strictObject(summaryOptions);

type SummaryConfig = z.output<typeof transformerSchema>;

const asPairs = (config: SummaryConfig): PairConfig => ({ ...config, shared: true });

function summaryReading(config: SummaryConfig): Reading {
  const { pairs } = pairReading(asPairs(config));
  return pairs ? { pairs: { ...pairs, leadingSpace: true } } : {};
}

interface Networks {
  readonly encoder: Encoder;
  readonly decoder: TokenNetwork;
  /** Sizes of the decoder's states and of the encoder's places. */
  readonly states: number;
  readonly memory: number;
}

type Sizes = Pick<SummaryConfig, "sourcePlaces" | "targetPlaces" | "width" | "depth" | "heads" | "hidden"> &
  Pick<SummaryConfig, "positions" | "dropout">;

function transformers(config: Sizes, vocabulary: number, pad: number): Networks {
  const { sourcePlaces, targetPlaces, width } = config;
  const shape = { ...config, vocabulary };
  return {
    encoder: tokenEncoder({ ...shape, places: sourcePlaces, field: "source", pad }) as Encoder,
    decoder: tokenDecoder({ ...shape, places: targetPlaces, cross: true }) as unknown as TokenNetwork,
    states: width,
    memory: width,
  };
}

function recurrent({ width, depth, dropout }: Sizes, vocabulary: number, pad: number): Networks {
  const reading = { field: "source", vocabulary, inputs: width, hidden: width, layers: depth, dropout, pad };
  const memory = lstmEncoderSize(reading);
  const writing = { vocabulary, embedding: width, hidden: memory, layers: depth, dropout };
  return {
    encoder: lstmEncoder(reading) as Encoder,
    decoder: lstmDecoder({ ...writing, attention: { score: "general", memory } }) as unknown as TokenNetwork,
    states: memory,
    memory,
  };
}

export const summarizeTransformer = definePreset({
  name: "summarize/transformer",
  summary: "a transformer that reads a document and writes a few words about it",
  expected: "see docs/tasks/summarize.md",
  data: "reports",
  metrics: ["rouge1", "rouge2", "rougeL"],
  reading: (config) => summaryReading(config),
  schema: transformerSchema,
  build: (config, data): Family => {
    const sides = sidesOf(data);
    const { encoder, decoder } = transformers(config, sides.source.size, sides.source.pad ?? 0);
    return translator(asPairs(config), sides, encoder as Encoder<never>, decoder as TokenNetwork<never>);
  },
});

const pointerSchema = z.strictObject({
  ...summaryOptions,
  network: z.enum(["transformer", "lstm"]).default("transformer").describe("what reads and writes"),
  coverage: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .describe("weight of the loss for copying from a place again; 0: none"),
});

export const summarizePointer = definePreset({
  name: "summarize/pointer",
  summary: "the same, and may copy words of the document (pointer-generator)",
  expected: "see docs/tasks/summarize.md",
  data: "reports",
  metrics: ["rouge1", "rouge2", "rougeL"],
  reading: (config) => summaryReading(config),
  schema: pointerSchema,
  build: (config, data): Family => {
    const sides = sidesOf(data);
    const make = config.network === "lstm" ? recurrent : transformers;
    const { encoder, decoder: network, ...sizes } = make(config, sides.source.size, sides.source.pad ?? 0);
    const decoder = pointerNetwork({ network, ...sizes, coverage: config.coverage });
    return translator(asPairs(config), sides, encoder as Encoder<never>, decoder as unknown as TokenNetwork<never>);
  },
});
