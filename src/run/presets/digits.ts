/** Presets over images of digits, which take any other images of one size too. */

import { z } from "zod";
import { GalateaError, type Shape } from "../../core/index.ts";
import {
  binarizations,
  convNetworks,
  type Family,
  gradientEstimators,
  likelihoodNames,
  mlpNetworks,
  priorNames,
  vae,
} from "../../learn/models/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { type DataDescription, definePreset } from "./preset.ts";

/** Options of all VAEs. */
export const vaeOptions = {
  // Ten dimensions hold what tells one digit from another; more sharpen reconstructions and leave holes between codes.
  latent: z.int().min(1).max(4096).default(10).describe("latent dimensions"),
  likelihood: z.enum(likelihoodNames).default("bernoulli").describe("density of a pixel given its latents"),
  beta: z.number().min(0).max(1000).default(1).describe("weight of the KL term"),
  binarize: z.enum(binarizations).default("none").describe("how grey values become black and white"),
  prior: z.enum(priorNames).default("mixture").describe("density of the latents"),
  components: z.int().min(1).max(65_536).default(500).describe("normal densities in the prior, for prior=mixture"),
  importanceSamples: z.int().min(1).max(1000).default(1).describe("codes in the bound that is trained; above 1: IWAE"),
  gradient: z
    .enum(gradientEstimators)
    .default("reparameterized")
    .describe("its estimator, for importanceSamples above 1"),
};

const width = z.int().min(1).max(65_536);

/**
 * Shape [C, H, W] of a data set's images.
 * @throws GalateaError `data` when it holds no images.
 */
export function imageShape(data: DataDescription): Shape {
  const { image } = data.fields;
  if (image?.dtype === "uint8" && image.shape.length === 3) return image.shape;
  const fields = Object.keys(data.fields).join(", ");
  throw new GalateaError("data", data.name, `its fields are ${fields}`, "the preset needs images");
}

const mlpSchema = z.strictObject({
  ...sharedOptions,
  // 784-512-512-10: large enough for clean digits, small enough for a minute.
  ...sharedDefaults({ steps: 5000, batchSize: 128, learningRate: 0.001, schedule: "cosine" }),
  ...vaeOptions,
  hidden: z.array(width).min(1).default([512, 512]).describe("widths of the encoder's hidden layers"),
  activation: z.enum(["relu", "tanh"]).default("relu").describe("what follows each hidden layer"),
});

export const digitsVae = definePreset({
  name: "digits/vae",
  summary: "a variational autoencoder of fully connected layers over images of digits",
  // Measured by `npm start` on 2 cores of a Xeon: 101.9 nats after 1 min 12 s.
  expected: "negative ELBO of 102 nats on MNIST's validation digits in a bit over a minute on 2 cores",
  data: "digits",
  schema: mlpSchema,
  build: (config, data): Family => {
    const shape = imageShape(data);
    return vae({ ...config, shape, networks: mlpNetworks({ ...config, shape }) });
  },
});

const convSchema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({ steps: 2000, batchSize: 128, learningRate: 0.001, schedule: "cosine" }),
  ...vaeOptions,
  channels: z.array(width).min(1).default([32, 64]).describe("channels of the encoder's convolutions"),
  hidden: width.default(256).describe("width of the layer between images and latents"),
});

export const digitsConvVae = definePreset({
  name: "digits/conv-vae",
  summary: "a variational autoencoder of strided convolutions over images of digits",
  // Measured by `npx galatea train digits/conv-vae` on 2 cores of a Xeon: 104.5 nats after 2,000 steps of 0.1 s.
  expected: "negative ELBO of 105 nats on MNIST's validation digits in about four minutes on 2 cores",
  data: "digits",
  schema: convSchema,
  build: (config, data): Family => {
    const shape = imageShape(data);
    return vae({ ...config, shape, networks: convNetworks({ ...config, shape }) });
  },
});
