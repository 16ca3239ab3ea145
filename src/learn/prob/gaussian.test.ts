import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { gradients } from "../../core/autodiff/index.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, randomNormal, tensor, zeros } from "../../core/trace/index.ts";
import { sumOverEvent } from "./distribution.ts";
import { type Gaussian, gaussian } from "./gaussian.ts";

/** Constants in a graph are float32. */
const constantRounding = 1e-6;

const key = constantKey(keyFromSeed(2));
const cases: [string, Gaussian, number, number][] = [
  ["by log of variance", gaussian(tensor([1], [1]), { logVariance: tensor([-0.5], [1]) }), 1, Math.exp(-0.25)],
  ["by scale", gaussian(tensor([-2], [1]), { scale: tensor([1.5], [1]) }), -2, 1.5],
  ["by a number", gaussian(tensor([0.25], [1]), { scale: 0.5 }), 0.25, 0.5],
];

describe.each(cases)("gaussian %s", (_, distribution, mean, std) => {
  const width = 0.01;
  const grid = Array.from({ length: 2401 }, (_, i) => mean + (i - 1200) * width);
  const logs = numbersOf(distribution.logProb(tensor(grid, [grid.length])));

  test("has the normal density", () => {
    grid.forEach((x, i) => {
      const z = (Math.fround(x) - mean) / std;
      const expected = -(z * z) / 2 - Math.log(std) - Math.log(2 * Math.PI) / 2;
      expect(Math.abs(logs[i] - expected)).toBeLessThan(constantRounding * Math.max(1, -expected));
    });
  });

  test("integrates to 1, and its entropy is the integral of -p log p", () => {
    const integral = logs.reduce((sum, log) => sum + Math.exp(log) * width, 0);
    const entropy = logs.reduce((sum, log) => sum - Math.exp(log) * log * width, 0);
    expect(Math.abs(integral - 1)).toBeLessThan(1e-5);
    expect(Math.abs(numbersOf(distribution.entropy())[0] - entropy)).toBeLessThan(1e-5);
  });

  test("has its mode at its mean", () => {
    expect(numbersOf(distribution.mode())).toEqual([mean]);
  });

  test("its spellings of the width agree", () => {
    const spellings = [distribution.scale, distribution.variance, distribution.logVariance, distribution.precision];
    const expected = [std, std ** 2, 2 * Math.log(std), std ** -2];
    spellings.forEach((spelling, i) => {
      expect(Math.abs(numbersOf(spelling)[0] - expected[i])).toBeLessThan(constantRounding);
    });
  });
});

test("samples have mean and variance of the distribution, and differ in each element", () => {
  const count = 20_000;
  const numbers = numbersOf(gaussian(zeros([count]).add(3), { logVariance: Math.log(4) }).sample(key));
  const mean = numbers.reduce((sum, x) => sum + x, 0) / count;
  const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
  // Four standard errors.
  expect(Math.abs(mean - 3)).toBeLessThan((4 * 2) / Math.sqrt(count));
  expect(Math.abs(variance / 4 - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
});

test("gradients reach mean and width through a sample", () => {
  const mean = tensor([1, 2, 3], [3]);
  const logVariance = tensor([-1, 0, 1], [3]);
  const sample = gaussian(mean, { logVariance }).sample(key);
  const [byMean, byWidth] = gradients(sample.sum(), [mean, logVariance]);
  expect(numbersOf(byMean)).toEqual([1, 1, 1]);
  const noise = numbersOf(randomNormal(key, [3]));
  numbersOf(byWidth).forEach((number, i) => {
    expect(Math.abs(number - 0.5 * Math.exp((i - 1) / 2) * noise[i])).toBeLessThan(constantRounding);
  });
});

test("mean and width broadcast to the distribution's shape", () => {
  const distribution = gaussian(zeros([2, 3]), { logVariance: zeros([3]) });
  const wider = gaussian(zeros([3]), { logVariance: zeros([2, 1]) });
  for (const { shape, mode, entropy, sample } of [distribution, wider]) {
    expect([shape, mode().shape, entropy().shape, sample(key).shape]).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
      [2, 3],
    ]);
  }
  expect(() => gaussian(zeros([2]), { logVariance: zeros([3]) })).toThrow(
    "gaussian: parameters of shapes [2] and [3]; they must broadcast",
  );
});

test("sumOverEvent keeps the batch", () => {
  const values = tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
  expect(numbersOf(sumOverEvent(values))).toEqual([10, 26]);
  expect(numbersOf(sumOverEvent(values, 2))).toEqual([3, 7, 11, 15]);
  const batch = tensor([1, 2], [2]);
  expect(sumOverEvent(batch)).toBe(batch);
});
