/** Presets of VAEs with labels, with noise, and with two stochastic layers. */

import { z } from "zod";
import { GalateaError } from "../../core/index.ts";
import {
  binarizations,
  corruptions,
  type Family,
  hierarchicalVae,
  likelihoodNames,
  mlpNetworks,
  vae,
} from "../../learn/models/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { imageShape, vaeOptions } from "./digits.ts";
import { type DataDescription, definePreset } from "./preset.ts";

const width = z.int().min(1).max(65_536);

const shared = {
  ...sharedOptions,
  ...sharedDefaults({ steps: 5000, batchSize: 128, learningRate: 0.001, schedule: "cosine" }),
};

/**
 * Number of a data set's classes.
 * @throws GalateaError `data` when its examples have no label.
 */
export function classCount({ name, fields, classes }: DataDescription): number {
  if (classes && fields.label) return classes.length;
  const seen = `its fields are ${Object.keys(fields).join(", ")}`;
  throw new GalateaError("data", name, seen, "the preset needs labels: a folder of images for each class");
}

const conditionalSchema = z.strictObject({
  ...shared,
  ...vaeOptions,
  // A mixture could follow where each digit's codes lie, and the label would go unheard.
  prior: vaeOptions.prior.unwrap().default("standard").describe("density of the latents"),
  hidden: z.array(width).min(1).default([512, 512]).describe("widths of the encoder's hidden layers"),
});

export const digitsCvae = definePreset({
  name: "digits/cvae",
  summary: "a conditional variational autoencoder, which makes the digit that it is told",
  // Measured by `npx galatea train digits/cvae` on 2 cores of a Xeon, others working too: 99.5 nats, 2 min 51 s.
  expected: "negative ELBO of 99.5 nats on MNIST's validation digits in one to three minutes on 2 cores",
  data: "digits",
  schema: conditionalSchema,
  build: (config, data): Family => {
    const shape = imageShape(data);
    const classes = classCount(data);
    return vae({ ...config, shape, classes, networks: mlpNetworks({ ...config, shape, classes }) });
  },
});

const denoisingSchema = z.strictObject({
  ...shared,
  ...vaeOptions,
  // What a stroke looks like takes more numbers than which digit it is part of.
  latent: vaeOptions.latent.unwrap().default(40).describe("latent dimensions"),
  prior: vaeOptions.prior.unwrap().default("standard").describe("density of the latents"),
  noise: z
    .number()
    .gt(0)
    .max(10)
    .default(0.3)
    .describe("standard deviation of the noise, or share of the pixels masked, in what the encoder reads"),
  corruption: z.enum(corruptions).default("gaussian").describe("kind of noise"),
  hidden: z.array(width).min(1).default([512, 512]).describe("widths of the encoder's hidden layers"),
});

export const digitsDenoisingVae = definePreset({
  name: "digits/denoising-vae",
  summary: "a denoising variational autoencoder: noisy images in, clean ones out",
  // 5,000 steps took 4 min 9 s on one core. Noise of 0.3 on test digits: 17.77 dB, a median filter 17.12 (docs/tasks/denoise.md).
  expected: "noise of 0.3 down from 13.3 to 17.8 dB, SSIM from 0.56 to 0.78, in about two minutes on 2 cores",
  data: "digits",
  schema: denoisingSchema,
  build: (config, data): Family => {
    const shape = imageShape(data);
    return vae({ ...config, shape, networks: mlpNetworks({ ...config, shape }) });
  },
});

const hierarchicalSchema = z.strictObject({
  ...shared,
  latent: z.int().min(1).max(4096).default(32).describe("latent dimensions of the layer above the image"),
  topLatent: z.int().min(1).max(4096).default(10).describe("latent dimensions of the layer above that"),
  hidden: width.default(512).describe("width of the hidden layers between image and first latents"),
  topHidden: width.default(256).describe("width of the hidden layers between first and second latents"),
  likelihood: z.enum(likelihoodNames).default("bernoulli").describe("density of a pixel given its latents"),
  binarize: z.enum(binarizations).default("none").describe("how grey values become black and white"),
  freeNats: z.number().min(0).max(1000).default(4).describe("nats of each layer's KL that cost nothing in training"),
});

export const digitsHierarchicalVae = definePreset({
  name: "digits/hierarchical-vae",
  summary: "a variational autoencoder of two stochastic layers over images of digits",
  // 5,000 steps took 3 min 56 s on one core, others busy.
  expected: "negative ELBO of 101.7 nats on MNIST's validation digits, in about two minutes on 2 cores",
  data: "digits",
  schema: hierarchicalSchema,
  build: (config, data): Family =>
    hierarchicalVae({
      ...config,
      shape: imageShape(data),
      latents: [config.latent, config.topLatent],
      hidden: [config.hidden, config.topHidden],
    }),
});
