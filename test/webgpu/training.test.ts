/** Training steps on the WebGPU backend, beside the same ones on the CPU. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import { constantKey, lowerGraph, randomNormal, trace, webgpuTarget } from "../../src/core/index.ts";
import type { Backend, HostTensor } from "../../src/engine/index.ts";
import { createCpuBackend, createWebgpuBackend } from "../../src/platform/node/index.ts";
import { findPreset, type HostBatch, parseConfig } from "../../src/run/index.ts";
import { createTrainingStep, type TrainingStep } from "../../src/run/training-step.ts";

const cpu = createCpuBackend({ threads: 1 });
const webgpu = await createWebgpuBackend();
afterAll(() => Promise.all([cpu.dispose(), webgpu.dispose()]));

/** Small, as SwiftShader takes a hundred times as long as the CPU. */
const shape = [1, 8, 8];
const batchSize = 16;
const steps = 30;
const small = { latent: 4, components: 16, batchSize, steps: 1000, seed: 3, schedule: "constant" };

/** Why a model that draws random numbers cannot be trained; `undefined` where it can. */
function randomRefusal(): string | undefined {
  try {
    lowerGraph(trace({}, () => randomNormal(constantKey([1, 2]), [4])).graph, webgpuTarget);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function batch(step: number): HostBatch {
  const key = keyFromSeed(step % 4);
  // The same corner of each picture is white.
  const data = Uint8Array.from({ length: batchSize * 64 }, (_, i) =>
    i % 64 < 20 || randomUniform(key, i) < 0.05 ? 255 : 0,
  );
  return { image: { dtype: "uint8", shape: [batchSize, ...shape], data } };
}

async function runSteps(step: TrainingStep, count: number): Promise<readonly number[]> {
  const losses: number[] = [];
  for (let i = 0; i < count; i++) losses.push((await step.run(batch(i), i)).loss);
  return losses;
}

type State = ReadonlyMap<string, HostTensor>;

/** Largest difference of two arrays, relative to the largest number of the first. */
function relativeGap(a: readonly number[], b: readonly number[]): number {
  const largest = Math.max(...a.map(Math.abs));
  return Math.max(...a.map((number, i) => Math.abs(number - b[i]))) / (largest || 1);
}

function changes(before: State, after: State, path: string): readonly number[] {
  const [from, to] = [before, after].map((state) => Array.from(state.get(path)?.data ?? [], Number));
  return to.map((number, i) => number - from[i]);
}

/** A step's changes are gradients times a rate, subtracted from parameters: float32 leaves them four digits. */
const gradientTolerance = 1e-3;
const lossTolerance = 1e-5;

const refusal = randomRefusal();
const networks = [
  ["digits/vae", { hidden: [32] }],
  ["digits/conv-vae", { hidden: 16, channels: [4, 8] }],
] as const;

describe.skipIf(refusal !== undefined).each(networks)(`%s${refusal ? ` (skipped: ${refusal})` : ""}`, (name, sizes) => {
  const stepOn = (backend: Backend, optimizer: "sgd" | "adam", learningRate: number): Promise<TrainingStep> => {
    const preset = findPreset(name);
    const config = parseConfig(preset.schema, { ...small, ...sizes, optimizer, learningRate });
    const family = preset.build(config, { name: "test", fields: { image: { dtype: "uint8", shape } } });
    return createTrainingStep(backend, family, config);
  };

  test("one step gives the CPU's loss and gradients", async () => {
    const [here, there] = [await stepOn(cpu, "sgd", 0.1), await stepOn(webgpu, "sgd", 0.1)];
    const before = await here.state.read();
    await there.state.write(before, "the CPU");
    const [[loss], [seen]] = [await runSteps(here, 1), await runSteps(there, 1)];
    expect(Math.abs(seen - loss)).toBeLessThan(lossTolerance * Math.abs(loss));
    const [after, found] = [await here.state.read(), await there.state.read()];
    const paths = [...before.keys()].filter((path) => path.startsWith("parameters."));
    expect(paths.length).toBeGreaterThan(6);
    for (const path of paths) {
      const gap = relativeGap(changes(before, after, path), changes(before, found, path));
      expect({ path, gap, close: gap < gradientTolerance }).toMatchObject({ close: true });
    }
    await Promise.all([here.dispose(), there.dispose()]);
  });

  describe("many steps", () => {
    let step: TrainingStep;
    let initial: State;
    let losses: readonly number[];
    let last: State;
    beforeAll(async () => {
      step = await stepOn(webgpu, "adam", 0.01);
      initial = await step.state.read();
      losses = await runSteps(step, steps);
      last = await step.state.read();
    });
    afterAll(() => step.dispose());

    test("learn", () => {
      expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]);
    });
    test("give the same bytes again", async () => {
      await step.state.write(initial, "the beginning");
      expect(await runSteps(step, steps)).toEqual(losses);
      expect(await step.state.read()).toEqual(last);
    });
  });
});
