import { expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { gradients } from "../../core/autodiff/index.ts";
import { tensor } from "../../core/trace/index.ts";
import { type ActivationName, activations, elu, leakyRelu } from "./activations.ts";

/** Constants in a graph are float32. */
const constantRounding = 1e-7;

const points = [-100, -3, -1, -0.125, 0, 0.125, 1, 3, 100];

/**
 * Values, then derivatives, at `points`, by PyTorch 1.13 in float64:
 * python3 -c "import torch; F = torch.nn.functional; torch.set_printoptions(precision=9)
 * x = torch.tensor([-100, -3, -1, -.125, 0, .125, 1, 3, 100], dtype=torch.double, requires_grad=True)
 * for f in F.leaky_relu, F.elu, F.gelu, F.silu, lambda x: F.softplus(x, threshold=1e3): y = f(x); \
 *   print(y, torch.autograd.grad(y.sum(), x))"
 */
const byTorch: Partial<Record<ActivationName, readonly [readonly number[], readonly number[]]>> = {
  leakyRelu: [
    [-1, -0.03, -0.01, -0.00125, 0, 0.125, 1, 3, 100],
    [0.01, 0.01, 0.01, 0.01, 0.01, 1, 1, 1, 1],
  ],
  elu: [
    [-1, -0.950212932, -0.632120559, -0.117503097, 0, 0.125, 1, 3, 100],
    [0, 0.0497870684, 0.367879441, 0.882496903, 1, 1, 1, 1, 1],
  ],
  gelu: [
    [0, -0.00404969409, -0.158655254, -0.0562827219, 0, 0.0687172781, 0.841344746, 2.99595031, 100],
    [0, -0.0119456472, -0.0833154706, 0.400782064, 0.5, 0.599217936, 1.08331547, 1.01194565, 1],
  ],
  // By F.gelu(x, approximate="tanh").
  geluTanh: [
    [0, -0.00363739208, -0.158808009, -0.0562828014, 0, 0.0687171986, 0.841191991, 2.99636261, 100],
    [0, -0.0115841666, -0.0829640838, 0.400784594, 0.5, 0.599215406, 1.08296408, 1.01158417, 1],
  ],
  silu: [
    [0, -0.14227762, -0.268941421, -0.0585988283, 0, 0.0664011717, 0.731058579, 2.85772238, 100],
    [0, -0.088104106, 0.0723294881, 0.43766238, 0.5, 0.56233762, 0.927670512, 1.08810411, 1],
  ],
  softplus: [
    [0, 0.0485873516, 0.313261688, 0.632599035, Math.LN2, 0.757599035, 1.31326169, 3.04858735, 100],
    [0, 0.0474258732, 0.268941421, 0.468790627, 0.5, 0.531209373, 0.731058579, 0.952574127, 1],
  ],
  relu: [points.map((x) => Math.max(x, 0)), points.map((x) => Number(x > 0))],
  tanh: [points.map(Math.tanh), points.map((x) => 1 - Math.tanh(x) ** 2)],
  sigmoid: [points.map((x) => 1 / (1 + Math.exp(-x))), points.map((x) => 1 / (2 + Math.exp(x) + Math.exp(-x)))],
  identity: [points, points.map(() => 1)],
};

function expectClose(seen: readonly number[], expected: readonly number[]): void {
  seen.forEach((number, i) => {
    expect(Math.abs(number - expected[i])).toBeLessThanOrEqual(constantRounding * Math.max(1, Math.abs(expected[i])));
  });
  expect(seen).toHaveLength(expected.length);
}

test.each(Object.keys(activations) as ActivationName[])("%s and its derivative equal PyTorch's", (name) => {
  const x = tensor(points, [points.length]);
  const y = activations[name](x);
  const [values, derivatives] = byTorch[name] ?? [[], []];
  expectClose(numbersOf(y), values);
  expectClose(numbersOf(gradients(y.sum(), [x])[0]), derivatives);
});

test("slopes and scales are options", () => {
  const x = tensor([-2, 3], [2]);
  expectClose(numbersOf(leakyRelu(x, 0.25)), [-0.5, 3]);
  expectClose(numbersOf(elu(x, 2)), [2 * (Math.exp(-2) - 1), 3]);
  expectClose(numbersOf(gradients(elu(x, 2).sum(), [x])[0]), [2 * Math.exp(-2), 1]);
});
