/** Presets of generative adversarial networks. */

import { z } from "zod";
import { GalateaError, type Shape } from "../../core/index.ts";
import {
  adversarialLossNames,
  augmentationNames,
  convDiscriminator,
  convGenerator,
  cycleGan,
  discriminatorNorms,
  type EventType,
  type Family,
  gan,
  mlpDiscriminator,
  mlpGenerator,
  pix2pix,
} from "../../learn/models/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { imageShape } from "./digits.ts";
import { photoImages, photoOptions } from "./photos.ts";
import { type DataDescription, definePreset } from "./preset.ts";

const width = z.int().min(1).max(65_536);

/** Options of every GAN, with the defaults of DCGAN. */
const ganOptions = {
  latent: z.int().min(1).max(4096).default(64).describe("latent dimensions"),
  loss: z.enum(adversarialLossNames).default("logistic").describe("what the two networks play for"),
  norm: z.enum(discriminatorNorms).default("none").describe("normalization in the discriminator"),
  gradientPenalty: z.number().min(0).max(1e6).default(0).describe("weight of the gradient penalty of WGAN-GP"),
  r1: z.number().min(0).max(1e6).default(0).describe("weight of the penalty R1"),
  r2: z.number().min(0).max(1e6).default(0).describe("weight of the penalty R2"),
  discriminatorSteps: z.int().min(1).max(100).default(1).describe("updates of the discriminator in a step"),
  discriminatorRate: z.number().gt(0).max(100).default(1).describe("factor of the discriminator's learning rate"),
  generatorRate: z.number().gt(0).max(100).default(1).describe("factor of the generator's learning rate"),
  conditional: z.boolean().default(true).describe("whether samples can be told their label, where the data has labels"),
};

const imageOptions = {
  width: width.default(32).describe("channels next to the image; each layer inwards has twice as many"),
  augment: z
    .array(z.enum(augmentationNames))
    .default([])
    .describe("random changes before the discriminator, against learning few images by heart"),
};

/** Means of gradients forget faster than usual, as the two networks chase each other (Radford et al., 2016). */
const beta1 = 0.5;

type ImageConfig = z.output<z.ZodObject<typeof ganOptions & typeof imageOptions>>;

/** Number of classes where samples are to be told them. */
function classesOf({ conditional }: { readonly conditional: boolean }, { classes, fields }: DataDescription) {
  const count = conditional && fields.label !== undefined ? classes?.length : undefined;
  return count === undefined ? {} : { classes: count };
}

function imageGan(config: ImageConfig, data: DataDescription): Family {
  const shape = imageShape(data);
  const options = { ...config, shape, ...classesOf(config, data) };
  const generator = convGenerator(options);
  const discriminator = convDiscriminator(options);
  return gan({ ...options, event: { field: "image", shape }, generator, discriminator }) as Family;
}

const digitsSchema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({ steps: 4000, batchSize: 64, learningRate: 0.0005, beta1, averageDecay: 0.995 }),
  ...ganOptions,
  ...imageOptions,
  norm: z.enum(discriminatorNorms).default("spectral").describe("normalization in the discriminator"),
});

export const digitsDcgan = definePreset({
  name: "digits/dcgan",
  summary: "a convolutional GAN over images of digits, told which digit to draw",
  // 0.04 s a step on 2 idle cores of a Xeon. Seen at step 1,500 (of 4,000): nearly all of 64 samples are clear and the digit
  // asked for; at step 500 about half.
  expected:
    "clear digits, each as asked for, after 1,500 of 4,000 steps; all steps take about three minutes on 2 cores",
  data: "digits",
  schema: digitsSchema,
  build: (config, data): Family => imageGan(config, data),
});

const wassersteinSchema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({ steps: 1500, batchSize: 64, learningRate: 0.0005, beta1, beta2: 0.9, averageDecay: 0.99 }),
  ...ganOptions,
  ...imageOptions,
  loss: z.enum(adversarialLossNames).default("wasserstein").describe("what the two networks play for"),
  gradientPenalty: ganOptions.gradientPenalty.unwrap().default(10).describe("weight of the gradient penalty"),
  discriminatorSteps: ganOptions.discriminatorSteps.unwrap().default(3).describe("updates of the critic in a step"),
});

export const digitsWganGp = definePreset({
  name: "digits/wgan-gp",
  summary: "a Wasserstein GAN with gradient penalty over images of digits",
  // `npm run verify -- fid-wgan-gp`, 4,000 steps: FID 1.95, 97.1% read as asked. Three updates of the critic with a gradient of
  // gradients each take 0.25 s on one busy core.
  expected: "clear digits, each as asked for, in about five minutes on 2 cores (an estimate)",
  data: "digits",
  schema: wassersteinSchema,
  build: (config, data): Family => imageGan(config, data),
});

/**
 * A data set's vectors.
 * @throws GalateaError `data` when it holds none.
 */
function vectorsOf(data: DataDescription): EventType & { readonly field: "vector" } {
  const { vector } = data.fields;
  if (vector?.dtype === "float32" && vector.shape.length === 1) return { field: "vector", shape: vector.shape };
  const fields = Object.keys(data.fields).join(", ");
  throw new GalateaError("data", data.name, `its fields are ${fields}`, "the preset needs vectors");
}

const pointsSchema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({
    steps: 5000,
    batchSize: 256,
    learningRate: 0.0015,
    beta1,
    schedule: "cosine",
    averageDecay: 0.995,
  }),
  ...ganOptions,
  latent: ganOptions.latent.unwrap().default(2).describe("latent dimensions"),
  r1: ganOptions.r1.unwrap().default(0.01).describe("weight of the penalty R1"),
  hidden: z.array(width).min(1).default([128, 128, 128]).describe("widths of the hidden layers of both networks"),
  batchNorm: z.boolean().default(false).describe("whether the generator has batch norm"),
  octaves: z.int().min(0).max(16).default(0).describe("frequencies at which the discriminator sees values as waves"),
  pack: z.int().min(1).max(64).default(1).describe("vectors that the discriminator sees side by side"),
});

export const pointsGan = definePreset({
  name: "points/gan",
  summary: "a GAN of fully connected layers over points of the plane, or any vectors",
  // Measured: 8 of 8 modes with 92% of 2,500 points within 3 sigma after 2,500 steps, on two busy cores. Three hidden layers
  // reach 90% in a third of the steps that two take; a weight of r1 above 0.02 blurs the modes.
  expected: "all 8 modes of the ring, 92% of points within 3 sigma, in about a minute on 2 cores",
  data: "8gaussians",
  schema: pointsSchema,
  build: (config, data): Family => {
    const event = vectorsOf(data);
    const options = { ...config, event, size: event.shape[0], ...classesOf(config, data) };
    const discriminator = mlpDiscriminator({ ...options, size: options.pack * options.size });
    return gan({ ...options, generator: mlpGenerator(options), discriminator }) as Family;
  },
});

const photosSchema = z.strictObject({
  ...sharedOptions,
  ...photoOptions,
  ...sharedDefaults({ steps: 6000, batchSize: 32, learningRate: 0.0002, beta1, averageDecay: 0.995 }),
  ...ganOptions,
  ...imageOptions,
  loss: z.enum(adversarialLossNames).default("hinge").describe("what the two networks play for"),
  norm: z.enum(discriminatorNorms).default("spectral").describe("normalization in the discriminator"),
  augment: imageOptions.augment
    .unwrap()
    .default(["color", "translation", "cutout"])
    .describe("random changes before the discriminator, against learning few images by heart"),
});

export const photosDcgan = definePreset({
  name: "photos/dcgan",
  summary: "a convolutional GAN with differentiable augmentation over any folder of images",
  // `npx galatea train photos/dcgan --threads 1`: 17 min 30 s, others busy.
  expected: "colours and outlines of emoji, the beginnings of faces, in a quarter of an hour on one core",
  data: "emoji",
  reading: (config) => photoImages(config),
  schema: photosSchema,
  build: (config, data): Family => imageGan(config, data),
});

/**
 * Shape [C, H, W] of the images of two domains.
 * @throws GalateaError `data` when the data has no second domain, or images of another shape in it.
 */
function domainShape(data: DataDescription): Shape {
  const shape = imageShape(data);
  const { target } = data.fields;
  if (target?.dtype === "uint8" && target.shape.join() === shape.join()) return shape;
  const right = "the preset needs two domains: a folder with two sub-folders of images";
  throw new GalateaError("data", data.name, `its fields are ${Object.keys(data.fields).join(", ")}`, right);
}

const styleSchema = z.strictObject({
  ...sharedOptions,
  ...photoOptions,
  // Two translators, each used three times in a step: what takes the time.
  ...sharedDefaults({ steps: 1500, batchSize: 8, learningRate: 0.0005, beta1, averageDecay: 0.99 }),
  width: width.default(12).describe("channels of the translators at full size; four times as many at a quarter of it"),
  blocks: z.int().min(1).max(100).default(6).describe("residual blocks of a translator"),
  judgeWidth: width.default(24).describe("channels of the discriminators' first layer"),
  loss: z.enum(adversarialLossNames).default("leastSquares").describe("what translators and discriminators play for"),
  cycle: z.number().min(0).max(1e6).default(10).describe("weight of the difference after there and back"),
  identity: z.number().min(0).max(1e6).default(1).describe("weight of what changes in images that are there already"),
  paired: z.boolean().default(false).describe("whether each image's target is its own: pix2pix instead of CycleGAN"),
  distance: z.number().min(0).max(1e6).default(100).describe("weight of the difference from the target, for pairs"),
  discriminatorRate: ganOptions.discriminatorRate,
});

export const styleCyclegan = definePreset({
  name: "style/cyclegan",
  summary: "translation between two sets of images, both ways, learned without pairs",
  // 1,500 steps took 17 min 20 s on one core, others busy.
  expected: "digits that keep their shape both ways, all in one ink, in about ten minutes on 2 cores (an estimate)",
  data: "painted-digits",
  schema: styleSchema,
  build: (config, data): Family => {
    const options = { ...config, shape: domainShape(data) };
    return (config.paired ? pix2pix(options) : cycleGan(options)) as Family;
  },
});
