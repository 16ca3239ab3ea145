import { describe, expect, test } from "vitest";
import { gradients } from "../../../core/autodiff/index.ts";
import { keyFromSeed } from "../../../core/base/index.ts";
import { constantKey, randomUniform, type Tensor, tensor, trace } from "../../../core/trace/index.ts";
import { hostValue, interpret } from "../../../engine/interpreter/index.ts";
import { gradientPenalty, zeroCenteredPenalty } from "./penalties.ts";

const batch = 3;
const size = 2;
const hidden = 4;
const numbers = {
  real: [0.5, -1, 0.25, 0.75, -0.5, 1.25],
  fake: [-0.75, 0.5, 1, -0.25, 0.125, -1],
  w: [0.5, -0.75, 1.25, 0.25, -0.5, 1, 0.75, -1.5],
  v: [1, -0.5, 0.75, 1.5],
};
const key = keyFromSeed(9);

/** D(x) = v . tanh(W x), one number for each row. */
function critic(w: Tensor, v: Tensor): (x: Tensor) => Tensor {
  return (x) => x.matmul(w, { transposeB: true }).tanh().matmul(v);
}

/** |grad D|^2 at a point by central differences in float64. */
function squaredSlope(w: readonly number[], x: readonly number[]): number {
  const at = (point: readonly number[]): number =>
    numbers.v.reduce((sum, v, h) => sum + v * Math.tanh(w[2 * h] * point[0] + w[2 * h + 1] * point[1]), 0);
  const step = 1e-5;
  return [0, 1].reduce((sum, axis) => {
    const moved = (by: number): number[] => x.map((value, i) => (i === axis ? value + by : value));
    return sum + ((at(moved(step)) - at(moved(-step))) / (2 * step)) ** 2;
  }, 0);
}

/** The traced penalty and its gradient by the critic's first weight, at given weights. */
function compute(penalty: (w: Tensor, v: Tensor, real: Tensor, fake: Tensor) => Tensor, w: readonly number[]) {
  const types = {
    w: { dtype: "float32", shape: [hidden, size] },
    v: { dtype: "float32", shape: [hidden] },
    real: { dtype: "float32", shape: [batch, size] },
    fake: { dtype: "float32", shape: [batch, size] },
  } as const;
  const { graph } = trace(types, (given) => {
    const value = penalty(given.w, given.v, given.real, given.fake);
    return { value, slope: gradients(value, [given.w])[0] };
  });
  const given: Readonly<Record<string, readonly number[]>> = { ...numbers, w };
  const inputs = Object.entries(types).map(([name, { shape }]) => hostValue("float32", shape, given[name]));
  const [value, slope] = interpret(graph, inputs);
  return { value: value.data[0], slope: [...slope.data] };
}

/** Central differences of the traced penalty's value against its traced gradient, which holds gradients of gradients. */
function expectSlopes(penalty: Parameters<typeof compute>[0]): void {
  const { slope } = compute(penalty, numbers.w);
  const step = 1e-5;
  expect(slope.some((g) => Math.abs(g) > 0.05)).toBe(true);
  numbers.w.forEach((_, i) => {
    const moved = (by: number): number[] => numbers.w.map((w, j) => (i === j ? w + by : w));
    const difference = (compute(penalty, moved(step)).value - compute(penalty, moved(-step)).value) / (2 * step);
    expect(Math.abs(slope[i] - difference)).toBeLessThan(1e-6);
  });
}

describe("gradient penalty", () => {
  const penalty = (w: Tensor, v: Tensor, real: Tensor, fake: Tensor): Tensor =>
    gradientPenalty(critic(w, v), real, fake, tensor([...key], [2], "uint32"));

  test("is the mean of (|grad D| - 1)^2 at the places that its key draws", () => {
    const shares = interpret(
      { inputs: [], outputs: [{ name: "u", value: randomUniform(constantKey(key), [batch, 1]).value }] },
      [],
    )[0].data;
    const expected = Array.from({ length: batch }, (_, i) => {
      const between = [0, 1].map((j) => {
        const [real, fake] = [numbers.real[2 * i + j], numbers.fake[2 * i + j]];
        return shares[i] * real + (1 - shares[i]) * fake;
      });
      return (Math.sqrt(squaredSlope(numbers.w, between)) - 1) ** 2 / batch;
    }).reduce((sum, term) => sum + term);
    expect(compute(penalty, numbers.w).value).toBeCloseTo(expected, 6);
    expect(new Set(shares).size).toBe(batch);
  });
  test("its gradient by the critic's weights agrees with finite differences", () => expectSlopes(penalty));
  test("is 0 for a critic of slope 1, and finite for one of slope 0", () => {
    const of = (judge: (x: Tensor) => Tensor): number => {
      const [real, fake] = [tensor(numbers.real, [batch, size]), tensor(numbers.fake, [batch, size])];
      const { value } = gradientPenalty(judge, real, fake, constantKey(key));
      return interpret({ inputs: [], outputs: [{ name: "y", value }] }, [])[0].data[0];
    };
    expect(of((x) => x.matmul(tensor([0.6, 0.8], [2])))).toBeCloseTo(0, 6);
    expect(of((x) => x.matmul(tensor([0, 0], [2])))).toBeCloseTo(1, 5);
  });
});

describe("R1", () => {
  const penalty = (w: Tensor, v: Tensor, real: Tensor): Tensor => zeroCenteredPenalty(critic(w, v)(real), real);

  test("is half the mean squared gradient at real examples", () => {
    const rows = [0, 1, 2].map((i) => numbers.real.slice(2 * i, 2 * i + 2));
    const expected = rows.reduce((sum, row) => sum + squaredSlope(numbers.w, row) / (2 * batch), 0);
    expect(compute(penalty, numbers.w).value).toBeCloseTo(expected, 6);
  });
  test("its gradient by the critic's weights agrees with finite differences", () => expectSlopes(penalty));
});
