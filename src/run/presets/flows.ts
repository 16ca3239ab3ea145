/** Presets of normalizing flows: over points in the plane, or any vectors, and over images. */

import { z } from "zod";
import { GalateaError } from "../../core/index.ts";
import {
  type Family,
  type FlowLayer,
  flow,
  glow,
  imageRealNvp,
  maf,
  realNvp,
  splineCoupling,
  type VectorFlowOptions,
} from "../../learn/models/index.ts";
import { sharedDefaults, sharedOptions } from "./config.ts";
import { imageShape } from "./digits.ts";
import { type DataDescription, definePreset } from "./preset.ts";

/**
 * Number of values in a data set's vectors.
 * @throws GalateaError `data` when it holds no vectors.
 */
export function vectorSize(data: DataDescription): number {
  const { vector } = data.fields;
  if (vector?.dtype === "float32" && vector.shape.length === 1) return vector.shape[0];
  const fields = Object.keys(data.fields).join(", ");
  throw new GalateaError("data", data.name, `its fields are ${fields}`, "the preset needs vectors of numbers");
}

/**
 * Number of classes for a conditional flow, none for another one.
 * @throws GalateaError `data` when a conditional flow's data has no labels.
 */
function classesOf({ conditional }: { readonly conditional: boolean }, data: DataDescription): { classes?: number } {
  if (!conditional) return {};
  if (data.fields.label !== undefined && data.classes !== undefined) return { classes: data.classes.length };
  throw new GalateaError("data", data.name, "it has no labels", "set conditional=false, or use data with classes");
}

function conditionOf({ classes }: { readonly classes?: number }): { readonly condition?: number } {
  return classes === undefined ? {} : { condition: classes };
}

const width = z.int().min(1).max(65_536);
const conditional = z.boolean().default(false).describe("whether the flow is told the label");

const vectorOptions = {
  ...sharedOptions,
  ...sharedDefaults({
    batchSize: 256,
    schedule: "cosine",
    // Flows now and then meet an example far outside of what they know, with a gradient to match.
    clipNorm: 5,
    // The average of the last few hundred steps is worth about 0.01 nats in the plane.
    averageDecay: 0.995,
  }),
  conditional,
  dropout: z.number().min(0).lt(1).default(0).describe("share of hidden numbers that training drops"),
};

interface VectorConfig {
  readonly conditional: boolean;
  readonly depth: number;
  readonly hidden: readonly number[];
  readonly dropout: number;
}

function vectorFlow(
  config: VectorConfig,
  data: DataDescription,
  layersOf: (options: VectorFlowOptions) => FlowLayer,
): Family {
  const features = vectorSize(data);
  const classes = classesOf(config, data);
  const { depth, hidden, dropout } = config;
  const layers = layersOf({ features, depth, hidden, dropout, ...conditionOf(classes) });
  return flow({ event: { field: "vector", shape: [features] }, layers, ...classes }) as Family;
}

const depth = z.int().min(1).max(1000);
const hidden = z.array(width).min(1);

export const pointsRealNvp = definePreset({
  name: "points/realnvp",
  summary: "a flow of affine couplings over points in the plane, or vectors of any size",
  // Measured by `npx galatea train points/realnvp` on 2 cores of a Xeon, others working too.
  expected: "1.69 nats on two moons after 6,000 steps, in one to three minutes on 2 cores",
  data: "moons",
  schema: z.strictObject({
    ...vectorOptions,
    ...sharedDefaults({ steps: 6000, learningRate: 0.002 }),
    // Affine couplings bend little each: eight of them, mixed by rotations.
    depth: depth.default(8).describe("coupling layers"),
    hidden: hidden.default([64, 64]).describe("widths of the hidden layers of each coupling's network"),
  }),
  build: (config, data): Family => vectorFlow(config, data, realNvp),
});

export const pointsSpline = definePreset({
  name: "points/spline",
  summary: "a neural spline flow over points in the plane, or vectors of any size",
  // Measured by `npx galatea train points/spline` on 2 cores of a Xeon, others working too.
  expected: "1.68 nats on two moons after 4,000 steps, in one to three minutes on 2 cores",
  data: "moons",
  schema: z.strictObject({
    ...vectorOptions,
    ...sharedDefaults({ steps: 4000, learningRate: 0.003 }),
    // A spline bends a lot: four of them, of eight pieces.
    depth: depth.default(4).describe("coupling layers"),
    hidden: hidden.default([64, 64]).describe("widths of the hidden layers of each coupling's network"),
    bins: z.int().min(2).max(64).default(8).describe("pieces of each spline"),
  }),
  build: (config, data): Family =>
    vectorFlow(config, data, (options) => splineCoupling({ ...options, spline: { bins: config.bins } })),
});

export const pointsMaf = definePreset({
  name: "points/maf",
  summary: "a masked autoregressive flow over points in the plane, or vectors of any size",
  // Measured by `npx galatea train points/maf` on 2 cores of a Xeon, others working too.
  expected: "1.72 nats on two moons after 6,000 steps, in one to three minutes on 2 cores",
  data: "moons",
  schema: z.strictObject({
    ...vectorOptions,
    ...sharedDefaults({ steps: 6000, learningRate: 0.002 }),
    depth: depth.default(8).describe("autoregressive layers, in orders that take turns"),
    hidden: hidden.default([64, 64]).describe("widths of the hidden layers of each network"),
  }),
  build: (config, data): Family => vectorFlow(config, data, maf),
});

const imageOptions = {
  ...sharedOptions,
  ...sharedDefaults({
    batchSize: 64,
    optimizer: "muon",
    momentum: 0.95,
    learningRate: 0.002,
    schedule: "cosine",
    warmupSteps: 50,
    // The loss is in nats of a whole image: 784 values of a digit.
    clipNorm: 500,
    averageDecay: 0.995,
  }),
  conditional,
  // The background of a digit is 0 in nearly all places: its logit has room where the value itself has none.
  alpha: z
    .number()
    .min(0)
    .lt(0.5)
    .default(1e-6)
    .describe("how far values are moved inside before the logit; 0: no logit"),
  // Grey levels of digits are as far from normal as numbers can be, four fifths of them one level: 250 steps of Glow are
  // at 1.38 bits with it, at 1.55 without.
  curve: z
    .int()
    .min(0)
    .max(256)
    .default(32)
    .describe("pieces of the curve that values take first; 0: none, as in the papers"),
};

interface ImageConfig {
  readonly conditional: boolean;
  readonly alpha: number;
  readonly curve: number;
  readonly depth: number;
  readonly hidden: readonly number[];
}

function imageFlow(config: ImageConfig, data: DataDescription, layersOf: typeof glow): Family {
  const shape = imageShape(data);
  const classes = classesOf(config, data);
  const { depth, hidden, alpha, curve } = config;
  const layers = layersOf({ shape, depth, hidden, ...conditionOf(classes), ...(curve > 0 && { curve }) });
  return flow({ event: { field: "image", shape }, layers, alpha, ...classes }) as Family;
}

export const digitsRealNvp = definePreset({
  name: "digits/realnvp",
  summary: "a multi-scale flow of affine couplings over images of digits",
  // `npx galatea train digits/realnvp --data ../shared/data/mnist --threads 1`: 12 min 15 s, four others working too.
  expected: "1.27 bits per dimension on MNIST's digits, in some minutes; samples are strokes, seldom digits",
  data: "digits",
  schema: z.strictObject({
    ...imageOptions,
    ...sharedDefaults({ steps: 1000 }),
    depth: depth.default(3).describe("couplings of each kind in a level"),
    hidden: hidden.default([32, 64]).describe("hidden channels in each level, each of half the height and width"),
  }),
  build: (config, data): Family => imageFlow(config, data, imageRealNvp),
});

export const digitsGlow = definePreset({
  name: "digits/glow",
  summary: "Glow: actnorm, invertible 1 x 1 convolutions and affine couplings over images of digits",
  // `npx galatea train digits/glow --data ../shared/data/mnist --threads 1`: 6 min 24 s, three others working too.
  expected: "1.24 bits per dimension on MNIST's digits, in about five minutes",
  data: "digits",
  schema: z.strictObject({
    ...imageOptions,
    ...sharedDefaults({ steps: 1000 }),
    depth: depth.default(8).describe("steps of each level"),
    hidden: hidden.default([64, 64]).describe("hidden channels in each level, each of half the height and width"),
  }),
  build: (config, data): Family => imageFlow(config, data, glow),
});
