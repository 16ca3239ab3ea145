/** What GANs learn, and that each phase trains its own network. */

import { afterAll, expect, test } from "vitest";
import { foldKey, keyFromSeed } from "../../src/core/base/index.ts";
import type { HostTensor } from "../../src/engine/index.ts";
import { type Family, gan, mlpDiscriminator, mlpGenerator } from "../../src/learn/models/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { createModel, type DeviceParameters } from "../../src/run/model.ts";
import { findPreset, parseConfig } from "../../src/run/presets/index.ts";
import { sampleRequest } from "../../src/run/requests.ts";
import { createTrainingStep } from "../../src/run/training-step.ts";
import { coverage, ringPoints } from "./ring.ts";

const backend = createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

const preset = findPreset("points/gan");
const ring = { name: "ring", fields: { vector: { dtype: "float32", shape: [2] } } } as const;

function batchAt(start: number, count: number): { readonly vector: HostTensor } {
  return { vector: { dtype: "float32", shape: [count, 2], data: ringPoints(start, count) } };
}

test("points/gan, made small, reaches the modes of a ring in seconds", { timeout: 60_000 }, async () => {
  const config = parseConfig(preset.schema, { steps: 1500, batchSize: 128, hidden: [64, 64], learningRate: 0.002 });
  const family = preset.build(config, ring);
  const step = await createTrainingStep(backend, family, config);
  const model = createModel(backend, family);
  await step.prepare?.(batchAt(0, 1024));
  const prepared = await step.state.read();
  const deviations = prepared.get("parameters.standard.deviation")?.data as Float32Array;
  // A ring of radius 2 has a variance of 2 + 0.1^2 along each axis; 1024 points scatter around it.
  for (const deviation of deviations) expect(Math.abs(deviation - Math.sqrt(2.01))).toBeLessThan(0.1);
  for (let i = 0; i < config.steps; i++) await step.run(batchAt((i % 60) * 128, 128), i);
  const { average } = step.state.current() as unknown as Readonly<Record<string, DeviceParameters>>;
  const made = async (truncation: number): Promise<Float32Array> => {
    const request = { ...sampleRequest(family, 2000), controls: { truncation } };
    return (await model.sample(average, keyFromSeed(1), request)).vector.data as Float32Array;
  };
  const seen = coverage(await made(1), 16);
  // Points spread evenly over the square around the ring would reach all modes, but with a quality of 0.16.
  expect(seen.modes).toBeGreaterThanOrEqual(6);
  expect(seen.quality).toBeGreaterThan(0.4);
  // Latents nearer to 0 make samples nearer to one another.
  const widths = await Promise.all([1, 0.1].map(async (truncation) => spread(await made(truncation))));
  expect(widths[1]).toBeLessThan(0.9 * widths[0]);
  await model.dispose();
  await step.dispose();
});

function spread(points: Float32Array): number {
  const mean = (axis: number): number => {
    return points.reduce((sum, x, i) => (i % 2 === axis ? sum + (2 * x) / points.length : sum), 0);
  };
  const centre = [mean(0), mean(1)];
  return points.reduce((sum, x, i) => sum + (x - centre[i % 2]) ** 2 / points.length, 0);
}

test("each phase trains its own network, the discriminator as often as asked", async () => {
  const options = { size: 2, latent: 3, hidden: [8], batchNorm: true };
  const family = gan({
    event: { field: "vector", shape: [2] },
    latent: 3,
    generator: mlpGenerator(options),
    discriminator: mlpDiscriminator({ size: 2, hidden: [8], norm: "spectral" }),
    discriminatorSteps: 3,
    generatorRate: 0.5,
  }) as Family;
  const [discriminator, generator] = family.phases;
  expect(family.phases.map(({ name, repeats, learningRate }) => [name, repeats, learningRate])).toEqual([
    ["discriminator", 3, 1],
    ["generator", undefined, 0.5],
  ]);
  const config = parseConfig(preset.schema, { steps: 1, batchSize: 16, averageDecay: 0 });
  for (const [phase, own] of [
    [discriminator, "discriminator."],
    [generator, "generator."],
  ] as const) {
    const step = await createTrainingStep(backend, { ...family, phases: [phase] }, config);
    const before = await step.state.read();
    await step.run(batchAt(0, step.examples), 0);
    const after = await step.state.read();
    const changed = [...before].flatMap(([path, { data }]) =>
      path.startsWith("parameters.") && data.some((x, i) => x !== after.get(path)?.data[i]) ? [path] : [],
    );
    expect(changed.length).toBeGreaterThan(2);
    expect(changed.filter((path) => !path.startsWith(`parameters.${own}`))).toEqual([]);
    await step.dispose();
  }
});

test("classes steer both networks: samples of a class lie where its examples do", { timeout: 60_000 }, async () => {
  const config = parseConfig(preset.schema, { steps: 700, batchSize: 128, hidden: [64, 64], learningRate: 0.002 });
  const classes = ["left", "right"];
  const family = preset.build(config, {
    ...ring,
    fields: { ...ring.fields, label: { dtype: "int32", shape: [] } },
    classes,
  });
  expect(family.conditions).toEqual({ label: { dtype: "int32", shape: [], classes: 2 } });
  const step = await createTrainingStep(backend, family, config);
  const model = createModel(backend, family);
  for (let i = 0; i < config.steps; i++) {
    const batch = batchAt((i % 60) * 128, 128);
    const label = Int32Array.from({ length: 128 }, (_, j) => ((batch.vector.data as Float32Array)[2 * j] > 0 ? 1 : 0));
    await step.run({ ...batch, label: { dtype: "int32", shape: [128], data: label } }, i);
  }
  const { average } = step.state.current() as unknown as Readonly<Record<string, DeviceParameters>>;
  const request = sampleRequest(family, 1000);
  const { vector } = await model.sample(average, foldKey(keyFromSeed(1), 2), request);
  const right = Array.from({ length: 1000 }, (_, i) => (vector.data as Float32Array)[2 * i] > 0 === (i % 2 === 1));
  // Two of the eight modes lie on the border between the classes.
  expect(right.filter(Boolean).length / 1000).toBeGreaterThan(0.8);
  await model.dispose();
  await step.dispose();
});

test("options that do not fit are refused", () => {
  const build = (given: Readonly<Record<string, unknown>>): unknown =>
    preset.build(parseConfig(preset.schema, given), ring);
  expect(() => build({ norm: "batch", r1: 1 })).toThrow(
    "norm: a gradient penalty over a discriminator with batch norm; outputs must depend on one example each: choose the norm layer, spectral or none",
  );
  expect(() => preset.build(parseConfig(preset.schema, {}), { name: "faces", fields: {} })).toThrow("needs vectors");
  const digits = findPreset("digits/dcgan");
  const image = (size: number) => ({
    name: "images",
    fields: { image: { dtype: "uint8", shape: [1, size, size] } } as const,
  });
  expect(() => digits.build(parseConfig(digits.schema, {}), image(30))).toThrow(
    "image: images of [1, 30, 30] cannot be halved twice; sides must be multiples of 4 from 16 up, such as 28, 32 or 64: choose an image size",
  );
  expect(digits.build(parseConfig(digits.schema, {}), image(64)).conditions).toBeUndefined();
  const style = findPreset("style/cyclegan");
  expect(() => style.build(parseConfig(style.schema, {}), image(32))).toThrow("the preset needs two domains");
});
