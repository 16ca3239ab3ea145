import { expect, test } from "vitest";
import { logMeanExp, runningMean } from "./index.ts";

test("mean and standard error of 2, 4, 4, 4, 5, 5, 7, 9", () => {
  const values = runningMean();
  for (const value of [2, 4, 4, 4, 5, 5, 7, 9]) values.add(value);
  expect(values.count).toBe(8);
  expect(values.mean).toBeCloseTo(5, 12);
  // Sum of squares 32, so sqrt(32 / 7 / 8).
  expect(values.standardError).toBeCloseTo(Math.sqrt(32 / 56), 12);
});

test("no values have no mean, one has no error", () => {
  const values = runningMean();
  expect(values.mean).toBeNaN();
  values.add(3);
  expect(values.mean).toBe(3);
  expect(values.standardError).toBeNaN();
});

test("log-mean-exp of large and of equal numbers", () => {
  expect(logMeanExp([-1000, -1000])).toBeCloseTo(-1000, 12);
  expect(logMeanExp([0, Math.log(3)])).toBeCloseTo(Math.log(2), 12);
  expect(logMeanExp([1000, -1000])).toBeCloseTo(1000 - Math.log(2), 9);
  expect(logMeanExp([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
});
