/** The families under contract, each small enough to learn digits in a second. */

import type { HostTensor } from "../../src/engine/index.ts";
import {
  convNetworks,
  type Family,
  mlpNetworks,
  type VaeNetworks,
  type VaeOptions,
  vae,
} from "../../src/learn/models/index.ts";
import { batchNorm, dropout, flatten, linear, relu, reshape, sequential } from "../../src/learn/nn/index.ts";
import type { HostBatch } from "../../src/run/model.ts";
import { independentBernoulli, independentGaussian, thresholded } from "./digits.ts";
import { gansUnderContract } from "./gans.ts";

export interface FamilyUnderContract {
  readonly name: string;
  readonly family: Family;
  readonly steps: number;
  readonly learningRate: number;
  /** The loss that training must get below: what a model reaches that is the same for every example. */
  readonly bound?: (images: Uint8Array, state: ReadonlyMap<string, HostTensor>) => number;
  /** How far samples are from the data, where losses do not fall: training must make it half as large, or better. */
  readonly error?: (samples: HostTensor, images: Uint8Array) => number;
  /** Examples of a batch where they are no digits: `count` from number `start` on. */
  readonly data?: (start: number, count: number, images: Uint8Array) => HostBatch;
  /** Leaves that are state, not trained. */
  readonly running: readonly string[];
  /** Leaves that only `prepare` sets. */
  readonly fixed?: readonly string[];
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
  ...gansUnderContract,
];
