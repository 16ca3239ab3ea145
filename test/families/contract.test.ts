/** One contract for every family: what training, sampling and judging rely on. */

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { foldKey } from "../../src/core/base/index.ts";
import {
  grad,
  keyFromSeed,
  leavesOf,
  sizeOf,
  type Tensor,
  type TensorTree,
  type TensorType,
} from "../../src/core/index.ts";
import { type HostTensor, jit } from "../../src/engine/index.ts";
import type { TensorBatch } from "../../src/learn/models/index.ts";
import { trainingContext } from "../../src/learn/nn/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import {
  batchTypes,
  createModel,
  type DeviceParameters,
  type HostBatch,
  keyTensor,
  type Model,
  parameterTypes,
  type Results,
} from "../../src/run/model.ts";
import { findPreset, parseConfig, type SharedConfig } from "../../src/run/presets/index.ts";
import { sampleRequest } from "../../src/run/requests.ts";
import { createTrainingStep, streamKey, type TrainingStep } from "../../src/run/training-step.ts";
import { loadDigits } from "./digits.ts";
import { type FamilyUnderContract, families } from "./families.ts";

type GradientArguments = { readonly parameters: TensorTree; readonly key: Tensor; readonly batch: TensorBatch };

const backend = createCpuBackend({ threads: 2 });
const digits = await loadDigits(256);
const batchSize = 64;
const batchesPerEpoch = 4;

afterAll(() => backend.dispose());

/** Of the fields that a family reads. */
function batchFor({ family, fields }: FamilyUnderContract, step: number, count = batchSize): HostBatch {
  const start = (step % batchesPerEpoch) * batchSize;
  const data = digits.slice(start * 784, (start + count) * 784);
  const all: HostBatch = { image: { dtype: "uint8", shape: [count, 1, 28, 28], data }, ...fields?.(start, count) };
  return Object.fromEntries(Object.keys(family.inputs).map((name) => [name, all[name]]));
}

function configOf({ learningRate, steps }: FamilyUnderContract): SharedConfig {
  const { schema } = findPreset("digits/vae");
  return parseConfig(schema, { schedule: "constant", batchSize, learningRate, steps, seed: 3 });
}

function mean(numbers: ArrayLike<number | bigint>): number {
  return Array.from(numbers, Number).reduce((sum, number) => sum + number / numbers.length, 0);
}

/** A tensor by the hash of its bytes: comparing millions of numbers one by one is slow. */
function hashOf({ dtype, shape, data }: HostTensor): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return `${dtype}[${shape}] ${createHash("sha256").update(bytes).digest("hex")}`;
}

function fingerprint(state: ReadonlyMap<string, HostTensor>): Readonly<Record<string, string>> {
  return Object.fromEntries([...state].map(([path, tensor]) => [path, hashOf(tensor)]));
}

/** Paths of parameters whose numbers differ. */
function changes(before: ReadonlyMap<string, HostTensor>, after: ReadonlyMap<string, HostTensor>): string[] {
  const differs = ([path, { data }]: [string, HostTensor]): boolean =>
    data.some((x, i) => x !== after.get(path)?.data[i]);
  const prefix = "parameters.";
  return [...before]
    .filter(([path]) => path.startsWith(prefix))
    .filter(differs)
    .map(([path]) => path.slice(prefix.length));
}

describe.each(families.map((one) => [one.name, one] as const))("%s", (_, one) => {
  const { family, steps, running, fixed = [] } = one;
  const paths = leavesOf<TensorType>(parameterTypes(family)).map(({ path }) => path);
  /** What it makes: an image or a vector. */
  const [field] = Object.keys(family.outputs);
  const batchAt = (at: number, count?: number): HostBatch => batchFor(one, at, count);
  const runSteps = async (
    trained: TrainingStep,
    from: number,
    to: number,
  ): Promise<Readonly<Record<string, number>>[]> => {
    const results: Readonly<Record<string, number>>[] = [];
    for (let i = from; i < to; i++) results.push(await trained.run(batchAt(i), i));
    return results;
  };
  const key = keyFromSeed(11);
  let step: TrainingStep;
  let model: Model;
  let initial: ReadonlyMap<string, HostTensor>;
  /** After three steps. */
  let early: ReadonlyMap<string, HostTensor>;
  let metrics: readonly Readonly<Record<string, number>>[];
  const parameters = (): DeviceParameters => step.state.current().parameters as unknown as DeviceParameters;

  beforeAll(async () => {
    step = await createTrainingStep(backend, family, configOf(one));
    model = createModel(backend, family);
    initial = await step.state.read();
    const first = await runSteps(step, 0, 3);
    early = await step.state.read();
    metrics = [...first, ...(await runSteps(step, 3, steps))];
  });
  afterAll(async () => {
    await model.dispose();
    await step.state.dispose();
  });

  test("the gradient reaches each parameter that a phase trains", async () => {
    const gradientsOf = jit(backend, "gradients", (args): TensorTree => {
      const given = args as unknown as GradientArguments;
      const { loss } = family.phases[0].loss(given.parameters, given.batch, trainingContext(given.key));
      return grad(loss, given.parameters);
    });
    const args = { parameters: parameters(), key: keyTensor(key), batch: batchAt(0) };
    const gradients = leavesOf<HostTensor>((await gradientsOf(args as never)) as never);
    const without = gradients.filter(({ value }) => !value.data.some((number) => Number(number) !== 0));
    expect(without.map(({ path }) => path).filter((path) => !fixed.includes(path))).toEqual(running);
    expect(gradients.every(({ value }) => value.data.every((number) => Number.isFinite(Number(number))))).toBe(true);
    await gradientsOf.dispose();
  });

  test("every parameter moves; running statistics do so without an optimizer", async () => {
    const state = await step.state.read();
    expect(changes(initial, state)).toEqual(paths.filter((path) => !fixed.includes(path)));
    const trained = paths.filter((path) => !running.includes(path) && !fixed.includes(path));
    const moments = [...state.keys()].filter((path) => path.startsWith("optimizer.train.firstMoment."));
    expect(moments).toEqual(trained.map((path) => `optimizer.train.firstMoment.${path}`));
  });

  test("the loss falls below that of a model that is the same for every example", async () => {
    const bound = one.bound(digits, await step.state.read());
    const losses = metrics.map(({ loss }) => loss);
    expect(losses[0]).toBeGreaterThan(bound);
    expect(mean(losses.slice(-batchesPerEpoch))).toBeLessThan(bound);
  });

  test("samples are of the declared types, images within [0, 1], and a function of the key", async () => {
    const [first, again, other] = [
      await model.sample(parameters(), key, sampleRequest(family, 3)),
      await model.sample(parameters(), key, sampleRequest(family, 3)),
      await model.sample(parameters(), foldKey(key, 1), sampleRequest(family, 3)),
    ].map((results) => results[field]);
    const { dtype, shape } = family.outputs[field];
    expect(first).toMatchObject({ dtype, shape: [3, ...shape] });
    expect(first.data.every((x) => Number.isFinite(x) && (field === "vector" || (x >= 0 && x <= 1)))).toBe(true);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const size = sizeOf(shape);
    const [top, below] = [first.data.slice(0, size), first.data.slice(size, 2 * size)];
    expect(top).not.toEqual(below);
  });

  test("a seed gives the same parameters and metrics to the last bit, another seed others", async () => {
    const init = jit(backend, "init", (args): TensorTree => family.init((args as unknown as { key: Tensor }).key));
    const leaves = async (seed: number): Promise<string[]> => {
      const numbers = await init({ key: keyTensor(streamKey(seed, "init")) } as never);
      return leavesOf<HostTensor>(numbers as never).map(({ value }) => hashOf(value));
    };
    const first = paths.map((path) => hashOf(initial.get(`parameters.${path}`) as HostTensor));
    expect(await leaves(3)).toEqual(first);
    expect(await leaves(4)).not.toEqual(first);
    await init.dispose();
    const trained = await step.state.read();
    await step.state.write(initial, "the beginning");
    expect(await runSteps(step, 0, 3)).toEqual(metrics.slice(0, 3));
    expect(fingerprint(await step.state.read())).toEqual(fingerprint(early));
    await step.state.write(trained, "the end");
  });

  test("a saved state goes on with the same step", async () => {
    const saved = await step.state.read();
    const goneOn = await runSteps(step, steps, steps + 2);
    const after = fingerprint(await step.state.read());
    await step.state.write(saved, "a test");
    expect(fingerprint(await step.state.read())).toEqual(fingerprint(saved));
    expect(await runSteps(step, steps, steps + 2)).toEqual(goneOn);
    expect(fingerprint(await step.state.read())).toEqual(after);
  });

  test.skipIf(!family.score)("scores are named as announced, one for each example, and add up", async () => {
    const scores = (await model.score?.(parameters(), batchAt(0), key)) as Results;
    expect(Object.keys(scores)).toEqual(family.scores);
    for (const { shape, data } of Object.values(scores)) {
      expect(shape).toEqual([batchSize]);
      expect(data.every((x) => Number.isFinite(Number(x)))).toBe(true);
    }
    const { negativeElbo, reconstruction, kl } = scores;
    negativeElbo?.data.forEach((whole: number | bigint, i: number) => {
      // One float32 addition of numbers up to a thousand.
      expect(Number(whole)).toBeCloseTo(Number(reconstruction.data[i]) + Number(kl.data[i]), 2);
    });
  });

  test.skipIf(!(family.logProb && family.exact))("an exact log p needs one sample", async () => {
    const [first, second] = await Promise.all(
      [1, 5].map((samples) => model.logProb?.(parameters(), batchAt(1), { key, noise: key }, samples)),
    );
    expect(first?.shape).toEqual([batchSize]);
    expect(first?.data.every((x) => Number.isFinite(Number(x)))).toBe(true);
    expect(second?.data).toEqual(first?.data);
  });

  test.skipIf(!family.logProb || family.exact)(
    "a bound on log p rises with the number of samples, from the ELBO on",
    async () => {
      const bounds: number[] = [];
      for (const samples of [1, 6, 30]) {
        const logProb = await model.logProb?.(parameters(), batchAt(1), { key, noise: key }, samples);
        expect(logProb?.shape).toEqual([batchSize]);
        bounds.push(mean((logProb as HostTensor).data));
      }
      expect(bounds[1]).toBeGreaterThan(bounds[0]);
      expect(bounds[2]).toBeGreaterThan(bounds[1]);
      const scores = await model.score?.(parameters(), batchAt(1), key);
      const negativeElbo = mean((scores as Readonly<Record<string, HostTensor>>).negativeElbo.data);
      // 1 sample estimates the ELBO without bias: 64 examples whose estimates scatter by about 8 nats.
      const noise = 5;
      expect(Math.abs(bounds[0] + negativeElbo)).toBeLessThan(noise);
      expect(bounds[2]).toBeGreaterThan(-negativeElbo);
    },
  );

  test.skipIf(!family.encode)("codes, and what is decoded from them, are of the declared shapes", async () => {
    const batch = batchAt(0, 5);
    const codes = (await model.encode?.(parameters(), batch)) as HostTensor;
    expect(codes).toMatchObject({ dtype: "float32", shape: [5, codes.shape[1]] });
    const conditions = Object.fromEntries(Object.keys(family.conditions ?? {}).map((name) => [name, batch[name]]));
    const decoded = await model.decode?.(parameters(), codes, conditions);
    const rebuilt = await model.reconstruct?.(parameters(), batch);
    expect(decoded?.[field]).toMatchObject({ dtype: "float32", shape: [5, ...family.outputs[field].shape] });
    expect(rebuilt?.[field].shape).toEqual(decoded?.[field].shape);
    // The same computation in two programs, which may round differently.
    decoded?.[field].data.forEach((x: number | bigint, i: number) => {
      expect(Math.abs(Number(x) - Number(rebuilt?.[field].data[i]))).toBeLessThan(1e-4);
    });
  });

  test.skipIf(!family.reconstruct)("reconstructions are nearer to their own example than to the next", async () => {
    const batch = batchAt(0);
    const rebuilt = (await model.reconstruct?.(parameters(), batch)) as Results;
    const seen = Float32Array.from(rebuilt[field].data as Float32Array);
    const given = Float32Array.from(batch[field].data as Float32Array, (x) => (field === "image" ? x / 255 : x));
    const size = sizeOf(family.outputs[field].shape);
    const distance = (offset: number): number =>
      mean(seen.map((x, i) => (x - given[(i + offset * size) % given.length]) ** 2));
    expect(distance(0)).toBeLessThan(0.85 * distance(1));
  });

  test("a batch has the fields that the family reads", () => {
    expect(Object.keys(batchTypes(family, 2))).toEqual(Object.keys(family.inputs));
  });
});
