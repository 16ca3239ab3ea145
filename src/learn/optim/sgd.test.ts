import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { constant, type Tensor, tensor } from "../../core/trace/index.ts";
import { sgd } from "./sgd.ts";

/** Constants in a graph are float32; momentum over five steps adds a few of their roundings. */
const constantRounding = 1e-6;

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

/** PyTorch's definition on one number. */
function byHand(i: number, momentum: number, nesterov: boolean, weightDecay: number): number[] {
  let p = start[i];
  let velocity = 0;
  const path: number[] = [];
  for (let t = 0; t < 5; t++) {
    const g = slope(p, i) + weightDecay * p;
    velocity = t === 0 ? g : momentum * velocity + g;
    p -= learningRate * (nesterov ? g + momentum * velocity : velocity);
    path.push(p);
  }
  return path;
}

/**
 * The fifth parameters by PyTorch 1.13 in float64:
 * python3 -c "import torch; torch.set_default_dtype(torch.double); torch.set_printoptions(precision=9); O = torch.optim
 * for make in lambda p: O.SGD(p, .05), lambda p: O.SGD(p, .05, .9, weight_decay=.1), lambda p: O.SGD(p, .05, .9, nesterov=True):
 *   p = torch.tensor([1, -2, .5], requires_grad=True); o = make([p])
 *   for _ in range(5): o.zero_grad(); ((torch.tensor([1, 4, .25]) * p * p).sum() / 2 + (3 * p).sin().sum()).backward(); o.step()
 *   print(p)"
 */
describe.each([
  ["plain", {}, [1.35842377, -0.5100832345, 0.3055667724]],
  ["with momentum and decay", { momentum: 0.9, weightDecay: 0.1 }, [1.640740232, 0.9691909944, -0.08614738984]],
  ["with nesterov", { momentum: 0.9, nesterov: true }, [1.474314252, 0.5560618219, -0.5057794728]],
] as const)("sgd %s", (_, options, byTorch) => {
  const { momentum = 0, nesterov = false, weightDecay = 0 } = options as Parameters<typeof sgd>[0] & object;

  test("moves as the formula does, and as PyTorch", () => {
    const optimizer = sgd(options);
    let parameters: { p: Tensor } = { p: tensor(start, [3]) };
    let state = optimizer.init(parameters);
    for (let t = 0; t < 5; t++) {
      const gradients = { p: tracedSlope(parameters.p) };
      const step = constant(t, "uint32");
      ({ parameters, state } = optimizer.update({ parameters, gradients, state, step, learningRate }));
      expectClose(
        numbersOf(parameters.p),
        start.map((_, i) => byHand(i, momentum, nesterov, weightDecay)[t]),
      );
    }
    expectClose(numbersOf(parameters.p), byTorch);
    expect(Object.keys(state)).toEqual(momentum > 0 ? ["velocity"] : []);
  });

  test("minimises a quadratic", () => {
    const optimizer = sgd(options);
    let numbers = [5, -4];
    let velocity = [0, 0];
    for (let t = 0; t < 100; t++) {
      const p = tensor(numbers, [2]);
      const state = momentum > 0 ? { velocity: tensor(velocity, [2]) } : {};
      const step = constant(t, "uint32");
      const after = optimizer.update({ parameters: p, gradients: p.mul(2), state, step, learningRate });
      numbers = numbersOf(after.parameters);
      if (after.state.velocity) velocity = numbersOf(after.state.velocity as Tensor);
    }
    expect(Math.max(...numbers.map(Math.abs))).toBeLessThan(0.05);
  });
});

test("refuses options outside their range", () => {
  expect(() => sgd({ momentum: 1 })).toThrow("sgd: momentum is 1; it must be within [0, 1)");
  expect(() => sgd({ nesterov: true })).toThrow("sgd: momentum is 0; it must be above 0 with nesterov");
  expect(() => sgd({ weightDecay: -1 })).toThrow("sgd: weightDecay is -1; it must be at least 0");
});
