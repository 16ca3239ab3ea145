/** Presets of VQ-VAEs. */

import { z } from "zod";
import { type Family, likelihoodNames, vqConvNetworks, vqVae } from "../../learn/models/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { imageShape } from "./digits.ts";
import { photoImages, photoOptions } from "./photos.ts";
import { type DataDescription, definePreset } from "./preset.ts";

const width = z.int().min(1).max(4096);

const options = {
  ...sharedOptions,
  ...sharedDefaults({ batchSize: 64, learningRate: 0.002, schedule: "cosine" }),
  codes: z.int().min(2).max(8192).default(128).describe("vectors in the codebook"),
  codeSize: width.default(16).describe("dimensions of a code"),
  channels: z.array(width).min(1).default([32, 64]).describe("channels of the layers that halve height and width"),
  residualBlocks: z.int().min(0).max(64).default(1).describe("residual blocks on either side of the codes"),
  likelihood: z.enum(likelihoodNames).default("gaussian").describe("density of a pixel given its codes"),
  commitment: z.number().min(0).max(100).default(0.25).describe("weight of what draws encodings to their codes"),
  decay: z.number().min(0).lt(1).default(0.99).describe("share of the codebook's running averages kept in a step"),
  reviveBelow: z
    .number()
    .min(0)
    .lt(1)
    .default(0.03)
    .describe("a code used less than this share of an equal part moves elsewhere"),
  conditional: z.boolean().default(true).describe("whether the prior over codes is told the label, where there is one"),
  priorChannels: width.default(32).describe("width of the prior's layers"),
  priorLayers: z.int().min(1).max(100).default(6).describe("layers of the prior"),
};

const digitsSchema = z.strictObject({
  ...options,
  ...sharedDefaults({ steps: 3000 }),
  likelihood: options.likelihood.unwrap().default("bernoulli").describe("density of a pixel given its codes"),
});

function build(config: z.output<typeof digitsSchema>, data: DataDescription): Family {
  const shape = imageShape(data);
  const classes = config.conditional && data.fields.label ? data.classes?.length : undefined;
  return vqVae({ ...config, shape, classes, networks: vqConvNetworks({ ...config, shape }) });
}

export const digitsVqVae = definePreset({
  name: "digits/vqvae",
  summary: "an autoencoder with discrete codes, and a PixelCNN that writes new ones",
  // All 3,000 steps on one core, others busy: 13 min 37 s; squared error 0.0028 on MNIST's validation digits.
  expected: "sharp reconstructions (squared error 0.003), samples mostly as asked, in about eight minutes on 2 cores",
  data: "digits",
  schema: digitsSchema,
  build,
});

const photosSchema = z.strictObject({
  ...options,
  ...photoOptions,
  ...sharedDefaults({ steps: 4000 }),
  // Colour and detail need more than strokes do.
  codes: options.codes.unwrap().default(256).describe("vectors in the codebook"),
  channels: z.array(width).min(1).default([48, 96]).describe("channels of the layers that halve height and width"),
});

export const photosVqVae = definePreset({
  name: "photos/vqvae",
  summary: "an autoencoder with discrete codes over colour images, and a PixelCNN that writes new ones",
  // `npx galatea train photos/vqvae --threads 1`: 28 min 30 s, others busy.
  expected: "squared error 0.007 on emoji, samples with right colours and outlines, in under half an hour on one core",
  data: "emoji",
  reading: (config) => photoImages(config),
  schema: photosSchema,
  build: (config, data): Family => build(config, data),
});
