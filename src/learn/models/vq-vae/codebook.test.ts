import { expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../../core/base/index.ts";
import { constantKey, randomNormal, tensor } from "../../../core/trace/index.ts";
import { kMeans, nearestCodes } from "./codebook.ts";

const key = constantKey(keyFromSeed(2));
const middles = [
  [0, 0],
  [5, 1],
  [-4, 6],
  [2, -7],
];
const each = 50;
const noise = numbersOf(randomNormal(key, [4 * each, 2]));
const points = Array.from({ length: 4 * each }, (_, i) =>
  middles[i % 4].map((value, axis) => value + 0.3 * noise[2 * i + axis]),
);
const encodings = tensor(points.flat(), [4 * each, 2]);

test("centres are the means of the clusters that there are", () => {
  const centres = kMeans(encodings, 4, key, 5);
  const found = numbersOf(centres);
  const codes = numbersOf(nearestCodes(centres, encodings));
  const own = new Set<number>();
  for (const first of [0, 1, 2, 3]) {
    const members = points.filter((_, i) => i % 4 === first);
    const [code] = codes.slice(first);
    own.add(code);
    for (const axis of [0, 1]) {
      const mean = members.reduce((sum, point) => sum + point[axis], 0) / each;
      expect(found[2 * code + axis]).toBeCloseTo(mean, 4);
    }
    for (let i = first; i < codes.length; i += 4) expect(codes[i]).toBe(code);
  }
  expect(own.size).toBe(4);
});

test("no move makes the distances larger, and there may be more centres than different encodings", () => {
  const errorAfter = (times: number): number => {
    const centres = kMeans(encodings, 12, key, times);
    const codes = numbersOf(nearestCodes(centres, encodings));
    const found = numbersOf(centres);
    return points.reduce(
      (sum, [x, y], i) => sum + (x - found[2 * codes[i]]) ** 2 + (y - found[2 * codes[i] + 1]) ** 2,
      0,
    );
  };
  const errors = [0, 1, 2, 5, 10].map(errorAfter);
  for (const [i, error] of errors.slice(1).entries()) expect(error).toBeLessThanOrEqual(errors[i] * (1 + 1e-6));
  expect(errors[4]).toBeLessThan(errors[0]);
  for (const value of numbersOf(kMeans(tensor([1, 1, 1, 2], [4, 1]), 6, key, 3))) expect([1, 2]).toContain(value);
});
