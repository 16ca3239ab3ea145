import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { tensor } from "../../core/trace/index.ts";
import { relativeBuckets, rotary, sinusoidalPositions } from "./positions.ts";

describe("sinusoidalPositions", () => {
  test("sines and cosines stand side by side, ever slower", () => {
    const numbers = numbersOf(sinusoidalPositions(3, 4));
    expect(numbers.slice(0, 4)).toEqual([0, 1, 0, 1]);
    const second = [Math.sin(2), Math.cos(2), Math.sin(2 / 100), Math.cos(2 / 100)];
    numbers.slice(8).forEach((number, i) => {
      expect(number).toBeCloseTo(second[i], 6);
    });
  });
  test("an odd width is refused", () => {
    expect(() => sinusoidalPositions(3, 5)).toThrow("sinusoidalPositions: got a size of 5");
  });
});

describe("rotary", () => {
  const q = [0.5, -1, 0.25, 2];
  const k = [1.5, 0.5, -0.75, 1];
  /** The product of q at one place and k at another. */
  const product = (here: number, there: number): number => {
    const [turnedQ, turnedK] = [
      [q, here],
      [k, there],
    ].map(([numbers, place]) => numbersOf(rotary(tensor(numbers as number[], [1, 1, 1, 4]), place as number)));
    return turnedQ.reduce((sum, number, i) => sum + number * turnedK[i], 0);
  };

  test("products depend on the distance alone", () => {
    expect(product(7, 4)).toBeCloseTo(product(13, 10), 5);
    expect(product(7, 4)).not.toBeCloseTo(product(7, 5), 2);
  });
  test("lengths stay, and place 0 is not turned", () => {
    const turned = numbersOf(rotary(tensor(q, [1, 1, 1, 4]), 5));
    expect(Math.hypot(...turned)).toBeCloseTo(Math.hypot(...q), 6);
    expect(numbersOf(rotary(tensor(q, [1, 1, 1, 4])))).toEqual(q);
  });
  test("the first pair, halves apart, turns by one radian a place", () => {
    const turned = numbersOf(rotary(tensor([1, 0, 0, 0], [1, 4]), 3));
    expect(turned[0]).toBeCloseTo(Math.cos(3), 6);
    expect(turned[2]).toBeCloseTo(Math.sin(3), 6);
  });
  test("a computed start is the same as a known one", () => {
    const x = tensor([...q, ...k], [2, 4]);
    expect(numbersOf(rotary(x, tensor([6], [], "int32")))).toEqual(numbersOf(rotary(x, 6)));
  });
});

describe("relativeBuckets", () => {
  test("near distances one by one, far ones together, later places as none", () => {
    const numbers = numbersOf(relativeBuckets({ places: 40, seen: 40, buckets: 8, farthest: 16, bothWays: false }));
    const last = numbers.slice(39 * 40).reverse(); // by distance
    expect(last.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    // Between 4 and 16 four buckets of equal ratio: 4, 5.7, 8, 11.3.
    expect([5, 6, 7, 8, 11, 12, 16, 39].map((distance) => last[distance])).toEqual([4, 5, 5, 6, 6, 7, 7, 7]);
    expect(numbers.slice(0, 40)).toEqual(Array.from({ length: 40 }, () => 0));
  });
  test("both ways, what is after is told apart", () => {
    const numbers = numbersOf(relativeBuckets({ places: 3, seen: 3, buckets: 8, farthest: 16, bothWays: true }));
    expect(numbers).toEqual([0, 5, 6, 1, 0, 5, 2, 1, 0]);
  });
  test("too few buckets, or a limit among the near ones, are refused", () => {
    const options = { places: 3, seen: 3, bothWays: false };
    expect(() => relativeBuckets({ ...options, buckets: 3, farthest: 16 })).toThrow("3 buckets");
    expect(() => relativeBuckets({ ...options, buckets: 8, farthest: 4 })).toThrow("up to a distance of 4");
  });
});
