/** A preset that says what images show. */

import { z } from "zod";
import { GalateaError } from "../../core/index.ts";
import {
  type Encoder,
  type Family,
  imageEncoder,
  imageMap,
  imageSights,
  lstmDecoder,
  lstmFeeds,
  lstmStarts,
  positionKinds,
  sequenceToSequence,
  type TokenNetwork,
  tokenDecoder,
} from "../../learn/models/index.ts";
import { attentionScores } from "../../learn/nn/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { imageShape } from "./digits.ts";
import { definePreset } from "./preset.ts";

const size = z.int().min(1).max(65_536);

const schema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({
    steps: 4000,
    batchSize: 32,
    optimizer: "muon",
    momentum: 0.95,
    learningRate: 0.003,
    schedule: "cosine",
    warmupSteps: 200,
    averageDecay: 0.99,
    clipNorm: 1,
  }),
  size: z.int().min(8).max(1024).default(64).describe("pixels of the images' height and width, resized to it"),
  tokenizer: z
    .string()
    .min(1)
    .default("words")
    .describe("words, characters, pairs (byte-level BPE), or a tokenizer.json"),
  vocabulary: z.int().min(10).max(1_000_000).default(8000).describe("most tokens that are learned"),
  minimumFrequency: z.int().min(1).max(1e6).default(2).describe("of tokenizer=words: rarer words are unknown"),
  lowerCase: z.boolean().default(true).describe("whether captions are brought to lower case"),
  targetPlaces: z.int().min(2).max(65_536).default(24).describe("tokens of a caption at most, its end included"),
  longer: z.enum(["refuse", "cut"]).default("refuse").describe("what is done with longer ones"),
  file: z.string().min(1).default("file").describe("column of captions.csv that names images"),
  caption: z.string().min(1).default("caption").describe("column of captions.csv that says what they show"),
  channels: z
    .array(z.int().min(1).max(4096))
    .min(1)
    .default([16, 32, 64])
    .describe("channels of the image's stages, each of which halves it"),
  sight: z
    .enum(imageSights)
    .default("near")
    .describe("how far around itself a place of the image sees: near, so that words look at what they name, or far"),
  decoder: z.enum(["lstm", "transformer"]).default("lstm").describe("what writes captions"),
  embedding: size.default(64).describe("of decoder=lstm: size of a token's vector"),
  hidden: size.default(256).describe("size of the LSTM's states, or width of the blocks' networks"),
  score: z.enum(attentionScores).default("general").describe("of decoder=lstm: how a state and a place are compared"),
  start: z
    .enum(lstmStarts)
    .default("nothing")
    .describe(
      "what decoder=lstm knows at first; mean: the mean of all places (Xu), so that it names much without looking",
    ),
  feeds: z
    .enum(lstmFeeds)
    .default("where")
    .describe(
      "of decoder=lstm and when=after: what it remembers of a look: seen, what was there; where alone, so that it looks again; nothing",
    ),
  when: z
    .enum(["after", "before"])
    .default("after")
    .describe("of decoder=lstm: when it looks: after a token was read (Luong), or before (Bahdanau, Xu)"),
  depth: z.int().min(1).max(64).default(2).describe("blocks of decoder=transformer"),
  heads: z.int().min(1).max(64).default(4).describe("heads of attention of decoder=transformer"),
  positions: z.enum(positionKinds).default("learned").describe("how decoder=transformer tells places apart"),
  dropout: z.number().min(0).lt(1).default(0).describe("share of numbers that training drops"),
  smoothing: z.number().min(0).lt(1).default(0).describe("share of the loss that all tokens have alike"),
  attentionSpread: z
    .number()
    .min(0)
    .max(1000)
    .default(0)
    .describe("weight of a penalty for places that get more or less than their share of attention"),
});

export const captionAttention = definePreset({
  name: "caption/attention",
  summary: "says what images show, and looks at the part that each word is about (show, attend and tell)",
  expected: "see docs/tasks/caption.md",
  data: "scenes",
  metrics: ["sequenceAccuracy", "bleu"],
  reading: ({ tokenizer, vocabulary, minimumFrequency, lowerCase, targetPlaces, longer, file, caption, size }) => ({
    captions: { tokenizer, vocabulary, minimumFrequency, lowerCase, targetPlaces, longer, file, caption },
    size: [size, size],
    channels: 3,
  }),
  schema,
  build: (config, data): Family => {
    const shape = imageShape(data);
    const target = data.vocabularies?.target;
    if (!target) {
      const seen = `its fields are ${Object.keys(data.fields).join(", ")}`;
      throw new GalateaError("data", data.name, seen, "the preset needs images with captions");
    }
    const { begin = 0, end = 0, pad = 0 } = target;
    const { channels, targetPlaces: places, smoothing, attentionSpread } = config;
    const memory = channels[channels.length - 1];
    const map = imageMap({ shape, channels });
    const encoder = imageEncoder({ shape, channels, sight: config.sight }) as Encoder<never>;
    const decoder =
      config.decoder === "lstm"
        ? lstmDecoder({
            ...config,
            layers: 1,
            vocabulary: target.size,
            attention: {
              score: config.score,
              when: config.when,
              feeds: config.when === "after" ? config.feeds : "nothing",
              places: map.reduce((a, b) => a * b),
              start: config.start,
              memory,
            },
          })
        : tokenDecoder({ ...config, width: memory, vocabulary: target.size, places, cross: true });
    const inputs = { image: { dtype: "uint8", shape } } as const;
    return sequenceToSequence({
      inputs,
      encoder,
      decoder: decoder as TokenNetwork<never>,
      places,
      begin,
      end,
      pad,
      smoothing,
      attentionSpread,
    }) as Family;
  },
});
