import { afterAll, describe, expect, test } from "vitest";
import { grad } from "../core/autodiff/index.ts";
import { leavesOf } from "../core/base/index.ts";
import type { TensorType } from "../core/graph/index.ts";
import { constantKey, randomNormal, type Tensor, type TensorTree, trace } from "../core/trace/index.ts";
import { adam } from "../learn/optim/index.ts";
import { createCpuBackend } from "../platform/node/index.ts";
import type { HostTensor } from "./backend.ts";
import { type HostValue, hostValue, interpret } from "./interpreter/index.ts";
import { compileUpdate, createState, type DeviceState, type StartingState, type StateTree } from "./state.ts";

const backend = createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

const examples = 16;
const steps = 20;
const feedTypes = {
  x: { dtype: "float32", shape: [examples, 3] },
  y: { dtype: "float32", shape: [examples, 1] },
  step: { dtype: "uint32", shape: [] },
} as const satisfies Record<string, TensorType>;

type Feeds = { readonly x: Tensor; readonly y: Tensor; readonly step: Tensor };
type State = {
  readonly parameters: { readonly weight: Tensor; readonly bias: Tensor };
  readonly optimizer: TensorTree;
};

const optimizer = adam();

function init(): State {
  const parameters = {
    weight: randomNormal(constantKey([3, 5]), [1, 3]).mul(0.1),
    bias: randomNormal(constantKey([3, 7]), [1]).mul(0.1),
  };
  return { parameters, optimizer: optimizer.init(parameters) };
}

/** One step of a linear regression. */
function update({ parameters, optimizer: memory }: State, { x, y, step }: Feeds) {
  const predicted = x.matmul(parameters.weight, { transposeB: true }).add(parameters.bias);
  const loss = predicted.sub(y).square().mean();
  const gradients = grad(loss, parameters);
  const next = optimizer.update({ parameters, gradients, state: memory as never, step, learningRate: 0.1 });
  return { state: { parameters: next.parameters, optimizer: next.state }, results: { loss } };
}

/** y = 2 a - b + 0.5 c + 1, exactly. */
function feeds(step: number): HostTensor[] {
  const x = Float32Array.from({ length: examples * 3 }, (_, i) => (((i * 7) % 11) - 5) / 4);
  const y = Float32Array.from({ length: examples }, (_, i) => 2 * x[3 * i] - x[3 * i + 1] + 0.5 * x[3 * i + 2] + 1);
  return [
    { dtype: "float32", shape: [examples, 3], data: x },
    { dtype: "float32", shape: [examples, 1], data: y },
    { dtype: "uint32", shape: [], data: Uint32Array.of(step) },
  ];
}

async function newState(): Promise<DeviceState<State>> {
  return createState(backend, "initialization", {}, [], init).ready;
}

/** A state that is there already. */
function startingAs<S extends StateTree>(state: DeviceState<S>): StartingState<S> {
  return { types: state.current() as never, ready: Promise.resolve(state) };
}

async function train(state: DeviceState<State>, from: number, to: number): Promise<number[]> {
  const { program } = await compileUpdate(backend, "step", startingAs(state), feedTypes, update);
  const losses: number[] = [];
  for (let step = from; step < to; step++) {
    const [loss] = await state.update(program, feeds(step));
    losses.push(Number(loss.data[0]));
  }
  await program.dispose();
  return losses;
}

/** The same training in float64: all state after the last step by path, and the losses. */
function interpreted(): { readonly numbers: ReadonlyMap<string, HostValue>; readonly losses: readonly number[] } {
  const initial = trace({}, init);
  const leaves = leavesOf<Tensor>(initial.output as TensorTree);
  let values = interpret(initial.graph, []);
  const types = Object.fromEntries(leaves.map(({ path, value }) => [path, { dtype: value.dtype, shape: value.shape }]));
  const { graph } = trace({ flat: types, ...feedTypes }, ({ flat, ...given }) => {
    const at = (path: string): Tensor => (flat as Readonly<Record<string, Tensor>>)[path];
    const tree = (prefix: string) => ({ weight: at(`${prefix}.weight`), bias: at(`${prefix}.bias`) });
    const memory = { firstMoment: tree("optimizer.firstMoment"), secondMoment: tree("optimizer.secondMoment") };
    const next = update({ parameters: tree("parameters"), optimizer: memory }, given as Feeds);
    return { ...next };
  });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const given = feeds(step).map(({ dtype, shape, data }) => hostValue(dtype, shape, Array.from(data, Number)));
    const outputs = interpret(graph, [...values, ...given]);
    losses.push(outputs[outputs.length - 1].data[0]);
    values = outputs.slice(0, -1);
  }
  return { numbers: new Map(leaves.map(({ path }, i) => [path, values[i]])), losses };
}

describe("20 steps of Adam on a linear regression", () => {
  // Adam divides by the root of the second moment: float32 rounding, 6e-8, grows over steps to about 1e-5.
  const trajectory = 1e-4;

  test("follow the interpreter's float64 trajectory, and the loss falls", async () => {
    const state = await newState();
    const losses = await train(state, 0, steps);
    const expected = interpreted();
    expect(expected.losses.length).toBe(losses.length);
    losses.forEach((loss, i) => {
      expect(Math.abs(loss - expected.losses[i])).toBeLessThan(trajectory * (1 + expected.losses[i]));
    });
    const seen = await state.read();
    expect([...seen.keys()]).toEqual([...expected.numbers.keys()]);
    for (const [path, { data }] of expected.numbers) {
      const numbers = seen.get(path) as HostTensor;
      data.forEach((number, i) => {
        expect(Math.abs(Number(numbers.data[i]) - number), path).toBeLessThan(trajectory * (1 + Math.abs(number)));
      });
    }
    expect(losses[steps - 1]).toBeLessThan(0.2 * losses[0]);
    await state.dispose();
  });

  test("saved half way, and restored into another state, they end the same to the last bit", async () => {
    const whole = await newState();
    await train(whole, 0, steps);
    const first = await newState();
    await train(first, 0, steps / 2);
    const second = await newState();
    await second.write(await first.read(), "a test");
    await train(second, steps / 2, steps);
    expect(await second.read()).toEqual(await whole.read());
    for (const state of [whole, first, second]) await state.dispose();
  });
});

describe("state", () => {
  test("holds what its initialization computed, by path", async () => {
    const state = await newState();
    const tensors = await state.read();
    expect([...tensors.keys()]).toEqual([
      "parameters.weight",
      "parameters.bias",
      "optimizer.firstMoment.weight",
      "optimizer.firstMoment.bias",
      "optimizer.secondMoment.weight",
      "optimizer.secondMoment.bias",
    ]);
    expect(tensors.get("optimizer.firstMoment.weight")).toEqual({
      dtype: "float32",
      shape: [1, 3],
      data: new Float32Array(3),
    });
    expect(state.current().parameters.weight).toMatchObject({ dtype: "float32", shape: [1, 3] });
    await state.dispose();
  });

  test("one value in two places is two buffers", async () => {
    const starting = createState(backend, "twice", {}, [], () => {
      const weight = randomNormal(constantKey([3, 9]), [4]);
      return { parameters: { weight }, average: { weight } };
    });
    const { program } = await compileUpdate(backend, "move", starting, {}, ({ parameters, average }) => ({
      state: { parameters: { weight: parameters.weight.add(1) }, average },
      results: {},
    }));
    const twice = await starting.ready;
    const before = (await twice.read()).get("average.weight");
    await twice.update(program, []);
    const after = await twice.read();
    expect(after.get("average.weight")).toEqual(before);
    expect(after.get("parameters.weight")).not.toEqual(before);
    await program.dispose();
    await twice.dispose();
  });

  test("can be updated before the last update has ended", async () => {
    const starting = createState(backend, "counter", { x: { dtype: "float32", shape: [] } }, [scalar(0)], ({ x }) => ({
      x,
    }));
    const feed = { by: { dtype: "float32", shape: [] } } as const;
    const { program } = await compileUpdate(backend, "count", starting, feed, ({ x }, { by }) => {
      const next = x.add(by);
      return { state: { x: next }, results: { next } };
    });
    const counter = await starting.ready;
    const runs = Array.from({ length: 20 }, (_, i) => counter.update(program, [scalar(i + 1)]));
    const seen = (await Promise.all(runs)).map(([{ data }]) => Number(data[0]));
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => ((i + 1) * (i + 2)) / 2));
    expect((await counter.read()).get("x")).toEqual(scalar(210));
    await program.dispose();
    await counter.dispose();
  });
});

describe("write refuses, before anything changes,", () => {
  async function refused(change: (tensors: Map<string, HostTensor>) => void, message: string): Promise<void> {
    const state = await newState();
    const before = await state.read();
    // Other numbers, so that a tensor that was written would show.
    const others = [...before].map(([path, tensor]) => {
      const { dtype, shape, data } = tensor;
      return [path, { dtype, shape, data: (data as Float32Array).map((number) => number + 1) }] as const;
    });
    const tensors = new Map<string, HostTensor>(others);
    change(tensors);
    await expect(state.write(tensors, "step-7.safetensors")).rejects.toThrow(message);
    expect(await state.read()).toEqual(before);
    await state.dispose();
  }

  const last = "optimizer.secondMoment.bias";

  test("a tensor that is missing", async () => {
    await refused((tensors) => {
      tensors.delete(last);
    }, `step-7.safetensors: ${last} is missing; the file is of another model`);
  });
  test("a tensor of another shape", async () => {
    await refused((tensors) => {
      tensors.set(last, { dtype: "float32", shape: [2], data: new Float32Array(2) });
    }, `step-7.safetensors: ${last} is float32[2]; the model needs float32[1]`);
  });
  test("a tensor of another element type", async () => {
    await refused((tensors) => {
      tensors.set(last, { dtype: "int32", shape: [1], data: new Int32Array(1) });
    }, `step-7.safetensors: ${last} is int32[1]; the model needs float32[1]`);
  });
});

function scalar(number: number): HostTensor {
  return { dtype: "float32", shape: [], data: Float32Array.of(number) };
}
