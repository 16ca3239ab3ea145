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
  type HostRequest,
  keyTensor,
  type Model,
  parameterTypes,
  type Results,
} from "../../src/run/model.ts";
import { findPreset, parseConfig, type SharedConfig } from "../../src/run/presets/index.ts";
import { sampleRequest } from "../../src/run/requests.ts";
import { createTrainingStep, streamKey, type TrainingStep } from "../../src/run/training-step.ts";
import { loadDigitLabels, loadDigits } from "./digits.ts";
import { families } from "./families.ts";
import type { FamilyUnderContract } from "./under-contract.ts";

type GradientArguments = { readonly parameters: TensorTree; readonly key: Tensor; readonly batch: TensorBatch };

const backend = createCpuBackend({ threads: 2 });
const digits = await loadDigits(256);
const labels = await loadDigitLabels(256);
const batchSize = 64;
const batchesPerEpoch = 4;

afterAll(() => backend.dispose());

/** The fields that a family reads. */
function batchOf({ family, fields }: FamilyUnderContract, start: number, count: number): HostBatch {
  const data = digits.slice(start * 784, (start + count) * 784);
  const all: HostBatch = {
    image: { dtype: "uint8", shape: [count, 1, 28, 28], data },
    label: { dtype: "int32", shape: [count], data: labels.slice(start, start + count) },
    ...fields?.(start, count, digits),
  };
  return Object.fromEntries(Object.keys(family.inputs).map((name) => [name, all[name]]));
}

function configOf({ learningRate, steps }: FamilyUnderContract): SharedConfig {
  const { schema } = findPreset("digits/vae");
  return parseConfig(schema, { schedule: "constant", batchSize, learningRate, steps, seed: 3 });
}

type Metrics = Readonly<Record<string, number>>;

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
  const { family, steps, running, fixed = [], bound, phase, error } = one;
  const paths = leavesOf<TensorType>(parameterTypes(family)).map(({ path }) => path);
  /** What it makes: an image, a clip, a vector or bits. */
  const [field] = Object.keys(family.outputs);
  const key = keyFromSeed(11);
  let step: TrainingStep;
  let model: Model;
  let initial: ReadonlyMap<string, HostTensor>;
  /** After three steps. */
  let early: ReadonlyMap<string, HostTensor>;
  let metrics: readonly Metrics[];
  const batchAt = (index: number, count = batchSize): HostBatch =>
    batchOf(one, (index * batchSize) % (batchesPerEpoch * batchSize), count);
  const runSteps = async (from: number, to: number): Promise<Metrics[]> => {
    const seen: Metrics[] = [];
    // Fitted to what training sees first, as training does.
    if (from === 0) await step.prepare?.(batchOf(one, 0, batchesPerEpoch * batchSize));
    for (let i = from; i < to; i++) seen.push(await step.run(batchAt(i, step.examples), i));
    return seen;
  };
  /** Conditions that are fields of a batch, such as images and texts, are those of the first one. */
  const requestOf = (count: number): HostRequest => {
    const told = Object.entries(family.conditions ?? {});
    const given = told.filter(([, { shape, optional }]) => shape.length > 0 && optional === undefined);
    if (given.length === 0) return sampleRequest(family, count);
    const batch = batchAt(0, count);
    const { controls } = sampleRequest({ ...family, conditions: {} }, count);
    return { count, controls, conditions: Object.fromEntries(told.map(([name]) => [name, batch[name]] as const)) };
  };
  const parameters = (): DeviceParameters => step.state.current().parameters as unknown as DeviceParameters;

  beforeAll(async () => {
    step = await createTrainingStep(backend, family, configOf(one));
    model = createModel(backend, family);
    initial = await step.state.read();
    const first = await runSteps(0, 3);
    early = await step.state.read();
    metrics = [...first, ...(await runSteps(3, steps))];
  });
  afterAll(async () => {
    await model.dispose();
    await step.state.dispose();
  });

  test("the gradient reaches each parameter that a phase trains", async () => {
    for (const phase of family.phases) {
      const gradientsOf = jit(backend, "gradients", (args): TensorTree => {
        const given = args as unknown as GradientArguments;
        const { loss } = phase.loss(given.parameters, given.batch, trainingContext(given.key));
        return grad(loss, given.parameters);
      });
      const args = { parameters: parameters(), key: keyTensor(key), batch: batchAt(0) };
      const gradients = leavesOf<HostTensor>((await gradientsOf(args as never)) as never);
      const trained = gradients.filter(({ path }) => phase.trains(path) && !running.includes(path));
      const without = trained.filter(({ value }) => !value.data.some((number) => Number(number) !== 0));
      expect(without.map(({ path }) => path)).toEqual([]);
      expect(trained.every(({ value }) => value.data.every((number) => Number.isFinite(Number(number))))).toBe(true);
      await gradientsOf.dispose();
    }
  });

  test("every parameter moves; only those that a phase trains have an optimizer", async () => {
    const state = await step.state.read();
    expect(changes(initial, state).filter((path) => !fixed.includes(path))).toEqual(
      paths.filter((path) => !fixed.includes(path)),
    );
    for (const { name, trains } of family.phases) {
      const trained = paths.filter((path) => trains(path) && !running.includes(path));
      const moments = [...state.keys()].filter((path) => path.startsWith(`optimizer.${name}.firstMoment.`));
      expect(moments).toEqual(trained.map((path) => `optimizer.${name}.firstMoment.${path}`));
    }
  });

  test.skipIf(!bound)("the loss falls below that of a model that is the same for every example", async () => {
    const least = bound?.(digits, await step.state.read()) ?? Number.NaN;
    const losses = metrics.map((one) => one[phase === undefined ? "loss" : `${phase}.loss`]);
    expect(losses[0]).toBeGreaterThan(least);
    expect(mean(losses.slice(-batchesPerEpoch))).toBeLessThan(least);
  });

  test.skipIf(!error)("samples come nearer to the data", async () => {
    const measure = async (): Promise<number> =>
      error?.((await model.sample(parameters(), key, requestOf(64)))[field], digits) ?? Number.NaN;
    const trained = await step.state.read();
    const after = await measure();
    await step.state.write(initial, "the beginning");
    const before = await measure();
    await step.state.write(trained, "the end");
    expect(after).toBeLessThan(before / 2);
  });

  test("something is learned that a test can see", () => {
    expect(bound ?? error).toBeDefined();
  });

  test("samples are of the declared types, images within [0, 1], and a function of the key", async () => {
    const [first, again, other] = [
      await model.sample(parameters(), key, requestOf(3)),
      await model.sample(parameters(), key, requestOf(3)),
      await model.sample(parameters(), foldKey(key, 1), requestOf(3)),
    ].map((results) => results[field]);
    const { dtype, shape } = family.outputs[field];
    expect(first).toMatchObject({ dtype, shape: [3, ...shape] });
    const isAllowed = (x: number | bigint): boolean => {
      if (dtype === "int32") return x >= 0;
      return ["vector", "future"].includes(field) ? Number.isFinite(Number(x)) : x >= 0 && x <= 1;
    };
    expect(first.data.every(isAllowed)).toBe(true);
    expect(again).toEqual(first);
    if (one.isCertain) expect(other).toEqual(first);
    else expect(other).not.toEqual(first);
    const size = sizeOf(shape);
    const rows = [0, 1, 2].map((row) => Array.from(first.data.slice(row * size, (row + 1) * size), String).join());
    expect(new Set(rows).size).toBeGreaterThan(1);
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
    expect(await runSteps(0, 3)).toEqual(metrics.slice(0, 3));
    expect(fingerprint(await step.state.read())).toEqual(fingerprint(early));
    await step.state.write(trained, "the end");
  });

  test("a saved state goes on with the same step", async () => {
    const saved = await step.state.read();
    const goneOn = await runSteps(steps, steps + 2);
    const after = fingerprint(await step.state.read());
    await step.state.write(saved, "a test");
    expect(fingerprint(await step.state.read())).toEqual(fingerprint(saved));
    expect(await runSteps(steps, steps + 2)).toEqual(goneOn);
    expect(fingerprint(await step.state.read())).toEqual(after);
  });

  test.skipIf(!family.score)("scores are named as announced, one for each example, and add up", async () => {
    const scores = (await model.score?.(parameters(), batchAt(0), key)) as Results;
    expect(Object.keys(scores)).toEqual(family.scores);
    for (const { shape, data } of Object.values(scores)) {
      expect(shape).toEqual([batchSize]);
      expect(data.every((x) => Number.isFinite(Number(x)))).toBe(true);
    }
    if (!family.scores?.includes("negativeElbo")) return;
    const { negativeElbo, reconstruction, kl } = scores;
    if (!negativeElbo) return;
    negativeElbo.data.forEach((whole: number | bigint, i: number) => {
      // One float32 addition of numbers up to a thousand.
      expect(Number(whole)).toBeCloseTo(Number(reconstruction.data[i]) + Number(kl.data[i]), 2);
    });
  });

  test.skipIf(!family.exact)("an exact log p is the score, and needs one sample but for added noise", async () => {
    const logs = async (samples: number): Promise<HostTensor> =>
      (await model.logProb?.(parameters(), batchAt(1), { key, noise: foldKey(key, 0) }, samples)) as HostTensor;
    const [once, often] = [await logs(1), await logs(5)];
    expect(once.shape).toEqual([batchSize]);
    if (family.dimensions === undefined) expect(often).toEqual(once);
    // More draws of noise make the bound sharper.
    else expect(mean(often.data)).toBeGreaterThan(mean(once.data));
    if (!family.scores?.includes("negativeLogLikelihood")) return;
    const scores = (await model.score?.(parameters(), batchAt(1), key)) as Results;
    once.data.forEach((log: number | bigint, i: number) => {
      const score = Number(scores.negativeLogLikelihood.data[i]);
      // Two programs, which may round differently.
      expect(Math.abs(Number(log) + score)).toBeLessThan(1e-4 * Math.max(1, Math.abs(score)));
    });
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
    const own = Object.keys(family.conditions ?? {}).map((name) => [name, batch[name]] as const);
    const decoded = await model.decode?.(parameters(), codes, Object.fromEntries(own));
    expect(decoded?.[field]).toMatchObject({ dtype: "float32", shape: [5, ...family.outputs[field].shape] });
    const rebuilt = await model.reconstruct?.(parameters(), batch);
    if (!rebuilt) return;
    expect(rebuilt[field].shape).toEqual(decoded?.[field].shape);
    // The same computation in two programs, which may round differently.
    decoded?.[field].data.forEach((x: number | bigint, i: number) => {
      expect(Math.abs(Number(x) - Number(rebuilt[field].data[i]))).toBeLessThan(1e-4);
    });
  });

  test.skipIf(!family.reconstruct)("reconstructions are nearer to their own example than to the next", async () => {
    const batch = batchAt(0);
    const rebuilt = (await model.reconstruct?.(parameters(), batch)) as Results;
    const seen = Float32Array.from(rebuilt[field].data as Float32Array);
    const scale = batch[field].dtype === "uint8" ? 1 / 255 : 1;
    const given = Float32Array.from(batch[field].data as Float32Array, (x) => scale * x);
    const size = sizeOf(family.outputs[field].shape);
    const distance = (offset: number): number =>
      mean(seen.map((x, i) => (x - given[(i + offset * size) % given.length]) ** 2));
    expect(distance(0)).toBeLessThan(0.85 * distance(1));
  });

  test.skipIf(!family.drawLatents)("random codes are decoded to samples", async () => {
    const codes = (await model.drawLatents?.(parameters(), key, 4)) as HostTensor;
    expect(codes).toMatchObject({ dtype: "float32", shape: [4, codes.shape[1]] });
    const decoded = await model.decode?.(parameters(), codes, requestOf(4).conditions);
    expect(decoded?.[field].shape).toEqual([4, ...family.outputs[field].shape]);
    expect(await model.drawLatents?.(parameters(), foldKey(key, 1), 4)).not.toEqual(codes);
  });

  test("a batch has the fields that the family reads", () => {
    expect(Object.keys(batchTypes(family, 2))).toEqual(Object.keys(family.inputs));
  });
});
