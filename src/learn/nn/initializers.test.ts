import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey } from "../../core/trace/index.ts";
import {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  leCunNormal,
  leCunUniform,
  normal,
  ones,
  orthogonal,
  torchDefault,
  truncatedNormal,
  uniform,
  zeros,
} from "./initializers.ts";

const key = constantKey(keyFromSeed(11));
const fans = { inputs: 50, outputs: 30 };
const shape = [100, 100];
const draw = (init: Initializer): number[] => numbersOf(init(key, shape, fans));

function moments(numbers: readonly number[]): { mean: number; std: number } {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  return { mean, std: Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length) };
}

describe("uniform ones fill their interval", () => {
  test.each([
    ["glorotUniform", glorotUniform, Math.sqrt(6 / 80)],
    ["heUniform", heUniform, Math.sqrt(6 / 50)],
    ["leCunUniform", leCunUniform, Math.sqrt(3 / 50)],
    ["torchDefault", torchDefault, 1 / Math.sqrt(50)],
  ] as const)("%s", (_, init, bound) => {
    const numbers = draw(init);
    // The nearest of 10,000 draws misses a bound by more than 0.2% of the interval once in 10^8.
    expect(Math.max(...numbers)).toBeLessThan(bound);
    expect(Math.max(...numbers)).toBeGreaterThan(0.996 * bound);
    expect(Math.min(...numbers)).toBeGreaterThan(-bound);
    expect(Math.min(...numbers)).toBeLessThan(-0.996 * bound);
    expect(Math.abs(moments(numbers).std / (bound / Math.sqrt(3)) - 1)).toBeLessThan(0.02);
  });

  test("uniform, between any bounds", () => {
    const numbers = draw(uniform(2, 3));
    expect(Math.min(...numbers)).toBeGreaterThan(2);
    expect(Math.max(...numbers)).toBeLessThan(3);
    expect(Math.abs(moments(numbers).mean - 2.5)).toBeLessThan(0.012);
  });
});

test("truncatedNormal keeps to its bounds and has the smaller deviation that follows", () => {
  const numbers = draw(truncatedNormal(0.02));
  expect(Math.max(...numbers.map(Math.abs))).toBeLessThan(0.04);
  // 1 - 2 * 2 phi(2) / (2 Phi(2) - 1) is the variance of N(0, 1) within [-2, 2].
  expect(Math.abs(moments(numbers).std / 0.02 - Math.sqrt(0.7737413))).toBeLessThan(0.02);
  expect(Math.abs(moments(numbers).mean)).toBeLessThan(0.001);
});

describe("normal ones have their standard deviation", () => {
  test.each([
    ["glorotNormal", glorotNormal, Math.sqrt(2 / 80), 0],
    ["heNormal", heNormal, Math.sqrt(2 / 50), 0],
    ["leCunNormal", leCunNormal, Math.sqrt(1 / 50), 0],
    ["normal", normal(0.02), 0.02, 0],
    ["normal around a mean", normal(0.02, 1), 0.02, 1],
  ] as const)("%s", (_, init, std, mean) => {
    const seen = moments(draw(init));
    // Four standard errors of 10,000 draws.
    expect(Math.abs(seen.mean - mean)).toBeLessThan((4 * std) / 100);
    expect(Math.abs(seen.std / std - 1)).toBeLessThan(4 / Math.sqrt(20_000));
  });
});

test("zeros, ones and constants are just that", () => {
  for (const [init, number] of [
    [zeros, 0],
    [ones, 1],
    [constant(0.5), 0.5],
  ] as const) {
    expect(numbersOf(init(key, [2, 2], fans))).toEqual([number, number, number, number]);
  }
});

describe("orthogonal", () => {
  /** Deviation of W W^T (or W^T W) from gain^2 I. */
  const deviation = (w: readonly number[], rows: number, columns: number, gain: number): number => {
    const [count, at] =
      rows <= columns
        ? [rows, (i: number, k: number) => w[i * columns + k]]
        : [columns, (i: number, k: number) => w[k * columns + i]];
    const inner = Math.max(rows, columns);
    let worst = 0;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        let product = 0;
        for (let k = 0; k < inner; k++) product += at(i, k) * at(j, k);
        worst = Math.max(worst, Math.abs(product - (i === j ? gain * gain : 0)));
      }
    }
    return worst;
  };

  test.each([
    [1, 1],
    [24, 24],
    [8, 40],
    [40, 8],
  ])("gives %i x %i orthonormal rows or columns", (rows, columns) => {
    const w = numbersOf(orthogonal()(key, [rows, columns], fans));
    expect(deviation(w, rows, columns, 1)).toBeLessThan(1e-6);
  });

  test("takes a gain, and a kernel as columns", () => {
    const w = orthogonal(2)(key, [4, 3, 2, 2], fans);
    expect(w.shape).toEqual([4, 3, 2, 2]);
    expect(deviation(numbersOf(w), 4, 12, 2)).toBeLessThan(1e-6);
  });
});

test("the same key gives the same numbers, another key others", () => {
  expect(draw(heNormal)).toEqual(draw(heNormal));
  expect(numbersOf(heNormal(constantKey(keyFromSeed(12)), shape, fans))).not.toEqual(draw(heNormal));
});
