import { afterAll, describe, expect, test } from "vitest";
import { printGraph } from "../core/graph/index.ts";
import { type Tensor, trace } from "../core/trace/index.ts";
import { type HostTensor, hostValue, interpret } from "../engine/index.ts";
import type { Family } from "../learn/models/index.ts";
import { linear } from "../learn/nn/index.ts";
import { adam, adamW, muon, type Optimizer, sgd } from "../learn/optim/index.ts";
import { createCpuBackend } from "../platform/node/index.ts";
import { findPreset, parseConfig, type SharedConfig } from "./presets/index.ts";
import { createTrainingStep, optimizerOf, scheduleOf, streamKey } from "./training-step.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

function configOf(given: Readonly<Record<string, unknown>>): SharedConfig {
  return parseConfig(findPreset("digits/vae").schema, { schedule: "constant", ...given });
}

/** The rate's factor at these steps. */
function factors(given: Readonly<Record<string, unknown>>, ...steps: number[]): number[] {
  const rate = scheduleOf(configOf(given));
  const { graph } = trace({ step: { dtype: "uint32", shape: [] } }, ({ step }) => rate(step as Tensor));
  return steps.map((step) => interpret(graph, [hostValue("uint32", [], [step])])[0].data[0]);
}

describe("schedules", () => {
  test("constant", () => {
    expect(factors({}, 0, 1, 1000)).toEqual([1, 1, 1]);
  });
  test("cosine: from 1 at the first step to 0 after the last", () => {
    const [first, half, last, end] = factors({ schedule: "cosine", steps: 100 }, 0, 50, 99, 100);
    expect([first, half, end].map((factor) => Number(factor.toFixed(6)))).toEqual([1, 0.5, 0]);
    expect(last).toBeGreaterThan(0);
  });
  test("cosine after a warm-up, which the steps include", () => {
    const seen = factors({ schedule: "cosine", steps: 100, warmupSteps: 20 }, 0, 9, 19, 20, 60, 100);
    expect(seen.map((factor) => Number(factor.toFixed(6)))).toEqual([0.05, 0.5, 1, 1, 0.5, 0]);
  });
  test("a warm-up as long as the run, and a run of one step", () => {
    expect(factors({ schedule: "cosine", steps: 10, warmupSteps: 50 }, 8)[0]).toBeCloseTo(1, 6);
    expect(factors({ schedule: "cosine", steps: 1 }, 0)).toEqual([1]);
    expect(factors({ schedule: "cosine", steps: 1, warmupSteps: 5 }, 0)).toEqual([1]);
  });
  test("step: a drop at equal intervals, which count from the end of the warm-up", () => {
    const drops = { schedule: "step", decayEvery: 10, decayFactor: 0.5 };
    expect(factors(drops, 0, 9, 10, 25).map((factor) => Number(factor.toFixed(6)))).toEqual([1, 1, 0.5, 0.25]);
    const seen = factors({ ...drops, warmupSteps: 4 }, 1, 4, 13, 14);
    expect(seen.map((factor) => Number(factor.toFixed(6)))).toEqual([0.5, 1, 1, 0.5]);
  });
});

describe("optimizers", () => {
  /** An optimizer by the graph of its update. */
  function graphOf(optimizer: Optimizer): string {
    const types = { p: { dtype: "float32", shape: [2, 3] }, g: { dtype: "float32", shape: [2, 3] } } as const;
    const { graph } = trace({ ...types, step: { dtype: "uint32", shape: [] } }, ({ p, g, step }) =>
      optimizer.update({
        parameters: { p },
        gradients: { p: g },
        state: optimizer.init({ p }),
        step,
        learningRate: 0.1,
      }),
    );
    return printGraph(graph);
  }
  const given = { weightDecay: 0.25, momentum: 0.75, beta1: 0.5, beta2: 0.9 };
  const betas = { beta1: 0.5, beta2: 0.9 };
  const expected = {
    adam: adam({ weightDecay: 0.25, ...betas }),
    adamw: adamW({ weightDecay: 0.25, ...betas }),
    muon: muon({ weightDecay: 0.25, momentum: 0.75, ...betas }),
    sgd: sgd({ weightDecay: 0.25, momentum: 0.75 }),
  };

  test.each(Object.entries(expected))("%s, with the config's numbers", (optimizer, wanted) => {
    expect(graphOf(optimizerOf(configOf({ ...given, optimizer })))).toBe(graphOf(wanted as Optimizer));
  });
  test("are four different ones", () => {
    expect(new Set(Object.values(expected).map((optimizer) => graphOf(optimizer as Optimizer))).size).toBe(4);
  });
});

test("streams of one seed differ, and so do those of two", () => {
  const names = ["init", "train", "data", "evaluate", "samples"] as const;
  const keys = [0, 1].flatMap((seed) => names.map((name) => String(streamKey(seed, name))));
  expect(new Set(keys).size).toBe(10);
});

/** A straight line through points, in one or two phases. */
function line(phases: readonly ("weight" | "bias" | "nothing")[]): Family {
  const module = linear({ inputs: 1, outputs: 1 });
  return {
    name: "line",
    inputs: { x: { dtype: "float32", shape: [1] }, y: { dtype: "float32", shape: [1] } },
    outputs: {},
    init: (key) => module.init(key),
    phases: phases.map((name) => ({
      name,
      trains: (path) => path === name,
      loss: (parameters, { x, y }, context) => {
        const error = module.apply(parameters as never, x, context).sub(y);
        return { loss: error.square().mean(), metrics: { error: error.abs().mean() } };
      },
    })),
    sample: () => ({}),
  };
}

const batch: Readonly<Record<string, HostTensor>> = {
  x: { dtype: "float32", shape: [4, 1], data: Float32Array.of(-1, 0, 1, 2) },
  y: { dtype: "float32", shape: [4, 1], data: Float32Array.of(-100, 0, 100, 200) },
};
const plain = { batchSize: 4, optimizer: "sgd", momentum: 0, learningRate: 0.01, steps: 10 };

async function numbersOf(step: Awaited<ReturnType<typeof createTrainingStep>>): Promise<Record<string, number>> {
  return Object.fromEntries([...(await step.state.read())].map(([path, { data }]) => [path, Number(data[0])]));
}

describe("a step", () => {
  test("changes in each phase what it trains, and prefixes metrics where there are several", async () => {
    const step = await createTrainingStep(backend, line(["weight", "bias"]), configOf(plain));
    const before = await numbersOf(step);
    const metrics = await step.run(batch, 0);
    expect(Object.keys(metrics)).toEqual(["weight.loss", "weight.error", "bias.loss", "bias.error"]);
    // The second phase sees what the first one made.
    expect(metrics["bias.loss"]).toBeLessThan(metrics["weight.loss"]);
    const after = await numbersOf(step);
    expect(Object.keys(after).filter((path) => after[path] === before[path])).toEqual([]);
    expect(step.parameterCount).toBe(2);
    await step.state.dispose();
  });
  test("of one phase leaves the other parameter alone", async () => {
    const step = await createTrainingStep(backend, line(["weight"]), configOf(plain));
    const before = await numbersOf(step);
    expect(Object.keys(await step.run(batch, 0))).toEqual(["loss", "error"]);
    const after = await numbersOf(step);
    expect(after["parameters.bias"]).toBe(before["parameters.bias"]);
    expect(after["parameters.weight"]).not.toBe(before["parameters.weight"]);
    await step.state.dispose();
  });
  test("with clipNorm moves no further than it says, and reports the norm", async () => {
    const step = await createTrainingStep(backend, line(["weight"]), configOf({ ...plain, clipNorm: 0.5 }));
    const before = await numbersOf(step);
    const { gradientNorm } = await step.run(batch, 0);
    expect(gradientNorm).toBeGreaterThan(100);
    const moved = (await numbersOf(step))["parameters.weight"] - before["parameters.weight"];
    expect(moved).toBeCloseTo(0.5 * 0.01, 6);
    await step.state.dispose();
  });
  test("with averageDecay keeps an average, which starts as the parameters and follows them", async () => {
    const step = await createTrainingStep(backend, line(["weight"]), configOf({ ...plain, averageDecay: 0.9 }));
    const before = await numbersOf(step);
    expect(before["average.weight"]).toBe(before["parameters.weight"]);
    await step.run(batch, 0);
    const after = await numbersOf(step);
    // At step 0 the average keeps 1 / 10.
    const expected = 0.1 * before["average.weight"] + 0.9 * after["parameters.weight"];
    expect(after["average.weight"]).toBeCloseTo(expected, 5);
    await step.state.dispose();
  });
  test("takes its learning rate from the schedule", async () => {
    const moved: number[] = [];
    for (const schedule of ["constant", "step"]) {
      const config = configOf({ ...plain, schedule, decayEvery: 1, decayFactor: 0.5 });
      const step = await createTrainingStep(backend, line(["weight"]), config);
      const before = await numbersOf(step);
      await step.run(batch, 3);
      moved.push((await numbersOf(step))["parameters.weight"] - before["parameters.weight"]);
      await step.state.dispose();
    }
    expect(moved[1] / moved[0]).toBeCloseTo(0.125, 4);
  });
  test("uses a phase that repeats as often, each time on other examples", async () => {
    const family = line(["weight", "bias"]);
    const [first, second] = family.phases;
    const repeating: Family = { ...family, phases: [{ ...first, repeats: 3 }, second] };
    const config = configOf({ ...plain, batchSize: 4 });
    const step = await createTrainingStep(backend, repeating, config);
    expect(step.examples).toBe(12);
    const weights = async (): Promise<number> => (await numbersOf(step))["parameters.weight"];
    const before = await weights();
    // Only the second part has a slope to learn from; the third one's points are all at x = 0.
    const x = Float32Array.of(0, 0, 0, 0, -1, 0, 1, 2, 0, 0, 0, 0);
    await step.run(
      {
        x: { dtype: "float32", shape: [12, 1], data: x },
        y: { dtype: "float32", shape: [12, 1], data: x.map((value) => 100 * value) },
      },
      0,
    );
    const alone = await createTrainingStep(backend, line(["weight"]), config);
    await alone.run(batch, 0);
    const moved = (await numbersOf(alone))["parameters.weight"] - before;
    expect((await weights()) - before).toBeCloseTo(moved, 4);
    await alone.dispose();
    await step.dispose();
  });
  test("multiplies a phase's learning rate by its factor", async () => {
    const moved: number[] = [];
    for (const learningRate of [1, 0.25]) {
      const family = line(["weight"]);
      const slow: Family = { ...family, phases: [{ ...family.phases[0], learningRate }] };
      const step = await createTrainingStep(backend, slow, configOf(plain));
      const before = await numbersOf(step);
      await step.run(batch, 0);
      moved.push((await numbersOf(step))["parameters.weight"] - before["parameters.weight"]);
      await step.dispose();
    }
    expect(moved[1] / moved[0]).toBeCloseTo(0.25, 5);
  });
  test("is prepared by a batch of any size: parameters and their average change, and nothing else", async () => {
    const family = line(["weight"]);
    const fitted: Family = {
      ...family,
      prepare: (parameters, { y }) => ({ ...(parameters as { weight: Tensor }), bias: y.mean().reshape([1]) }),
    };
    const step = await createTrainingStep(backend, fitted, configOf({ ...plain, averageDecay: 0.9 }));
    const before = await numbersOf(step);
    await step.prepare?.({
      x: { dtype: "float32", shape: [2, 1], data: Float32Array.of(0, 0) },
      y: { dtype: "float32", shape: [2, 1], data: Float32Array.of(3, 5) },
    });
    expect(await numbersOf(step)).toEqual({ ...before, "parameters.bias": 4, "average.bias": 4 });
    expect((await createTrainingStep(backend, family, configOf(plain))).prepare).toBeUndefined();
    await step.dispose();
  });
  test("of a phase that trains nothing is refused", async () => {
    await expect(createTrainingStep(backend, line(["weight", "nothing"]), configOf(plain))).rejects.toThrow(
      "nothing: the phase trains no parameter",
    );
  });
});
