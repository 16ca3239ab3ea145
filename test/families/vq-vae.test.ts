/** The VQ-VAE's codebook as mathematics, and that its prior learns. */

import { afterAll, describe, expect, test } from "vitest";
import { gradients, keyFromSeed, type Tensor } from "../../src/core/index.ts";
import { constantKey, tensor } from "../../src/core/trace/index.ts";
import {
  type CodebookParameters,
  codebook,
  type Family,
  straightThrough,
  type VqVaeOptions,
  vqConvNetworks,
  vqVae,
} from "../../src/learn/models/index.ts";
import { trainingContext } from "../../src/learn/nn/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { createModel, type DeviceParameters, type HostBatch } from "../../src/run/model.ts";
import { findPreset, parseConfig } from "../../src/run/presets/index.ts";
import { sampleRequest } from "../../src/run/requests.ts";
import { createTrainingStep } from "../../src/run/training-step.ts";
import { numbersOf } from "../graph/numbers.ts";
import { loadDigits } from "./digits.ts";

const backend = createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

const key = constantKey(keyFromSeed(8));
/** Constants in a graph are float32. */
const rounding = 1e-5;

const decay = 0.75;
const weight = [
  [0, 0],
  [2, 1],
  [-1, 3],
];
const clusterSize = [2, 1, 0.5];
const encodings = [
  [0.5, 0.25],
  [1.5, 1],
  [0, -0.5],
  [2, 2],
  [0.25, 0],
];
/** The nearest codes, by hand. */
const nearest = [0, 1, 0, 1, 0];

function matrix(rows: readonly (readonly number[])[]): Tensor {
  return tensor(rows.flat(), [rows.length, rows[0].length]);
}

/** The codebook after a batch: weight, cluster size and sum. */
function followed(reviveBelow: number): readonly [number[][], number[]] {
  const book = codebook({ count: 3, size: 2, decay, reviveBelow });
  const sums = weight.map((row, k) => row.map((number) => number * clusterSize[k]));
  const parameters: CodebookParameters = {
    weight: matrix(weight),
    cluster_size: tensor(clusterSize, [3]),
    cluster_sum: matrix(sums),
  };
  const given = matrix(encodings);
  const indices = book.nearest(parameters, given);
  expect(numbersOf(indices)).toEqual(nearest);
  const context = trainingContext(key);
  book.follow(parameters, given, indices, context, key);
  const flat = numbersOf(context.updates.get(parameters.weight) as Tensor);
  const sizes = numbersOf(context.updates.get(parameters.cluster_size) as Tensor);
  return [[0, 1, 2].map((k) => flat.slice(2 * k, 2 * k + 2)), sizes];
}

describe("a codebook", () => {
  const counts = [0, 1, 2].map((k) => nearest.filter((index) => index === k).length);
  const expectedSizes = counts.map((count, k) => decay * clusterSize[k] + (1 - decay) * count);

  test("follows the running averages of what is rounded to its codes", () => {
    const [codes, sizes] = followed(0);
    codes.forEach((code, k) => {
      expect(Math.abs(sizes[k] - expectedSizes[k])).toBeLessThan(rounding);
      code.forEach((number, d) => {
        const sum = encodings.reduce((total, row, i) => (nearest[i] === k ? total + row[d] : total), 0);
        const average = (decay * clusterSize[k] * weight[k][d] + (1 - decay) * sum) / expectedSizes[k];
        // Laplace's smoothing moves codes by 1e-5 of themselves.
        expect(Math.abs(number - average)).toBeLessThan(1e-4);
      });
    });
  });
  test("moves a dead code onto an encoding of the batch, with an average cluster", () => {
    const total = expectedSizes.reduce((sum, size) => sum + size, 0);
    const [codes, sizes] = followed((0.99 * 3 * expectedSizes[1]) / total);
    expect(expectedSizes[2]).toBeLessThan(expectedSizes[1]);
    expect(encodings).toContainEqual(codes[2]);
    expect(sizes[2]).toBeCloseTo(total / 3, 5);
    expect(sizes[1]).toBeCloseTo(expectedSizes[1], 5);
  });
  test("is fitted to encodings of a first batch", () => {
    const book = codebook({ count: 40, size: 2, decay, reviveBelow: 0 });
    const fitted = book.fit(book.init(key), matrix(encodings), key);
    const codes = numbersOf(fitted.weight);
    const gaps = Array.from({ length: 40 }, (_, k) =>
      Math.min(...encodings.map(([a, b]) => Math.hypot(codes[2 * k] - a, codes[2 * k + 1] - b))),
    );
    expect(Math.max(...gaps)).toBeLessThan(0.01);
    expect(new Set(numbersOf(book.nearest(fitted, matrix(encodings)))).size).toBe(5);
  });
});

test("the straight-through gradient by encodings is that by codes, and codes get none", () => {
  const [given, codes] = [matrix(encodings), matrix(encodings.map(([a, b]) => [a + 1, b * 2]))];
  const factors = matrix(encodings.map(([a, b], i) => [b - i, a]));
  const output = straightThrough(given, codes);
  expect(numbersOf(output)).toEqual(numbersOf(codes));
  const [byEncodings, byCodes] = gradients(output.square().mul(factors).sum(), [given, codes]);
  expect(numbersOf(byEncodings)).toEqual(numbersOf(codes.mul(factors).mul(2)));
  expect(numbersOf(byCodes).map(Math.abs)).toEqual(new Array(10).fill(0));
});

test("the prior learns the codes, most of which are in use, and new grids have the shape of images", async () => {
  const codes = 16;
  const shape = [1, 28, 28];
  const networks = vqConvNetworks({ shape, codeSize: 4, channels: [8, 16], residualBlocks: 1 });
  const family = vqVae({
    shape,
    networks,
    codes,
    codeSize: 4,
    likelihood: "bernoulli",
    priorChannels: 8,
    priorLayers: 2,
  }) as Family;
  const digits = await loadDigits(256);
  const batchAt = (step: number, count = 64): HostBatch => {
    const data = digits.slice((step % 4) * 64 * 784).slice(0, count * 784);
    return { image: { dtype: "uint8", shape: [count, ...shape], data } };
  };
  const { schema } = findPreset("digits/vae");
  const steps = 80;
  const config = parseConfig(schema, { schedule: "constant", batchSize: 64, learningRate: 0.01, steps, seed: 2 });
  const step = await createTrainingStep(backend, family, config);
  await step.prepare?.(batchAt(0, 256));
  let last: Readonly<Record<string, number>> = {};
  const first = await step.run(batchAt(0), 0);
  for (let i = 1; i < steps; i++) last = await step.run(batchAt(i), i);
  const cells = 49;
  // Clearly below what uniform codes would cost, and half of what pixels cost at first.
  expect(last.prior).toBeLessThan(0.75 * cells * Math.log(codes));
  expect(last.reconstruction).toBeLessThan(0.5 * first.reconstruction);
  expect(last.perplexity).toBeGreaterThan(3);
  expect(last.codesUsed).toBeGreaterThan(codes / 2);
  const model = createModel(backend, family);
  const parameters = step.state.current().parameters as unknown as DeviceParameters;
  const { image } = await model.sample(parameters, keyFromSeed(1), sampleRequest(family, 2));
  expect(image.shape).toEqual([2, ...shape]);
  const latents = await model.drawLatents?.(parameters, keyFromSeed(1), 2);
  expect(latents?.shape).toEqual([2, cells * 4]);
  await model.dispose();
  await step.dispose();
});

describe("options outside their range are refused", () => {
  const networks = vqConvNetworks({ shape: [1, 8, 8], codeSize: 2, channels: [4], residualBlocks: 0 });
  const cases: readonly [Partial<VqVaeOptions>, string][] = [
    [{ codes: 1 }, "codes: is 1; it must be a whole number of at least 2"],
    [{ codeSize: 0 }, "codeSize: is 0; it must be a whole number of at least 1"],
    [{ decay: 1 }, "decay: is 1; it must be at least 0 and below 1"],
    [{ commitment: -1 }, "commitment: is -1; it must be at least 0"],
    [{ reviveBelow: 1 }, "reviveBelow: is 1; it must be at least 0 and below 1"],
  ];
  test.each(cases)("%j", (options, message) => {
    expect(() => vqVae({ shape: [1, 8, 8], networks, codes: 4, codeSize: 2, ...options })).toThrow(message);
  });
  test("images too small to be halved", () => {
    const build = () => vqConvNetworks({ shape: [1, 8, 8], codeSize: 2, channels: [4, 4, 4, 4], residualBlocks: 0 });
    expect(build).toThrow("channels: 4 layers halve images of [1, 8, 8] to nothing");
  });
});
