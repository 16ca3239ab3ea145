/** The families under contract, each small enough to learn digits in a second. */

import { keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import type { HostTensor } from "../../src/engine/index.ts";
import {
  convNetworks,
  type Family,
  type FlowLayer,
  flow,
  glow,
  iaf,
  maf,
  mlpNetworks,
  realNvp,
  splineAutoregressive,
  splineCoupling,
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
  /** `count` examples from number `start` on; digits where absent. */
  readonly data?: (start: number, count: number) => HostBatch;
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

/** Points on two half circles, of labels 0 and 1, with noise: the same for a number each time. */
function moons(start: number, count: number): HostBatch {
  const key = keyFromSeed(31);
  const label = Int32Array.from({ length: count }, (_, i) => (start + i) % 2);
  const vector = Float32Array.from({ length: 2 * count }, (_, i) => {
    const example = start + Math.floor(i / 2);
    const [angle, noise] = [Math.PI * randomUniform(key, 3 * example), randomUniform(key, 3 * example + 1 + (i % 2))];
    const [x, y] =
      example % 2 === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    return (i % 2 === 0 ? x : y) + 0.2 * (noise - 0.5);
  });
  return {
    vector: { dtype: "float32", shape: [count, 2], data: vector },
    label: { dtype: "int32", shape: [count], data: label },
  };
}

/** Nats of the best normal density over the moons: half the log-determinant of its covariance, and a constant. */
function normalOverMoons(): number {
  const { data } = moons(0, 256).vector;
  const points = Array.from({ length: 256 }, (_, i) => [Number(data[2 * i]), Number(data[2 * i + 1])]);
  const mean = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis] / points.length, 0));
  const covariance = (a: number, b: number): number =>
    points.reduce((sum, point) => sum + ((point[a] - mean[a]) * (point[b] - mean[b])) / points.length, 0);
  return Math.log(2 * Math.PI) + 1 + Math.log(covariance(0, 0) * covariance(1, 1) - covariance(0, 1) ** 2) / 2;
}

function vectorFlow(name: string, layers: FlowLayer, classes?: number): FamilyUnderContract {
  const family = flow({ event: { field: "vector", shape: [2] }, layers, ...(classes && { classes }) }) as Family;
  return {
    name,
    family,
    steps: 80,
    learningRate: 0.01,
    bound: normalOverMoons,
    running: ["standardize.mean", "standardize.scale"],
    data: (start, count) => {
      const { vector, label } = moons(start, count);
      return classes ? { vector, label } : { vector };
    },
  };
}

const plane = { features: 2, depth: 3, hidden: [24] };

/** Nats of images whose pixels are black with one and the same chance, and of any other level alike. */
function blackOrAnyLevel(images: Uint8Array): number {
  const black = images.reduce((count, grey) => count + (grey === 0 ? 1 : 0), 0) / images.length;
  const nats = -black * Math.log(black) - (1 - black) * Math.log((1 - black) / 255);
  return 784 * nats;
}

export const families: readonly FamilyUnderContract[] = [
  vectorFlow("flow, realnvp", realNvp(plane)),
  vectorFlow("flow, realnvp told the label", realNvp({ ...plane, condition: 2 }), 2),
  vectorFlow("flow, maf", maf(plane)),
  vectorFlow("flow, iaf", iaf(plane)),
  vectorFlow("flow, spline coupling", splineCoupling(plane)),
  vectorFlow("flow, spline autoregressive", splineAutoregressive(plane)),
  {
    name: "flow, glow",
    family: flow({
      event: { field: "image", shape },
      layers: glow({ shape, hidden: [8, 8], depth: 1 }),
      alpha: 1e-6,
    }) as Family,
    steps: 80,
    learningRate: 0.01,
    bound: blackOrAnyLevel,
    running: [],
  },
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
];
