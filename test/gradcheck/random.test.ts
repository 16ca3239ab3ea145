/** Statistics of random tensors. Keys are fixed, so each test passes always or never; bounds are five
 * standard deviations, or as named. */

import { describe, expect, test } from "vitest";
import { type Key, keyFromSeed } from "../../src/core/base/index.ts";
import {
  apply,
  foldKey,
  randomBernoulli,
  randomCategorical,
  randomExponential,
  randomGumbel,
  randomInteger,
  randomNormal,
  randomPermutation,
  randomTruncatedNormal,
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

/** How far whole numbers below `classes` are from equally frequent: within five deviations of chi-square's mean. */
function expectEven(numbers: readonly number[], classes: number): void {
  const cells = new Float64Array(classes);
  for (const number of numbers) cells[number]++;
  const expected = numbers.length / classes;
  const chiSquare = cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  expect(Math.abs(chiSquare - (classes - 1))).toBeLessThan(5 * Math.sqrt(2 * (classes - 1)));
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
  test.each([23, 16] as const)("of %d bits fill 200 cells evenly (chi-square, Kolmogorov-Smirnov)", (bits) => {
    const [sample] = draw(5, (key) => [apply("randomUniform", [key], { shape: [count], bits })]);
    expectEven(
      sample.map((u) => Math.floor(u * 200)),
      200,
    );
    expect(largestDistance(sample, (u) => u)).toBeLessThan(distanceBound);
  });
  test.each([23, 16] as const)("of %d bits take every bit from chance, the last one too", (bits) => {
    const [sample] = draw(14, (key) => [apply("randomUniform", [key], { shape: [count], bits })]);
    for (let bit = 1; bit <= bits; bit++) {
      const ones = sample.filter((u) => Math.floor(u * 2 ** bit) % 2 === 1).length;
      expect(Math.abs(ones - count / 2)).toBeLessThan(5 * Math.sqrt(count / 4));
    }
  });
  test("no number depends on one before it: 1, 2, 7, a row of the grid, or half of all places", () => {
    const [sample] = draw(15, (key) => [randomUniform(key, [count])]);
    for (const lag of [1, 2, 7, 1024, count / 2]) {
      const [from, to] = [sample.slice(0, count - lag), sample.slice(lag)];
      expect(Math.abs(correlation(from, to))).toBeLessThan(5 / Math.sqrt(count - lag));
    }
    // Pairs of neighbours, and of a word's two halves, fill a square of 16 x 16 cells evenly.
    const cell = (u: number): number => Math.floor(u * 16);
    expectEven(
      Array.from({ length: count / 2 }, (_, i) => 16 * cell(sample[2 * i]) + cell(sample[2 * i + 1])),
      256,
    );
    expectEven(
      Array.from({ length: count / 2 }, (_, i) => 16 * cell(sample[i]) + cell(sample[count / 2 + i])),
      256,
    );
  });
  test("first numbers of keys in sequence are uncorrelated and even", () => {
    const firsts = (makeKey: (i: number) => Key): number[] =>
      Array.from(
        { length: 2000 },
        (_, i) => run((key) => [randomUniform(key, [1])], [hostValue("uint32", [2], makeKey(i))])[0][0],
      );
    const sequences = [firsts((i) => keyFromSeed(i)), firsts((i) => [0, i]), firsts((i) => [i, 0])];
    for (const numbers of sequences) {
      expect(Math.abs(correlation(numbers.slice(1), numbers.slice(0, -1)))).toBeLessThan(5 / Math.sqrt(2000));
      expectEven(
        numbers.map((u) => Math.floor(u * 20)),
        20,
      );
    }
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

describe("what is made of uniform numbers", () => {
  test("exponential numbers", () => {
    const [sample] = draw(16, (key) => [randomExponential(key, [count])]);
    expect(largestDistance(sample, (x) => 1 - Math.exp(-x))).toBeLessThan(distanceBound);
    expect(sample.every((x) => x > 0)).toBe(true);
    expect(Math.abs(mean(sample) - 1)).toBeLessThan(5 / Math.sqrt(count));
  });
  test("truncated normal numbers", () => {
    const cumulative = (x: number): number => 0.5 * (1 + erf(x / Math.SQRT2));
    for (const [low, high] of [
      [-2, 2],
      [0.5, 4],
    ]) {
      const [sample] = draw(23, (key) => [randomTruncatedNormal(key, [count], low, high)]);
      expect(sample.every((x) => x >= low && x <= high)).toBe(true);
      const [from, to] = [cumulative(low), cumulative(high)];
      expect(largestDistance(sample, (x) => (cumulative(x) - from) / (to - from))).toBeLessThan(distanceBound);
    }
  });
  test("Gumbel numbers", () => {
    const [sample] = draw(17, (key) => [randomGumbel(key, [count])]);
    expect(largestDistance(sample, (x) => Math.exp(-Math.exp(-x)))).toBeLessThan(distanceBound);
    const euler = 0.5772156649;
    expect(Math.abs(mean(sample) - euler)).toBeLessThan((5 * Math.PI) / Math.sqrt(6 * count));
  });
  test("whole numbers, each as often as the next", () => {
    const [sample, single] = draw(18, (key) => [randomInteger(key, [count], -3, 94), randomInteger(key, [9], 5, 6)]);
    expectEven(
      sample.map((k) => k + 3),
      97,
    );
    expect(single).toEqual(new Array(9).fill(5));
  });
  test("permutations, each of the six of three equally often", () => {
    const orders = draw(21, (key) => Array.from({ length: 1200 }, (_, i) => randomPermutation(foldKey(key, i), 3)));
    for (const order of orders) expect(order.toSorted()).toEqual([0, 1, 2]);
    expectEven(
      orders.map(([a, b]) => 2 * a + Number(b > 3 - a - b)),
      6,
    );
    const [long, none, one] = draw(22, (key) => [1000, 0, 1].map((n) => randomPermutation(key, n)));
    expect(long.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(long.filter((place, i) => place === i).length).toBeLessThan(10);
    expect([none, one]).toEqual([[], [0]]);
  });
  test("classes as often as their probabilities say", () => {
    const logits = [0, 1, -1.5, -1e9];
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    const [sample] = draw(19, (key) => [randomCategorical(key, tensor(logits, [4]).expand([count, 4]))]);
    for (const [k, logit] of logits.entries()) {
      const p = Math.exp(logit) / total;
      const seen = sample.filter((x) => x === k).length / count;
      expect(Math.abs(seen - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / count));
    }
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
  test("keys are all different, and neighbours differ in half of their bits", () => {
    const keys = draw(11, (key) => splitKey(key, 300));
    expect(new Set(keys.map(String)).size).toBe(300);
    const bits = ([high, low]: readonly number[]): number[] =>
      Array.from({ length: 64 }, (_, i) => (i < 32 ? low >>> i : high >>> (i - 32)) & 1);
    const distances = keys.slice(1).map((key, i) => {
      const before = bits(keys[i]);
      return bits(key).filter((bit, place) => bit !== before[place]).length;
    });
    expect(Math.abs(mean(distances) - 32)).toBeLessThan(5 * Math.sqrt(16 / 299));
    expect(Math.min(...distances)).toBeGreaterThan(10);
  });
  test("streams of a key and of its children fill a square evenly", () => {
    const half = 20_000;
    const [parent, first, second] = draw(20, (key) =>
      [key, foldKey(key, 0), foldKey(key, 1)].map((k) => randomUniform(k, [half])),
    );
    const cell = (u: number): number => Math.floor(u * 16);
    for (const [a, b] of [
      [parent, first],
      [first, second],
    ]) {
      expectEven(
        a.map((u, i) => 16 * cell(u) + cell(b[i])),
        256,
      );
    }
  });
  test("a traced stream number gives the key of that number", () => {
    const inputs = [hostValue("uint32", [2], keyFromSeed(12)), hostValue("uint32", [], [77])];
    const [traced, known] = run((key, data) => [foldKey(key, data), foldKey(key, 77)], inputs);
    expect(traced).toEqual(known);
  });
});
