/** VAEs as mathematics: bounds, estimators of their gradients, labels, noise and stochastic layers. */

import { describe, expect, test } from "vitest";
import { keyFromSeed } from "../../src/core/base/index.ts";
import { gradients, leavesOf, type Tensor, type TensorTree } from "../../src/core/index.ts";
import { constantKey, full, tensor } from "../../src/core/trace/index.ts";
import {
  type Family,
  hierarchicalVae,
  mlpNetworks,
  type TensorBatch,
  type VaeOptions,
  vae,
} from "../../src/learn/models/index.ts";
import { corrupt } from "../../src/learn/models/vae/corruption.ts";
import { combined } from "../../src/learn/models/vae/hierarchical.ts";
import { trainingContext } from "../../src/learn/nn/index.ts";
import { gaussian } from "../../src/learn/prob/index.ts";
import { numbersOf } from "../graph/numbers.ts";
import { stirred } from "./autoregressive.ts";

const shape = [1, 2, 2];
const latent = 2;
const key = constantKey(keyFromSeed(5));

/** The interpreter computes in float64; constants are float32 numbers. */
const rounding = 1e-6;

function small(options: Partial<VaeOptions> = {}): Family {
  const networks = mlpNetworks({ shape, latent, hidden: [5], ...(options.classes && { classes: options.classes }) });
  return vae({ shape, latent, networks, ...options }) as Family;
}

/** Black and white images. */
function binaryBatch(images: readonly (readonly number[])[]): TensorBatch {
  const bytes = images.flat().map((bit) => bit * 255);
  return { image: tensor(bytes, [images.length, ...shape], "uint8") };
}

const some = binaryBatch([
  [0, 1, 1, 0],
  [1, 1, 0, 0],
  [0, 0, 0, 1],
]);

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number / numbers.length, 0);
}

function logProb(family: Family, parameters: TensorTree, batch: TensorBatch, samples: number, at = key): number[] {
  return numbersOf(family.logProb?.(parameters, batch, { key: at, samples }) as Tensor);
}

function lossOf(family: Family, parameters: TensorTree, batch: TensorBatch, at = key): Tensor {
  return family.phases[0].loss(parameters, batch, trainingContext(at)).loss;
}

describe("the bound of several codes", () => {
  test("with one code it is the ELBO, example by example", () => {
    // The KL to a mixture is estimated from the code, so that both see the same numbers.
    const family = small({ prior: "mixture", components: 3 });
    const parameters = stirred(family, 1);
    const elbo = numbersOf(family.score?.(parameters, some, key).negativeElbo as Tensor);
    logProb(family, parameters, some, 1).forEach((bound, i) => {
      expect(Math.abs(bound + elbo[i])).toBeLessThan(rounding);
    });
  });
  test("is the loss of an importance-weighted autoencoder, whatever the estimator", () => {
    for (const gradient of ["reparameterized", "doubly-reparameterized"] as const) {
      const family = small({ importanceSamples: 4, gradient });
      const parameters = stirred(family, 2);
      const [loss] = numbersOf(lossOf(family, parameters, some));
      expect(Math.abs(loss + mean(logProb(family, parameters, some, 4)))).toBeLessThan(rounding);
    }
  });
  test("both estimators have the same mean for the encoder, and are the same for the decoder", () => {
    const [usual, doubly] = (["reparameterized", "doubly-reparameterized"] as const).map((gradient) =>
      small({ importanceSamples: 3, gradient }),
    );
    const parameters = stirred(usual, 3) as unknown as Readonly<Record<string, TensorTree>>;
    const part = (name: string): Tensor[] => leavesOf<Tensor>(parameters[name] as never).map(({ value }) => value);
    const copies = { image: tensor([0, 255, 255, 0], [1, ...shape], "uint8").expand([60, ...shape]) };
    const gradientOf = (family: Family, name: string, seed: number): number[] =>
      gradients(lossOf(family, parameters, copies, constantKey(keyFromSeed(seed))), part(name)).flatMap(numbersOf);

    gradientOf(usual, "decoder", 1).forEach((number, i) => {
      expect(Math.abs(number - gradientOf(doubly, "decoder", 1)[i])).toBeLessThan(rounding);
    });
    const runs = 16;
    const byRun = Array.from({ length: runs }, (_, run) => {
      const [a, b] = [gradientOf(usual, "encoder", run), gradientOf(doubly, "encoder", run)];
      return a.map((number, i) => [number, b[i]] as const);
    });
    let largest = 0;
    byRun[0].forEach((_, i) => {
      const differences = byRun.map((run) => run[i][0] - run[i][1]);
      const offset = mean(differences);
      const error = Math.sqrt(mean(differences.map((d) => (d - offset) ** 2)) / (runs - 1));
      // Five standard errors for each of some forty numbers.
      expect(Math.abs(offset)).toBeLessThan(5 * error + rounding);
      largest = Math.max(largest, Math.abs(mean(byRun.map((run) => run[i][1]))) / (error + rounding));
    });
    // A factor that is missing, such as a share, would show.
    expect(largest).toBeGreaterThan(15);
  });
});

/** log of the mean chance of an image over codes drawn from the prior: no encoder takes part. */
function byPrior(family: Family, parameters: TensorTree, image: readonly number[], conditions: TensorBatch): number {
  const count = 20_000;
  const codes = family.drawLatents?.(parameters, key, count) as Tensor;
  const chances = numbersOf(family.decode?.(parameters, codes, conditions).image as Tensor);
  const likely = Array.from({ length: count }, (_, row) =>
    image.reduce((product, bit, i) => product * (bit === 1 ? chances[4 * row + i] : 1 - chances[4 * row + i]), 1),
  );
  return Math.log(mean(likely));
}

/** Two estimates of about log 0.1 from 20,000 and 4,000 draws, whose relative deviations are near 1: 4 errors. */
const monteCarlo = 0.07;

describe("log p(x) by importance samples is that by draws from the prior", () => {
  const image = [0, 1, 1, 0];
  test("of a hierarchical VAE, and the ELBO lies below it", () => {
    const family = hierarchicalVae({ shape, latents: [2, 1], hidden: [4, 3] }) as Family;
    const parameters = stirred(family, 4, 0.6);
    const batch = binaryBatch([image]);
    const exact = byPrior(family, parameters, image, {});
    const [estimate] = logProb(family, parameters, batch, 4000);
    expect(Math.abs(estimate - exact)).toBeLessThan(monteCarlo);
    const copies = { image: batch.image.expand([2000, ...shape]) };
    const score = family.score?.(parameters, copies, key) as TensorBatch;
    const elbo = -mean(numbersOf(score.negativeElbo));
    expect(elbo).toBeLessThan(estimate);
    // One weight's logarithm is an ELBO without bias.
    expect(Math.abs(mean(logProb(family, parameters, copies, 1)) - elbo)).toBeLessThan(monteCarlo);
  });
  test("of a conditional VAE, for each label", () => {
    const family = small({ classes: 3 });
    // A posterior near the prior: its weights do not scatter.
    const { encoder } = stirred(family, 5, 0.05) as Readonly<Record<string, TensorTree>>;
    const parameters = { ...(stirred(family, 5, 0.6) as object), encoder } as TensorTree;
    const estimates = [0, 1, 2].map((label) => {
      const batch = { ...binaryBatch([image]), label: full([1], label, "int32") };
      const exact = byPrior(family, parameters, image, { label: full([20_000], label, "int32") });
      const [estimate] = logProb(family, parameters, batch, 4000);
      expect(Math.abs(estimate - exact)).toBeLessThan(monteCarlo);
      return estimate;
    });
    expect(Math.max(...estimates) - Math.min(...estimates)).toBeGreaterThan(3 * monteCarlo);
  });
});

test("two normal densities combine into that proportional to their product", () => {
  const vector = (...numbers: number[]): Tensor => tensor(numbers, [2]);
  const a = gaussian(vector(1, -2), { logVariance: vector(0.5, -1) });
  const b = gaussian(vector(-0.5, 0.25), { logVariance: vector(-0.25, 1.5) });
  const both = combined(a, b);
  const excess = (...at: number[]): number[] => {
    const z = vector(...at);
    return numbersOf(a.logProb(z).add(b.logProb(z)).sub(both.logProb(z)));
  };
  const here = excess(0.3, -0.7);
  excess(-1.5, 2).forEach((number, i) => {
    expect(Math.abs(number - here[i])).toBeLessThan(rounding);
  });
});

describe("noise", () => {
  const count = 20_000;
  test("has the asked deviation, and is cut off at black and white", () => {
    const numbers = numbersOf(corrupt(full([count], 0.5), key, "gaussian", 0.1));
    expect(mean(numbers)).toBeCloseTo(0.5, 2);
    expect(Math.sqrt(mean(numbers.map((x) => (x - 0.5) ** 2)))).toBeCloseTo(0.1, 2);
    const black = numbersOf(corrupt(full([count], 0), key, "gaussian", 0.5));
    expect(Math.min(...black)).toBe(0);
    expect(Math.max(...black)).toBe(1);
  });
  test("masks the asked share of pixels", () => {
    const numbers = numbersOf(corrupt(full([count], 0.5), key, "masking", 0.3));
    expect(new Set(numbers)).toEqual(new Set([0, 0.5]));
    // Four standard errors.
    expect(Math.abs(mean(numbers) / 0.5 - 0.7)).toBeLessThan(4 * Math.sqrt(0.21 / count));
  });
  test("reaches the encoder, and the target stays clean", () => {
    const noisy = small({ noise: 0.5 });
    const clean = small();
    const parameters = stirred(clean, 6);
    expect(numbersOf(lossOf(noisy, parameters, some))).not.toEqual(numbersOf(lossOf(clean, parameters, some)));
    expect([noisy.denoise === undefined, clean.denoise === undefined]).toEqual([false, true]);
    // With a decoder that hears nothing the encoder's input makes no difference.
    const deaf = {
      ...(parameters as object),
      decoder: (clean.init(key) as Readonly<Record<string, TensorTree>>).decoder,
    };
    const silent = (family: Family): number[] => {
      const leaves = leavesOf<Tensor>(deaf.decoder as never);
      const zeroed = Object.fromEntries(leaves.map(({ path, value }) => [path, value.mul(0)]));
      const decoder = {
        0: { weight: zeroed["0.weight"], bias: zeroed["0.bias"] },
        2: { weight: zeroed["2.weight"], bias: zeroed["2.bias"] },
      };
      return numbersOf(family.score?.({ ...deaf, decoder } as never, some, key).reconstruction as Tensor);
    };
    silent(noisy).forEach((number) => {
      expect(number).toBeCloseTo(4 * Math.log(2), 5);
    });
  });
});

test("the temperature scales how far codes lie from the middle of the prior", () => {
  const family = small();
  const parameters = stirred(family, 7);
  const sample = (temperature: number): number[] =>
    numbersOf(family.sample(parameters, key, { count: 4, conditions: {}, controls: { temperature } }).image);
  const cold = sample(0);
  expect(cold.slice(0, 4)).toEqual(cold.slice(4, 8));
  expect(sample(1).slice(0, 4)).not.toEqual(sample(1).slice(4, 8));
});

describe("options outside their range are refused", () => {
  const cases: readonly [Partial<VaeOptions>, string][] = [
    [{ latent: 0 }, "latent: is 0; it must be a whole number of at least 1"],
    [{ importanceSamples: 1.5 }, "importanceSamples: is 1.5; it must be a whole number of at least 1"],
    [{ importanceSamples: 5, beta: 2 }, "beta: is 2; with several importanceSamples it must be 1"],
    [{ gradient: "doubly-reparameterized" }, "it is for importanceSamples above 1"],
    [{ noise: -1 }, "noise: is -1; it must be at least 0"],
    [{ noise: 1, corruption: "masking" }, "a share of pixels below 1"],
    [{ classes: 0 }, "classes: is 0; it must be a whole number of at least 1"],
  ];
  test.each(cases)("%j", (options, message) => {
    expect(() => vae({ shape, latent, networks: mlpNetworks({ shape, latent, hidden: [5] }), ...options })).toThrow(
      message,
    );
  });
  test("of a hierarchical VAE", () => {
    const build = (latents: [number, number], freeNats: number) => () =>
      hierarchicalVae({ shape, latents, hidden: [4, 3], freeNats });
    expect(build([2, 0], 0)).toThrow("latents: is 0; it must be a whole number of at least 1");
    expect(build([2, 1], -1)).toThrow("freeNats: is -1; it must be at least 0");
  });
});
