import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { nodesInOrder } from "../../core/graph/index.ts";
import { apply, constant, type Tensor, type TensorTree, tensor } from "../../core/trace/index.ts";
import { type AdamOptions, type AdamState, adam, adamW } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";

/** Constants in a graph are float32. */
const constantRounding = 2e-7;

function expectClose(seen: readonly number[], expected: readonly number[]): void {
  expect(seen).toHaveLength(expected.length);
  seen.forEach((number, i) => {
    expect(Math.abs(number - expected[i])).toBeLessThan(constantRounding * Math.max(1, Math.abs(expected[i])));
  });
}

const start = [1, -2, 0.5];
const curvature = [1, 4, 0.25];
const learningRate = 0.05;

/** d/dp of curvature p^2 / 2 + sin 3p. */
const slope = (p: number, i: number): number => curvature[i] * p + 3 * Math.cos(3 * p);
const tracedSlope = (p: Tensor): Tensor => p.mul(tensor(curvature, [3])).add(p.mul(3).cos().mul(3));

/** Parameters after each of five updates, and the last state. */
function fiveSteps(optimizer: Optimizer<AdamState>): { path: number[][]; state: AdamState } {
  let parameters: { p: Tensor } = { p: tensor(start, [3]) };
  let state = optimizer.init(parameters);
  const path: number[][] = [];
  for (let t = 0; t < 5; t++) {
    const gradients = { p: tracedSlope(parameters.p) };
    const step = constant(t, "uint32");
    ({ parameters, state } = optimizer.update({ parameters, gradients, state, step, learningRate }));
    path.push(numbersOf(parameters.p));
  }
  return { path, state };
}

/** Adam as its paper and PyTorch write it, on one number; L2 and decoupled decay apart. */
function byHand(
  i: number,
  options: Required<Omit<AdamOptions, "weightDecay" | "decays">>,
  l2: number,
  decoupled: number,
) {
  const { beta1, beta2, epsilon } = options;
  let [p, m, v] = [start[i], 0, 0];
  const path: number[] = [];
  for (let t = 1; t <= 5; t++) {
    const g = slope(p, i) + l2 * p;
    p -= learningRate * decoupled * p;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g ** 2;
    p -= (learningRate * (m / (1 - beta1 ** t))) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
    path.push(p);
  }
  return { path, m, v };
}

const usual = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const unusual = { beta1: 0.8, beta2: 0.95, epsilon: 1e-3 };

describe.each([
  ["adam", adam(), usual, 0, 0],
  ["adam with other numbers and L2", adam({ ...unusual, weightDecay: 0.1 }), unusual, 0.1, 0],
  ["adam without memory", adam({ beta1: 0, beta2: 0, epsilon: 0.1 }), { beta1: 0, beta2: 0, epsilon: 0.1 }, 0, 0],
  ["adamW", adamW(), usual, 0, 0.01],
  ["adamW with more decay", adamW({ weightDecay: 0.1 }), usual, 0, 0.1],
] as const)("%s", (_, optimizer, options, l2, decoupled) => {
  const { path, state } = fiveSteps(optimizer);
  const expected = start.map((_, i) => byHand(i, options, l2, decoupled));

  test("moves as the formula does", () => {
    path.forEach((numbers, t) => {
      expectClose(
        numbers,
        expected.map(({ path }) => path[t]),
      );
    });
  });

  test("keeps moments without the factor 1 - beta", () => {
    const first = numbersOf((state.firstMoment as { p: Tensor }).p);
    const second = numbersOf((state.secondMoment as { p: Tensor }).p);
    expectClose(
      first.map((moment) => moment * (1 - options.beta1)),
      expected.map(({ m }) => m),
    );
    expectClose(
      second.map((moment) => moment * (1 - options.beta2)),
      expected.map(({ v }) => v),
    );
  });
});

/**
 * The fifth parameters by PyTorch 1.13 in float64:
 * python3 -c "import torch; torch.set_default_dtype(torch.double); torch.set_printoptions(precision=9); O = torch.optim
 * for make in lambda p: O.Adam(p, .05), lambda p: O.Adam(p, .05, (.8, .95), 1e-3, .1), lambda p: O.AdamW(p, .05, weight_decay=.1):
 *   p = torch.tensor([1, -2, .5], requires_grad=True); o = make([p])
 *   for _ in range(5): o.zero_grad(); ((torch.tensor([1, 4, .25]) * p * p).sum() / 2 + (3 * p).sin().sum()).backward(); o.step()
 *   print(p)"
 */
test.each([
  ["adam", adam(), [1.248546839, -1.749908507, 0.2591399089]],
  ["adam with L2", adam({ ...unusual, weightDecay: 0.1 }), [1.247360286, -1.74991816, 0.2528209105]],
  ["adamW", adamW({ weightDecay: 0.1 }), [1.221691116, -1.702803689, 0.2495698986]],
] as const)("%s ends where PyTorch's does", (_, optimizer, expected) => {
  expectClose(fiveSteps(optimizer).path[4], expected);
});

test("bias correction is exact at step 0: the first step is learningRate in size", () => {
  const parameters = { p: tensor([1, 1], [2]) };
  const gradients = { p: tensor([1e-3, -1e3], [2]) };
  const optimizer = adam({ beta2: 0.999_999, epsilon: 1e-30 });
  const state = optimizer.init(parameters);
  const step = constant(0, "uint32");
  const moved = optimizer.update({ parameters, gradients, state, step, learningRate: constant(0.5) }).parameters;
  // The float32 of log 0.999999 and of 1 - 0.999999 are each off by up to 6e-8, relatively.
  expectClose(numbersOf(moved.p), [0.5, 1.5]);
});

test.each([
  ["adam", adam()],
  ["adamW", adamW({ weightDecay: 1e-3 })],
] as const)("%s minimises a quadratic in a nested tree", (_, optimizer) => {
  type Parameters = { readonly a: { readonly w: Tensor }; readonly b: Tensor };
  const losses: number[] = [];
  let numbers: number[][] = [[5, -4], [3]];
  let moments: number[][] = [[0, 0], [0], [0, 0], [0]];
  const tree = (w: number[], b: number[]): Parameters => ({ a: { w: tensor(w, [2]) }, b: tensor(b, []) });
  for (let t = 0; t < 150; t++) {
    const parameters = tree(numbers[0], numbers[1]);
    const offsets = { a: { w: parameters.a.w.sub(1) }, b: parameters.b.add(2) };
    const gradients: Parameters = { a: { w: offsets.a.w.mul(2) }, b: offsets.b.mul(0.5) };
    const state: AdamState = { firstMoment: tree(moments[0], moments[1]), secondMoment: tree(moments[2], moments[3]) };
    const step = constant(t, "uint32");
    const after = optimizer.update({ parameters, gradients, state, step, learningRate: 0.2 });
    losses.push(numbersOf(offsets.a.w.square().sum().add(offsets.b.square()))[0]);
    const listOf = (tree: TensorTree): number[][] => {
      const { a, b } = tree as Parameters;
      return [numbersOf(a.w), numbersOf(b)];
    };
    numbers = listOf(after.parameters);
    moments = [...listOf(after.state.firstMoment), ...listOf(after.state.secondMoment)];
  }
  expect(losses[0]).toBe(16 + 25 + 25);
  expect(losses[149]).toBeLessThan(1e-3);
});

test("decays only what it is told to", () => {
  const parameters = { weight: tensor([1, 1], [2, 1]), bias: tensor([1], [1]) };
  const gradients = { weight: tensor([0, 0], [2, 1]), bias: tensor([0], [1]) };
  const seen: string[] = [];
  const optimizer = adamW({
    weightDecay: 0.5,
    decays: (path, parameter) => {
      seen.push(path);
      return parameter.rank > 1;
    },
  });
  const step = constant(0, "uint32");
  const moved = optimizer.update({ parameters, gradients, state: optimizer.init(parameters), step, learningRate: 0.5 });
  expect(numbersOf(moved.parameters.weight)).toEqual([0.75, 0.75]);
  expect(numbersOf(moved.parameters.bias)).toEqual([1]);
  expect(seen).toEqual(["weight", "bias"]);
});

test("refuses options outside their range", () => {
  expect(() => adam({ beta1: 1 })).toThrow("adam: beta1 is 1; it must be within [0, 1)");
  expect(() => adam({ beta2: -0.1 })).toThrow("adam: beta2 is -0.1; it must be within [0, 1)");
  expect(() => adam({ epsilon: 0 })).toThrow("adam: epsilon is 0; it must be above 0");
  expect(() => adamW({ weightDecay: Number.NaN })).toThrow("adamW: weightDecay is NaN; it must be at least 0");
});

test("trees of different structures are refused, naming the first odd leaf", () => {
  const parameters: TensorTree = { a: tensor([1], [1]), b: tensor([1], [1]) };
  const gradients: TensorTree = { a: tensor([1], [1]), c: tensor([1], [1]) };
  const optimizer = adam();
  const state = optimizer.init(parameters);
  const step = constant(0, "uint32");
  expect(() => optimizer.update({ parameters, gradients, state, step, learningRate: 1 })).toThrow(
    "optim: trees differ, b and c; one structure is needed",
  );
});

test("leaves, small ones joined and large ones apart, move as each would alone", () => {
  const sizes = { a: [3], b: [2, 2], c: [5000], d: [] };
  const leaf = (shape: readonly number[], seed: number): Tensor => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    return tensor(
      Array.from({ length: size }, (_, i) => Math.sin(seed + i)),
      shape,
    );
  };
  const optimizer = adamW({ weightDecay: 0.1, decays: (_, parameter) => parameter.rank > 1 });
  const moved = (names: readonly (keyof typeof sizes)[]): Record<string, number[]> => {
    const tree = (seed: number) => Object.fromEntries(names.map((name) => [name, leaf(sizes[name], seed)]));
    const state = {
      firstMoment: tree(3),
      secondMoment: Object.fromEntries(names.map((name) => [name, leaf(sizes[name], 4).square()])),
    };
    const args = { parameters: tree(1), gradients: tree(2), state, step: constant(3, "uint32"), learningRate: 0.1 };
    const { parameters, state: after } = optimizer.update(args);
    const read = (result: TensorTree, name: string): number[] => numbersOf((result as Record<string, Tensor>)[name]);
    return Object.fromEntries(
      names.map((name) => [
        name,
        [...read(parameters, name), ...read(after.firstMoment, name), ...read(after.secondMoment, name)],
      ]),
    );
  };
  const together = moved(["a", "b", "c", "d"]);
  for (const name of ["a", "b", "c", "d"] as const) expect(together[name]).toEqual(moved([name])[name]);
});

test("small leaves are joined, unless something is computed twice to save memory", () => {
  const leaf = (): Tensor => tensor([1, 2], [2]);
  const concats = (gradient: Tensor): number => {
    const parameters = { a: leaf(), b: leaf() };
    const state = { firstMoment: parameters, secondMoment: parameters };
    const args = {
      parameters,
      gradients: { a: gradient, b: leaf() },
      state,
      step: constant(0, "uint32"),
      learningRate: 1,
    };
    const moved = adam().update(args).parameters;
    return nodesInOrder([moved.a.value, moved.b.value]).filter(({ op }) => op === "concat").length;
  };
  expect(concats(leaf())).toBeGreaterThan(0);
  expect(concats(apply("barrier", [leaf(), leaf()], {}))).toBe(0);
});
