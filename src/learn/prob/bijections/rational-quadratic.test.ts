import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../../core/base/index.ts";
import { constantKey, randomNormal, type Tensor, tensor } from "../../../core/trace/index.ts";
import { rationalQuadratic } from "./rational-quadratic.ts";

const bins = 5;
const bound = 3;
const spline = rationalQuadratic({ bins, bound });
const raw = randomNormal(constantKey(keyFromSeed(4)), [1, spline.size]).mul(1.5);
const steering = numbersOf(raw);

/** Constants in a graph are float32. */
const constantRounding = 1e-5;

/** The spline with these numbers, plainly: the knots and the formula of Gregory and Delbourgo. */
function plain(x: number): { readonly y: number; readonly derivative: number } {
  const shares = (numbers: readonly number[]): number[] => {
    const total = numbers.reduce((sum, number) => sum + Math.exp(number), 0);
    return numbers.map((number) => 2 * bound * ((0.8 * Math.exp(number)) / total + 0.2 / bins));
  };
  const widths = shares(steering.slice(0, bins));
  const heights = shares(steering.slice(bins, 2 * bins));
  const slopes = heights.map((height, i) => height / widths[i]);
  const inner = steering.slice(2 * bins).map((number, i) => {
    const factor = 0.1 + 2.9 / (1 + Math.exp(-number - Math.log(0.9 / 2)));
    return factor * Math.min(slopes[i], slopes[i + 1]);
  });
  const derivatives = [1, ...inner, 1];
  if (x < -bound || x > bound) return { y: x, derivative: 1 };
  let [left, bottom, piece] = [-bound, -bound, 0];
  while (piece < bins - 1 && x >= left + widths[piece]) {
    left += widths[piece];
    bottom += heights[piece];
    piece++;
  }
  const [s, d, e] = [slopes[piece], derivatives[piece], derivatives[piece + 1]];
  const t = (x - left) / widths[piece];
  const denominator = s + (d + e - 2 * s) * t * (1 - t);
  return {
    y: bottom + (heights[piece] * (s * t * t + d * t * (1 - t))) / denominator,
    derivative: (s * s * (e * t * t + 2 * s * t * (1 - t) + d * (1 - t) ** 2)) / denominator ** 2,
  };
}

const grid = Array.from({ length: 801 }, (_, i) => -4 + i / 100 + 0.0031);
const column = (numbers: readonly number[]): Tensor => tensor(numbers, [numbers.length, 1]);
const rawFor = (count: number): Tensor => raw.expand([count, spline.size]);

describe("a rational-quadratic spline", () => {
  const forward = spline.forward(column(grid), rawFor(grid.length));
  const y = numbersOf(forward.y);
  const logDerivative = numbersOf(forward.logDerivative);

  test("is the formula's", () => {
    grid.forEach((x, i) => {
      const expected = plain(Math.fround(x));
      expect(Math.abs(y[i] - expected.y)).toBeLessThan(constantRounding);
      expect(Math.abs(logDerivative[i] - Math.log(expected.derivative))).toBeLessThan(constantRounding * 10);
    });
  });

  test("is the same when its numbers are told once for all elements, both ways", () => {
    const shared = spline.forward(column(grid), raw);
    expect(numbersOf(shared.y)).toEqual(y);
    expect(numbersOf(shared.logDerivative)).toEqual(logDerivative);
    const values = tensor(grid.slice(0, 800), [2, 4, 100]);
    const there = spline.forward(values, raw.reshape([1, spline.size, 1]));
    expect(there.y.shape).toEqual([2, 4, 100]);
    expect(numbersOf(there.y)).toEqual(y.slice(0, 800));
    const back = numbersOf(spline.inverse(there.y, raw.reshape([1, spline.size, 1])).y);
    for (const [i, x] of grid.slice(0, 800).entries()) expect(Math.abs(back[i] - x)).toBeLessThan(1e-4);
  });

  test("has the derivative that it says, by finite differences", () => {
    const step = 1e-3;
    const shifted = numbersOf(
      spline
        .forward(column(grid).add(step), rawFor(grid.length))
        .y.sub(spline.forward(column(grid).sub(step), rawFor(grid.length)).y),
    );
    shifted.forEach((rise, i) => {
      // Where a knot lies between, the second derivative jumps.
      expect(Math.abs(rise / (2 * step) - Math.exp(logDerivative[i]))).toBeLessThan(0.02);
    });
  });

  test("rises everywhere, with a derivative that is continuous also at knots and ends", () => {
    const fine = Array.from({ length: 6001 }, (_, i) => -3.3 + (6.6 * i) / 6000);
    const seen = spline.forward(column(fine), rawFor(fine.length));
    const values = numbersOf(seen.y);
    const logs = numbersOf(seen.logDerivative);
    for (let i = 1; i < fine.length; i++) {
      expect(values[i]).toBeGreaterThan(values[i - 1]);
      expect(Math.abs(Math.exp(logs[i]) - Math.exp(logs[i - 1]))).toBeLessThan(0.05);
    }
  });

  test("leaves alone what lies outside", () => {
    const outside = [-100, -3.5, -3, 3, 3.5, 100];
    const seen = spline.forward(column(outside), rawFor(outside.length));
    numbersOf(seen.y).forEach((value, i) => {
      expect(value).toBeCloseTo(outside[i], 5);
    });
    numbersOf(seen.logDerivative).forEach((log) => {
      expect(log).toBeCloseTo(0, 5);
    });
  });

  test("is undone by its inverse, whose derivative is the reciprocal", () => {
    const back = spline.inverse(forward.y, rawFor(grid.length));
    numbersOf(back.y).forEach((x, i) => {
      expect(Math.abs(x - Math.fround(grid[i]))).toBeLessThan(1e-9);
    });
    numbersOf(back.logDerivative).forEach((log, i) => {
      expect(Math.abs(log + logDerivative[i])).toBeLessThan(1e-8);
    });
  });

  test("of zeros is the identity", () => {
    const none = raw.mul(0).expand([grid.length, spline.size]);
    const same = spline.forward(column(grid), none);
    numbersOf(same.y).forEach((value, i) => {
      expect(Math.abs(value - grid[i])).toBeLessThan(1e-6);
    });
    expect(Math.max(...numbersOf(same.logDerivative).map(Math.abs))).toBeLessThan(1e-6);
  });

  test("refuses options outside their ranges", () => {
    expect(() => rationalQuadratic({ bins: 1 })).toThrow("bins: is 1; it must be a whole number of at least 2");
    expect(() => rationalQuadratic({ smallest: 1 })).toThrow("smallest below 1");
  });
});
