/** GANs under contract: each loss, norm and way of being told a class occurs once. */

import type { HostTensor } from "../../src/engine/index.ts";
import {
  convDiscriminator,
  convGenerator,
  cycleGan,
  type Family,
  gan,
  mlpDiscriminator,
  mlpGenerator,
  pix2pix,
} from "../../src/learn/models/index.ts";
import type { HostBatch } from "../../src/run/model.ts";
import { ringPoints } from "./ring.ts";
import type { FamilyUnderContract } from "./under-contract.ts";

const shape = [1, 28, 28];
const pixels = 784;
const latent = 8;
const classes = 4;

/** Mean squared difference between the samples' mean image and the digits'. */
function meanImageError({ data }: HostTensor, images: Uint8Array): number {
  const difference = new Float64Array(pixels);
  data.forEach((value: number | bigint, i: number) => {
    difference[i % pixels] += (Number(value) * pixels) / data.length;
  });
  images.forEach((grey, i) => {
    difference[i % pixels] -= (grey / 255 / images.length) * pixels;
  });
  return difference.reduce((sum, d) => sum + (d * d) / pixels, 0);
}

/** Digits with a class each that their pixels tell: how much ink there is. */
function labelled(start: number, count: number, images: Uint8Array): HostBatch {
  const data = images.slice(start * pixels, (start + count) * pixels);
  const label = Int32Array.from({ length: count }, (_, i) => {
    const ink = data.subarray(i * pixels, (i + 1) * pixels).reduce((sum, grey) => sum + grey, 0) / pixels;
    return Math.min(classes - 1, Math.floor(ink / 16));
  });
  return {
    image: { dtype: "uint8", shape: [count, ...shape], data },
    label: { dtype: "int32", shape: [count], data: label },
  };
}

/** Digits, and others (or the same) black on white. */
function withNegative(offset: number) {
  return (start: number, count: number, images: Uint8Array): HostBatch => {
    const at = (from: number): Uint8Array => images.slice(from * pixels, (from + count) * pixels);
    const other = at((start + offset) % (images.length / pixels)).map((grey) => 255 - grey);
    return {
      image: { dtype: "uint8", shape: [count, ...shape], data: at(start) },
      target: { dtype: "uint8", shape: [count, ...shape], data: other },
    };
  };
}

/** Mean distance of points from the circle that the ring's modes lie on. */
function ringError({ data }: HostTensor): number {
  const points = data as Float32Array;
  const count = points.length / 2;
  return Array.from({ length: count }).reduce<number>(
    (sum, _, i) => sum + Math.abs(Math.hypot(points[2 * i], points[2 * i + 1]) - 2) / count,
    0,
  );
}

/** The digits' negatives are white but for the digits. */
function brightnessError({ data }: HostTensor): number {
  return (data as Float32Array).reduce((sum, x) => sum + Math.abs(1 - x) / data.length, 0);
}

const image = { field: "image", shape } as const;
const vector = { field: "vector", shape: [2] } as const;

const conditional = { shape, latent, width: 8, classes };

const norms = (block: string): string[] => [
  `generator.${block}.norm.running_mean`,
  `generator.${block}.norm.running_var`,
];

export const gansUnderContract: readonly FamilyUnderContract[] = [
  {
    name: "dcgan, logistic, batch norm",
    family: gan({
      event: image,
      latent,
      generator: convGenerator({ shape, latent, width: 8 }),
      discriminator: convDiscriminator({ shape, width: 8, norm: "batch" }),
    }) as Family,
    steps: 60,
    learningRate: 0.002,
    error: meanImageError,
    running: [
      ...norms("block0"),
      ...norms("block1"),
      "discriminator.features.3.running_mean",
      "discriminator.features.3.running_var",
    ],
  },
  {
    name: "conditional gan, hinge, spectral norm, augmented",
    family: gan({
      event: image,
      latent,
      classes,
      generator: convGenerator(conditional),
      discriminator: convDiscriminator({ ...conditional, norm: "spectral" }),
      loss: "hinge",
      augment: ["color", "translation", "cutout"],
    }) as Family,
    steps: 60,
    learningRate: 0.002,
    error: meanImageError,
    fields: labelled,
    running: [
      ...norms("block0"),
      ...norms("block1"),
      "discriminator.features.0.weight_u",
      "discriminator.features.2.weight_u",
      "discriminator.output.weight_u",
      "discriminator.embedding.weight_u",
    ],
    // The only singular vector of a single row is 1.
    fixed: ["discriminator.output.weight_u"],
  },
  {
    name: "wgan-gp over vectors",
    family: gan({
      event: vector,
      latent: 4,
      generator: mlpGenerator({ size: 2, latent: 4, hidden: [32, 32] }),
      discriminator: mlpDiscriminator({ size: 2, hidden: [32, 32] }),
      loss: "wasserstein",
      gradientPenalty: 1,
      discriminatorSteps: 3,
    }) as Family,
    steps: 800,
    learningRate: 0.004,
    error: ringError,
    fields: (start: number, count: number): HostBatch => ({
      vector: { dtype: "float32", shape: [count, 2], data: ringPoints(start, count) },
    }),
    running: ["standard.mean", "standard.deviation"],
  },
  {
    name: "relativistic gan over vectors, R1 and R2",
    family: gan({
      event: vector,
      latent: 4,
      generator: mlpGenerator({ size: 2, latent: 4, hidden: [64, 64] }),
      discriminator: mlpDiscriminator({ size: 2, hidden: [64, 64] }),
      loss: "relativistic",
      r1: 0.5,
      r2: 0.5,
    }) as Family,
    steps: 1200,
    learningRate: 0.01,
    error: ringError,
    fields: (start: number, count: number): HostBatch => ({
      vector: { dtype: "float32", shape: [count, 2], data: ringPoints(start, count) },
    }),
    running: ["standard.mean", "standard.deviation"],
  },
  {
    name: "cycle-gan",
    family: cycleGan({ shape, width: 4, blocks: 1, judgeWidth: 8 }) as Family,
    steps: 40,
    learningRate: 0.005,
    error: brightnessError,
    fields: withNegative(64),
    running: [],
  },
  {
    name: "pix2pix",
    family: pix2pix({ shape, width: 4, blocks: 1, judgeWidth: 8 }) as Family,
    steps: 30,
    learningRate: 0.005,
    error: brightnessError,
    fields: withNegative(0),
    running: [],
  },
];
