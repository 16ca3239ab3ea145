/** Presets of autoregressive models: over binary vectors, and over images pixel by pixel. */

import { z } from "zod";
import { type BinaryEvent, type Family, imagePixelCnn, made, orderings } from "../../learn/models/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { imageShape } from "./digits.ts";
import { type DataDescription, definePreset } from "./preset.ts";

const width = z.int().min(1).max(65_536);
const binarize = z.enum(["threshold", "random"]);

const madeSchema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({ steps: 6000, batchSize: 100, learningRate: 0.001, schedule: "cosine", averageDecay: 0.995 }),
  hidden: z.array(width).min(1).default([1000]).describe("widths of the hidden layers"),
  masks: z.int().min(1).max(1024).default(1).describe("masks: each step trains one, densities are averaged over all"),
  ordering: z
    .enum(orderings)
    .default("natural")
    .describe("in which order inputs are told; random: another for each mask"),
  direct: z.boolean().default(true).describe("whether outputs also see earlier inputs directly"),
  maskSeed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(0)
    .describe("where the masks start"),
  binarize: binarize.default("random").describe("how grey values become black and white"),
});

/** Binary vectors, or images to be binarized. */
function binaryEvent(data: DataDescription): BinaryEvent {
  const { bits } = data.fields;
  return bits ? { field: "bits", shape: bits.shape } : { field: "image", shape: imageShape(data) };
}

export const binaryMade = definePreset({
  name: "binary/made",
  summary: "a masked autoencoder (MADE) over binary vectors or binarized images",
  // Measured on one core shared with others: 93.5 nats on MNIST's validation digits after 6,000 steps in 10 minutes, 92.9 with
  // ordering=random in 7. On plants, `npm run verify -- made-plants`: 12.59 after 5,000 steps in 22 s.
  expected: "93.5 nats on MNIST's validation digits, in a few minutes on 2 cores; 12.6 on the data set plants, in 22 s",
  data: "digits",
  schema: madeSchema,
  build: (config, data): Family => made({ ...config, event: binaryEvent(data) }) as Family,
});

const pixelCnnSchema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({ steps: 1500, batchSize: 32, learningRate: 0.002, schedule: "cosine", averageDecay: 0.99 }),
  channels: width.default(32).describe("channels of both stacks"),
  layers: z.int().min(1).max(100).default(6).describe("gated layers"),
  firstKernel: z.int().min(3).max(63).default(5).describe("size of the first layer's kernel, odd"),
  kernel: z.int().min(3).max(31).default(3).describe("size of the other layers' kernels, odd"),
  head: width.default(64).describe("width of the layer before the logits"),
  levels: z.int().min(2).max(256).default(2).describe("grey levels that are told apart; 2: black and white"),
  binarize: binarize.default("random").describe("how grey values become black and white, for levels=2"),
  patch: z.int().min(1).max(3).default(2).describe("side of the square of pixels that is drawn at once, for levels=2"),
  conditional: z.boolean().default(true).describe("whether labels, where the data has them, are told"),
});

export const digitsPixelCnn = definePreset({
  name: "digits/pixelcnn",
  summary: "a gated PixelCNN: draws images of digits pixel by pixel, on request of a given class",
  // Measured on 2 cores shared with others, conditional=false, steps=200: 94.7 nats on 100 of MNIST's validation digits after
  // 28 s, 0.14 s a step. `npm run verify -- pixelcnn-mnist`, with 48 channels and 8 layers: 86.4 after 1,000 steps, 84.0
  // after 2,000, 80.7 after 9,000. The defaults have not been run to the end yet.
  expected: "about 86 nats on MNIST's validation digits, in about four minutes on 2 cores (an estimate)",
  data: "digits",
  schema: pixelCnnSchema,
  build: ({ conditional, ...config }, data): Family => {
    const classes = conditional ? data.classes?.length : undefined;
    return imagePixelCnn({ ...config, shape: imageShape(data), ...(classes !== undefined && { classes }) }) as Family;
  },
});
