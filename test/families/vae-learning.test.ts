/** What conditional and denoising VAEs are for: they make the digit that they are told, and take noise away. */

import { afterAll, expect, test } from "vitest";
import { keyFromSeed } from "../../src/core/index.ts";
import type { HostTensor } from "../../src/engine/index.ts";
import { type Family, mlpNetworks, vae } from "../../src/learn/models/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { createModel, type DeviceParameters, type HostBatch, type Model, type Results } from "../../src/run/model.ts";
import { findPreset, parseConfig } from "../../src/run/presets/index.ts";
import { sampleRequest } from "../../src/run/requests.ts";
import { createTrainingStep } from "../../src/run/training-step.ts";
import { loadDigitLabels, loadDigits } from "./digits.ts";

const backend = createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

const shape = [1, 28, 28];
const pixels = 784;
const count = 512;
const batchSize = 64;
const digits = await loadDigits(count);
const labels = await loadDigitLabels(count);

/** Trains on the digits again and again. */
async function trained<R>(
  family: Family,
  steps: number,
  use: (model: Model, parameters: DeviceParameters) => Promise<R>,
): Promise<R> {
  const { schema } = findPreset("digits/vae");
  const config = parseConfig(schema, { schedule: "constant", batchSize, learningRate: 0.004, steps, seed: 1 });
  const step = await createTrainingStep(backend, family, config);
  const model = createModel(backend, family);
  for (let i = 0; i < steps; i++) {
    const start = (i * batchSize) % count;
    const fields: HostBatch = {
      image: {
        dtype: "uint8",
        shape: [batchSize, ...shape],
        data: digits.slice(start * pixels, (start + batchSize) * pixels),
      },
      label: { dtype: "int32", shape: [batchSize], data: labels.slice(start, start + batchSize) },
    };
    await step.run(fields, i);
  }
  const result = await use(model, step.state.current().parameters as unknown as DeviceParameters);
  await model.dispose();
  await step.dispose();
  return result;
}

function pixelsOf({ data }: HostTensor, index: number): number[] {
  return Array.from(data.slice(index * pixels, (index + 1) * pixels), Number);
}

function squaredDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
}

test("a conditional VAE makes the digit that it is told", async () => {
  const means = Array.from({ length: 10 }, () => new Array<number>(pixels).fill(0));
  const frequency = new Array<number>(10).fill(0);
  for (const label of labels) frequency[label]++;
  digits.forEach((grey, i) => {
    const label = labels[Math.floor(i / pixels)];
    means[label][i % pixels] += grey / 255 / frequency[label];
  });
  const networks = mlpNetworks({ shape, latent: 4, hidden: [128], classes: 10 });
  const family = vae({ shape, latent: 4, classes: 10, networks }) as Family;
  const number = 200;
  const { image } = await trained<Results>(family, 240, (model, parameters) =>
    model.sample(parameters, keyFromSeed(6), sampleRequest(family, number)),
  );
  let right = 0;
  for (let i = 0; i < number; i++) {
    const distances = means.map((center) => squaredDistance(pixelsOf(image, i), center));
    if (distances.indexOf(Math.min(...distances)) === i % 10) right++;
  }
  // One in ten without the label; the nearest mean itself names about four in five real digits rightly.
  expect(right / number).toBeGreaterThan(0.6);
});

test("a denoising VAE brings noisy digits nearer to clean ones", async () => {
  const family = vae({
    shape,
    latent: 16,
    noise: 0.4,
    networks: mlpNetworks({ shape, latent: 16, hidden: [128] }),
  }) as Family;
  const clean: HostTensor = {
    dtype: "float32",
    shape: [batchSize, ...shape],
    data: Float32Array.from(digits.slice(0, batchSize * pixels), (grey) => grey / 255),
  };
  // A sine of large steps is noise enough: deviation 0.4.
  const noisy: HostTensor = {
    ...clean,
    data: Float32Array.from(clean.data as Float32Array, (value, i) =>
      Math.min(1, Math.max(0, value + 0.4 * Math.SQRT2 * Math.sin(i * i))),
    ),
  };
  const { image } = await trained<Results>(family, 240, (model, parameters) => {
    if (!model.denoise) throw new Error("the family cannot denoise");
    return model.denoise(parameters, { image: noisy }, keyFromSeed(1), 0.4);
  });
  const error = (images: HostTensor): number =>
    Array.from({ length: batchSize }, (_, i) => squaredDistance(pixelsOf(images, i), pixelsOf(clean, i))).reduce(
      (sum, distance) => sum + distance / batchSize,
      0,
    );
  expect(error(image)).toBeLessThan(0.6 * error(noisy));
});
