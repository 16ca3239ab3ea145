/** Presets of diffusion and flow matching, over images and over vectors. */

import { z } from "zod";
import { GalateaError, type Shape } from "../../core/index.ts";
import {
  type Denoiser,
  diffusion,
  diffusionPredictions,
  diffusionSamplers,
  type Family,
  flowMatching,
  flowSamplers,
  mlpDenoiser,
  timeDistributions,
  transformerDenoiser,
  unetDenoiser,
  weightings,
} from "../../learn/models/index.ts";
import { noiseScheduleNames } from "../../learn/prob/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { imageShape } from "./digits.ts";
import { photoImages, photoOptions } from "./photos.ts";
import { type DataDescription, definePreset } from "./preset.ts";

const size = z.int().min(1).max(65_536);

/** Options of diffusion and flow matching. */
export const commonOptions = {
  conditional: z.boolean().default(true).describe("whether samples can be told their class, where data has labels"),
  labelDropout: z.number().min(0).lt(1).default(0.1).describe("share of the labels that training hides, for guidance"),
  samplingSteps: z.int().min(1).max(1000).default(50).describe("steps from noise to samples"),
  guidance: z.number().min(0).max(20).default(1.5).describe("how strongly samples are drawn to their class"),
  inpaintRounds: z.int().min(1).max(100).default(1).describe("how often each step of in-painting is taken"),
  denoiseSteps: z.int().min(1).max(1000).default(1).describe("steps of denoising; 1: the expected image"),
};

/** Options of diffusion alone. */
export const diffusionOptions = {
  noise: z.enum(noiseScheduleNames).default("cosine").describe("course of the noise"),
  timeSteps: z.int().min(2).max(100_000).default(1000).describe("steps of the diffusion"),
  prediction: z.enum(diffusionPredictions).default("v").describe("what the network predicts"),
  weighting: z.enum(weightings).default("simple").describe("weights of the squared errors"),
  gamma: z.number().gt(0).max(1000).default(5).describe("highest weight, for weighting=min-snr"),
  sampler: z.enum(diffusionSamplers).default("ddim").describe("way from noise to samples"),
};

const flowOptions = {
  times: z.enum(timeDistributions).default("logit-normal").describe("times that are trained"),
  sampler: z.enum(flowSamplers).default("heun").describe("way from noise to samples"),
};

const imageNetworkOptions = {
  network: z.enum(["unet", "transformer"]).default("unet").describe("kind of network"),
  patch: z.int().min(1).max(64).default(2).describe("side of the squares of pixels that are taken together"),
  channels: z.array(size).min(1).default([32, 64]).describe("channels at each size of image, for network=unet"),
  blocks: z.int().min(1).max(16).default(1).describe("residual blocks at each size, for network=unet"),
  attentionSize: z.int().min(0).max(256).default(7).describe("attention up to this size of image, for network=unet"),
  width: size.default(128).describe("size of the vectors of patches, for network=transformer"),
  depth: z.int().min(1).max(64).default(6).describe("blocks, for network=transformer"),
  heads: z.int().min(1).max(64).default(4).describe("heads of attention, for network=transformer"),
};

type ImageNetworkConfig = z.output<z.ZodObject<typeof imageNetworkOptions>>;

function imageNetwork(config: ImageNetworkConfig, shape: Shape, classes: { readonly classes?: number }): Denoiser {
  const options = { ...config, shape, ...classes };
  return config.network === "unet" ? unetDenoiser(options) : transformerDenoiser(options);
}

/** The number of classes, where samples shall be told theirs and the data has them. */
export function classesOf(conditional: boolean, { fields, classes }: DataDescription): { readonly classes?: number } {
  return conditional && fields.label && classes ? { classes: classes.length } : {};
}

/** What both families say of images: the event, the network, and the classes that samples are told. */
function imageParts(config: ImageNetworkConfig & { readonly conditional: boolean }, data: DataDescription) {
  const shape = imageShape(data);
  const classes = classesOf(config.conditional, data);
  return { ...classes, event: { field: "image", shape } as const, network: imageNetwork(config, shape, classes) };
}

/** Shared options with defaults that suit both. */
const training = {
  ...sharedOptions,
  ...sharedDefaults({ learningRate: 0.001, schedule: "cosine", warmupSteps: 100, clipNorm: 1, averageDecay: 0.995 }),
};

/**
 * The same with Muon. In the first steps of digits/flow-matching the loss was at 0.25 after 312 of 1,500 steps, with Adam at a
 * rate of 0.001 at 0.31 after 294 of 2,500; how they end was not compared.
 */
export const muonTraining = {
  ...training,
  ...sharedDefaults({ steps: 1500, optimizer: "muon", momentum: 0.95, learningRate: 0.002 }),
};

/** Each example is judged at several levels of noise: 10,000 would take minutes. */
const { validationExamples } = sharedDefaults({ validationExamples: 1000 });

const digitsDiffusionSchema = z.strictObject({
  ...training,
  validationExamples,
  ...sharedDefaults({ steps: 2500, batchSize: 64 }),
  ...commonOptions,
  ...diffusionOptions,
  ...imageNetworkOptions,
});

export const digitsDiffusion = definePreset({
  name: "digits/diffusion",
  summary: "a denoising diffusion over images of digits, told which digit",
  // Not measured to its end: a step took 0.37 s of processor time on a crowded machine, so 2,500 take about 8 minutes of 2
  // idle cores. After 379 steps of half the batch and 24, 48 channels: strokes that begin to be digits, loss 0.21.
  expected: "about eight minutes on 2 cores (an estimate); the loss falls from 1 to below 0.2 in the first 500 steps",
  data: "digits",
  schema: digitsDiffusionSchema,
  build: (config, data): Family =>
    diffusion({ ...config, ...imageParts(config, data), schedule: config.noise }) as Family,
});

const digitsFlowSchema = z.strictObject({
  ...muonTraining,
  validationExamples,
  ...sharedDefaults({ batchSize: 64 }),
  ...commonOptions,
  samplingSteps: commonOptions.samplingSteps.unwrap().default(20).describe("steps from noise to samples"),
  ...flowOptions,
  ...imageNetworkOptions,
});

export const digitsFlowMatching = definePreset({
  name: "digits/flow-matching",
  summary: "a rectified flow over images of digits, told which digit",
  // `npx galatea train digits/flow-matching --data ../shared/data/mnist --threads 1`: 30 min 53 s, three others working too.
  expected: "clear digits, most as asked for, in half an hour of one busy core",
  data: "digits",
  schema: digitsFlowSchema,
  build: (config, data): Family => flowMatching({ ...config, ...imageParts(config, data) }) as Family,
});

const photosSchema = z.strictObject({
  ...digitsDiffusionSchema.shape,
  ...muonTraining,
  validationExamples,
  ...sharedDefaults({ batchSize: 64 }),
  ...photoOptions,
  channels: imageNetworkOptions.channels
    .unwrap()
    .default([48, 96])
    .describe(imageNetworkOptions.channels.description ?? ""),
});

export const photosDiffusion = definePreset({
  name: "photos/diffusion",
  summary: "a denoising diffusion over a folder of colour images, 32 to 64 pixels",
  // `npx galatea train photos/diffusion --threads 1`: 55 min 18 s, four others working too.
  expected: "colours and outlines of emoji, in under an hour of one busy core",
  data: "emoji",
  reading: (config) => photoImages(config),
  schema: photosSchema,
  build: (config, data): Family => digitsDiffusion.build(config, data),
});

/**
 * Shape [D] of a data set's vectors.
 * @throws GalateaError `data` when it holds none.
 */
function vectorShape(data: DataDescription): Shape {
  const { vector } = data.fields;
  if (vector?.dtype === "float32" && vector.shape.length === 1) return vector.shape;
  const fields = Object.keys(data.fields).join(", ");
  throw new GalateaError("data", data.name, `its fields are ${fields}`, "the preset needs vectors");
}

const pointsSchema = z.strictObject({
  ...training,
  ...sharedDefaults({
    steps: 5000,
    batchSize: 256,
    // At 0.001 and batches of 512, 800 steps are at 1.55 nats where this is at 0.42 after 1,419.
    learningRate: 0.003,
  }),
  averageDecay: training.averageDecay
    .unwrap()
    .default(0.98)
    .describe(training.averageDecay.description ?? ""),
  ...commonOptions,
  guidance: commonOptions.guidance.unwrap().default(1).describe("how strongly samples are drawn to their class"),
  ...diffusionOptions,
  width: size.default(128).describe("width of the hidden layers"),
  depth: z.int().min(1).max(64).default(3).describe("residual layers"),
});

export const pointsDiffusion = definePreset({
  name: "points/diffusion",
  summary: "a denoising diffusion over points in the plane, or other short vectors, with exact log p",
  // Measured on eight Gaussians of deviation 0.1 on the unit circle, entropy 0.312 nats: 0.418 nats, 93.6% of samples within
  // 3 deviations and all 8 modes after 1,419 steps, 7 ms of processor time each. 5,000 steps were not run.
  expected: "all 8 modes, and -log p within 0.1 nats of the entropy, in about half a minute on 2 cores (an estimate)",
  data: "8gaussians",
  schema: pointsSchema,
  build: (config, data): Family => {
    const shape = vectorShape(data);
    const classes = classesOf(config.conditional, data);
    const network = mlpDenoiser({ ...config, ...classes, size: shape[0] });
    const event = { field: "vector", shape } as const;
    return diffusion({ ...config, ...classes, schedule: config.noise, event, network }) as Family;
  },
});
