/** VAEs under contract. */

import {
  convNetworks,
  type Family,
  hierarchicalVae,
  mlpNetworks,
  type VaeNetworks,
  type VaeOptions,
  vae,
  vqConvNetworks,
  vqVae,
} from "../../src/learn/models/index.ts";
import { batchNorm, dropout, flatten, linear, relu, reshape, sequential } from "../../src/learn/nn/index.ts";
import { independentBernoulli, independentGaussian, thresholded } from "./digits.ts";
import { type FamilyUnderContract, shape } from "./under-contract.ts";

const latent = 8;
const codes = 32;

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

export const vaesUnderContract: readonly FamilyUnderContract[] = [
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
  one("conditional vae", { classes: 10, networks: mlpNetworks({ shape, latent, hidden: [128], classes: 10 }) }),
  one("importance-weighted autoencoder", { importanceSamples: 5 }),
  one("importance-weighted autoencoder, doubly reparameterized", {
    importanceSamples: 5,
    gradient: "doubly-reparameterized",
    prior: "mixture",
    components: 20,
  }),
  one("denoising vae", { noise: 0.3 }),
  {
    name: "hierarchical vae",
    family: hierarchicalVae({ shape, latents: [latent, 4], hidden: [128, 32] }) as Family,
    steps: 60,
    learningRate: 0.006,
    bound: independentBernoulli,
    running: [],
  },
  {
    name: "vq-vae with a prior for each class",
    family: vqVae({
      shape,
      codes,
      codeSize: 8,
      networks: vqConvNetworks({ shape, codeSize: 8, channels: [8, 16], residualBlocks: 1 }),
      likelihood: "bernoulli",
      classes: 10,
      priorChannels: 8,
      priorLayers: 2,
    }) as Family,
    steps: 60,
    learningRate: 0.01,
    // By pixel and by cell of the grid; a prior that knows nothing takes all codes for equally likely.
    bound: (images) => independentBernoulli(images) / 784 + Math.log(codes),
    running: ["weight", "cluster_size", "cluster_sum"].map((leaf) => `codebook.${leaf}`),
  },
];
