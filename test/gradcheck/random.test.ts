/** Statistics of random tensors. Keys are fixed, so each test passes always or never; bounds are five
 * standard deviations, or as named. */

import { describe, expect, test } from "vitest";
import { keyFromSeed } from "../../src/core/base/index.ts";
import {
  foldKey,
  randomBernoulli,
  randomNormal,
  randomUniform,
  splitKey,
  type Tensor,
  tensor,
} from "../../src/core/trace/index.ts";
import { erf, hostValue } from "../../src/engine/interpreter/index.ts";
import { run } from "./check.ts";

const count = 50_000;

function draw(seed: number, f: (key: Tensor) => readonly Tensor[]): number[][] {
  return run(f, [hostValue("uint32", [2], keyFromSeed(seed))]);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** The largest distance between the sample's distribution and a continuous one (Kolmogorov, Smirnov). */
function largestDistance(sample: readonly number[], distribution: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted.reduce((largest, x, i) => {
    const expected = distribution(x);
    return Math.max(largest, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  }, 0);
}

/** Exceeded by one sample in a thousand. */
const distanceBound = 1.95 / Math.sqrt(count);

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: readonly number[], y: readonly number[], mx: number, my: number): number =>
    mean(x.map((number, i) => (number - mx) * (y[i] - my)));
  return product(a, b, meanA, meanB) / Math.sqrt(product(a, a, meanA, meanA) * product(b, b, meanB, meanB));
}

describe("randomNormal", () => {
  const [sample] = draw(3, (key) => [randomNormal(key, [count])]);

  test("moments are those of the standard normal distribution", () => {
    // Standard deviations of the mean of x^k: sqrt((E x^2k - (E x^k)^2) / n).
    for (const [power, expected, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ]) {
      const seen = mean(sample.map((x) => x ** power));
      expect(Math.abs(seen - expected)).toBeLessThan(5 * Math.sqrt(variance / count));
    }
  });
  test("the distribution is normal (Kolmogorov-Smirnov)", () => {
    expect(largestDistance(sample, (x) => 0.5 * (1 + erf(x / Math.SQRT2)))).toBeLessThan(distanceBound);
  });
  test("tails are as heavy as they should be", () => {
    const beyond = (limit: number): number => sample.filter((x) => Math.abs(x) > limit).length;
    for (const limit of [2, 3]) {
      const expected = count * (1 - erf(limit / Math.SQRT2));
      expect(Math.abs(beyond(limit) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
    expect(beyond(5.77)).toBe(0);
  });
  test("the two halves of a pair are uncorrelated, their squares too", () => {
    const [cosines, sines] = [sample.slice(0, count / 2), sample.slice(count / 2)];
    const bound = 5 / Math.sqrt(count / 2);
    const square = (x: number): number => x * x;
    expect(Math.abs(correlation(cosines, sines))).toBeLessThan(bound);
    expect(Math.abs(correlation(cosines.map(square), sines.map(square)))).toBeLessThan(bound);
  });
  test("odd counts, scalars and empty shapes", () => {
    const outputs = draw(4, (key) => [randomNormal(key, [3, 3]), randomNormal(key, []), randomNormal(key, [0, 2])]);
    expect(outputs.map(({ length }) => length)).toEqual([9, 1, 0]);
    expect(new Set(outputs[0]).size).toBe(9);
  });
});

describe("randomUniform", () => {
  test("fills 200 cells evenly (chi-square)", () => {
    const [sample] = draw(5, (key) => [randomUniform(key, [count])]);
    const cells = new Float64Array(200);
    for (const u of sample) cells[Math.floor(u * 200)]++;
    const chiSquare = cells.reduce((sum, n) => sum + (n - count / 200) ** 2 / (count / 200), 0);
    expect(Math.abs(chiSquare - 199)).toBeLessThan(5 * Math.sqrt(2 * 199));
    expect(largestDistance(sample, (u) => u)).toBeLessThan(distanceBound);
  });
  test("keeps to its bounds", () => {
    const [sample] = draw(6, (key) => [randomUniform(key, [count], -3, 1)]);
    expect(sample.every((u) => u > -3 && u < 1)).toBe(true);
    // The variance of a uniform number is width^2 / 12.
    expect(Math.abs(mean(sample) + 1)).toBeLessThan(5 * Math.sqrt(16 / 12 / count));
  });
  test("another key gives other numbers, the same key the same", () => {
    const outputs = draw(7, (key) => [
      randomUniform(key, [8]),
      randomUniform(key, [2, 4]),
      randomUniform(foldKey(key, 1), [8]),
    ]);
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[2]).not.toEqual(outputs[0]);
  });
});

describe("randomBernoulli", () => {
  test("is 1 as often as its probability says, 0 else", () => {
    const probabilities = [0, 0.1, 0.5, 0.9, 1];
    const outputs = draw(8, (key) => probabilities.map((p, i) => randomBernoulli(foldKey(key, i), [count], p)));
    for (const [i, p] of probabilities.entries()) {
      expect(outputs[i].every((x) => x === 0 || x === 1)).toBe(true);
      expect(Math.abs(mean(outputs[i]) - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / count));
    }
  });
  test("takes a probability for each element", () => {
    const [rows] = draw(9, (key) => [randomBernoulli(key, [2, count], tensor([0.25, 0.75], [2, 1]))]);
    const bound = 5 * Math.sqrt(0.1875 / count);
    expect(Math.abs(mean(rows.slice(0, count)) - 0.25)).toBeLessThan(bound);
    expect(Math.abs(mean(rows.slice(count)) - 0.75)).toBeLessThan(bound);
  });
});

describe("splitKey and foldKey", () => {
  test("streams of split keys are pairwise uncorrelated, also with their parent's", () => {
    const streams = draw(10, (key) => [key, ...splitKey(key, 4)].map((k) => randomUniform(k, [count])));
    for (let i = 0; i < streams.length; i++) {
      for (let j = 0; j < i; j++) {
        expect(Math.abs(correlation(streams[i], streams[j]))).toBeLessThan(5 / Math.sqrt(count));
      }
    }
  });
  test("keys are all different, their low words odd", () => {
    const keys = draw(11, (key) => splitKey(key, 300));
    expect(new Set(keys.map(String)).size).toBe(300);
    expect(keys.every(([, low]) => low % 2 === 1)).toBe(true);
  });
  test("a traced stream number gives the key of that number", () => {
    const inputs = [hostValue("uint32", [2], keyFromSeed(12)), hostValue("uint32", [], [77])];
    const [traced, known] = run((key, data) => [foldKey(key, data), foldKey(key, 77)], inputs);
    expect(traced).toEqual(known);
  });
});
