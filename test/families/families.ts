/** The families under contract, each small enough to learn digits in a second. */

import type { HostTensor } from "../../src/engine/index.ts";
import {
  convNetworks,
  diffusion,
  type Family,
  flowMatching,
  mlpDenoiser,
  mlpNetworks,
  transformerDenoiser,
  type VaeNetworks,
  type VaeOptions,
  vae,
} from "../../src/learn/models/index.ts";
import { batchNorm, dropout, flatten, linear, relu, reshape, sequential } from "../../src/learn/nn/index.ts";
import { type NoiseSchedule, noiseSchedule } from "../../src/learn/prob/index.ts";
import type { HostBatch } from "../../src/run/model.ts";
import { digitLabels, independentBernoulli, independentGaussian, pixelMoments, thresholded } from "./digits.ts";
import { eightGaussians } from "./points.ts";

export interface FamilyUnderContract {
  readonly name: string;
  readonly family: Family;
  readonly steps: number;
  readonly learningRate: number;
  /** The loss that training must get below: what a model reaches that is the same for every example. */
  bound(images: Uint8Array, state: ReadonlyMap<string, HostTensor>): number;
  /** Leaves that are state, not trained. */
  readonly running: readonly string[];
  /** Leaves that only `prepare` changes; none where absent. */
  readonly fixed?: readonly string[];
  /** Fields of examples beside the images of digits, or in their place; none where absent. */
  readonly fields?: (start: number, count: number) => HostBatch;
}

const shape = [1, 28, 28];
const latent = 8;

const mlp = mlpNetworks({ shape, latent, hidden: [128] });

/** Running statistics on both sides, and random zeros. */
const normalized: VaeNetworks = {
  encoder: sequential(
    flatten(),
    linear({ inputs: 784, outputs: 128 }),
    batchNorm({ channels: 128 }),
    relu,
    dropout(0.1),
    linear({ inputs: 128, outputs: 2 * latent }),
  ),
  decoder: sequential(
    linear({ inputs: latent, outputs: 128 }),
    batchNorm({ channels: 128 }),
    relu,
    linear({ inputs: 128, outputs: 784 }),
    reshape(shape),
  ),
};

function one(
  name: string,
  options: Partial<VaeOptions>,
  changes: Partial<FamilyUnderContract> = {},
): FamilyUnderContract {
  const family = vae({ shape, latent, networks: mlp, ...options }) as Family;
  return { name, family, steps: 60, learningRate: 0.006, bound: independentBernoulli, running: [], ...changes };
}

/** Points of eight Gaussians around 0, as many as there are digits. */
const points = eightGaussians(256);

function pointsFields(start: number, count: number): HostBatch {
  return { vector: { dtype: "float32", shape: [count, 2], data: points.slice(2 * start, 2 * (start + count)) } };
}

/** Mean square of the points' values, of mean 0. */
const spread = points.reduce((sum, x) => sum + (x * x) / points.length, 0);

/** Error of v that is left when of the data only their variance is known, v / (a^2 v + b^2). */
function errorOfV(variance: number, { alphaBars }: NoiseSchedule): number {
  return alphaBars.reduce((sum, a) => sum + variance / (a * variance + 1 - a) / alphaBars.length, 0);
}

export const families: readonly FamilyUnderContract[] = [
  one("mlp vae, bernoulli", {}),
  one(
    "mlp vae, bernoulli, threshold",
    { binarize: "threshold" },
    { bound: (images) => independentBernoulli(thresholded(images)) },
  ),
  one("mlp vae, bernoulli, random", { binarize: "random" }),
  one(
    "mlp vae, gaussian",
    { likelihood: "gaussian" },
    {
      // The width is learned from 1 on, so the bound is that of the width reached.
      steps: 120,
      learningRate: 0.01,
      bound: (images, state) =>
        independentGaussian(images, Number(state.get("parameters.likelihood.log_variance")?.data[0])),
    },
  ),
  one("mlp vae, mixture prior", { prior: "mixture", components: 20 }),
  one(
    "conv vae, bernoulli",
    { networks: convNetworks({ shape, latent, channels: [8, 16], hidden: 64 }) },
    { learningRate: 0.01 },
  ),
  one(
    "vae with batch norm and dropout",
    { networks: normalized },
    {
      running: ["encoder.2", "decoder.1"].flatMap((layer) => [`${layer}.running_mean`, `${layer}.running_var`]),
    },
  ),
  one(
    "mlp diffusion of points",
    {},
    {
      family: diffusion({
        event: { field: "vector", shape: [2] },
        network: mlpDenoiser({ size: 2, width: 64, depth: 2 }),
        samplingSteps: 20,
        odeSteps: 10,
      }) as Family,
      fields: pointsFields,
      steps: 300,
      bound: () => errorOfV(spread, noiseSchedule("cosine", 1000)),
      fixed: ["scaling.mean", "scaling.deviation"],
    },
  ),
  one(
    "mlp flow matching of points",
    {},
    {
      family: flowMatching({
        event: { field: "vector", shape: [2] },
        network: mlpDenoiser({ size: 2, width: 64, depth: 2 }),
        samplingSteps: 10,
        odeSteps: 10,
        times: "uniform",
      }) as Family,
      fields: pointsFields,
      steps: 300,
      // Of the velocity x - e: v - (a v - b)^2 / (a^2 v + b^2) + 1, a = t, b = 1 - t, in the mean over t.
      bound: () => {
        const times = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
        const left = (t: number): number => spread + 1 - (t * spread - (1 - t)) ** 2 / (t * t * spread + (1 - t) ** 2);
        return times.reduce((sum, t) => sum + left(t) / times.length, 0);
      },
      fixed: ["scaling.mean", "scaling.deviation"],
    },
  ),
  one(
    "conditional diffusion transformer",
    {},
    {
      family: diffusion({
        event: { field: "image", shape },
        network: transformerDenoiser({ shape, patch: 7, width: 48, depth: 2, heads: 4, classes: 10 }),
        classes: 10,
        samplingSteps: 5,
        odeSteps: 6,
      }) as Family,
      fields: digitLabels,
      steps: 200,
      // A model that knows each pixel's mean and variance.
      bound: (images) => {
        const moments = pixelMoments(images);
        const schedule = noiseSchedule("cosine", 1000);
        return moments.reduce((sum, { variance }) => sum + errorOfV(4 * variance, schedule) / moments.length, 0);
      },
    },
  ),
];
