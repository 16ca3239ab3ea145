/** The families under contract, each small enough to learn digits in a second. */

import type { HostTensor } from "../../src/engine/index.ts";
import {
  convNetworks,
  type Family,
  imagePixelCnn,
  made,
  mlpNetworks,
  type VaeNetworks,
  type VaeOptions,
  vae,
} from "../../src/learn/models/index.ts";
import { batchNorm, dropout, flatten, linear, relu, reshape, sequential } from "../../src/learn/nn/index.ts";
import type { HostBatch } from "../../src/run/model.ts";
import { independentBernoulli, independentGaussian, thresholded } from "./digits.ts";

export interface FamilyUnderContract {
  readonly name: string;
  readonly family: Family;
  readonly steps: number;
  readonly learningRate: number;
  /** The loss that training must get below: what a model reaches that is the same for every example. */
  bound(images: Uint8Array, state: ReadonlyMap<string, HostTensor>): number;
  /** Leaves that are state, not trained. */
  readonly running: readonly string[];
  /** What the family reads of these digits, uint8 [count, 784]; the images themselves where absent. */
  batch?(digits: Uint8Array, count: number): HostBatch;
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

/** Digits above the threshold, as binary vectors. */
const asBits: Partial<FamilyUnderContract> = {
  bound: (images) => independentBernoulli(thresholded(images)),
  batch: (digits, count) => ({
    bits: { dtype: "uint8", shape: [count, 784], data: digits.map((grey) => Number(grey > 127.5)) },
  }),
};

function other(name: string, family: unknown, changes: Partial<FamilyUnderContract> = {}): FamilyUnderContract {
  return { ...one(name, {}, { learningRate: 0.01, ...changes }), family: family as Family };
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
  other("made, images", made({ event: { field: "image", shape }, hidden: [64], binarize: "random" })),
  other(
    "made, bits, ensemble",
    made({ event: { field: "bits", shape: [784] }, hidden: [32, 32], masks: 3, ordering: "random", direct: false }),
    { ...asBits, steps: 160 },
  ),
  other(
    "pixelcnn, patches",
    imagePixelCnn({ shape, channels: 8, layers: 2, head: 16, firstKernel: 3, patch: 2, binarize: "random" }),
  ),
];
