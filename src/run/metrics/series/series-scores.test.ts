import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { normals } from "../normals.fixture.ts";
import {
  forecastScores,
  intervalCoverage,
  meanAbsoluteError,
  meanSquaredError,
  quantileLoss,
  quantileScore,
  rankedProbabilityScore,
  scaledError,
  seasonalNaive,
  symmetricPercentageError,
} from "./index.ts";

describe("errors of points", () => {
  test("by hand", () => {
    expect(meanSquaredError([1, 2], [2, 4])).toBe(2.5);
    expect(meanAbsoluteError([1, 2], Float32Array.of(2, 4))).toBe(1.5);
    expect(symmetricPercentageError([100, 0, -1], [50, 0, 1])).toBeCloseTo((200 * 50) / 150 / 3 + 200 / 3, 12);
    expect(symmetricPercentageError([1], [-1])).toBe(200);
    // Within the history the last value but one misses by 2 and 2.
    expect(scaledError([5], [8], [1, 10, 3, 12], 2)).toBe(1.5);
  });
  test("the seasonal naive forecast repeats the last season", () => {
    expect(seasonalNaive([9, 1, 2, 3], 3, 5)).toEqual([1, 2, 3, 1, 2]);
    expect(seasonalNaive([9, 4], 1, 2)).toEqual([4, 4]);
  });
  test("over a set, series weigh the same; those without a scale are counted", () => {
    const series = [
      { history: [1, 2, 3], actual: [4, 5], forecast: [3, 3] },
      { history: [7, 7, 7], actual: [7], forecast: [7] },
    ];
    const sum = 200 / 7 + (200 * 2) / 8;
    expect(forecastScores(series, 1)).toEqual({
      symmetricPercentageError: expect.closeTo(sum / 4, 12),
      scaledError: 1.5,
      count: 2,
      withoutScale: 1,
    });
  });
  test("refuse what has no score", () => {
    expect(() => meanSquaredError([], [])).toThrow("mean squared error: 0 actual, 0 forecast; as many of each");
    expect(() => meanAbsoluteError([1], [1, 2])).toThrow("mean absolute error: 1 actual, 2 forecast");
    expect(() => symmetricPercentageError([1], [Number.NaN])).toThrow("sMAPE: forecast[0] is NaN; every value");
    expect(() => scaledError([1], [1], [5, 5, 5], 1)).toThrow("MASE: the history repeats itself exactly with period 1");
    expect(() => scaledError([1], [1], [5, 5], 2)).toThrow("MASE: a history of 2 values for a period of 2; at least 3");
    expect(() => seasonalNaive([1], 2, 1)).toThrow("seasonal naive: a history of 1 values for a period of 2");
    expect(() => seasonalNaive([1], 0.5, 1)).toThrow("seasonal naive: a period of 0.5; a whole number of steps");
    expect(() => forecastScores([], 1)).toThrow("forecast: there is no series; at least one");
  });
});

describe("scores of distributions", () => {
  test("of samples, by hand", () => {
    expect(rankedProbabilityScore(3, [1])).toBe(2);
    // E|X - y| = 1 and E|X - X'| / 2 = 1/2 over all pairs, 1 over pairs of two.
    expect(rankedProbabilityScore(1, [2, 0])).toBe(0.5);
    expect(rankedProbabilityScore(1, [2, 0], { fair: true })).toBe(0);
    expect(rankedProbabilityScore(0, [1, 2, 4])).toBeCloseTo(7 / 3 - (1 + 3 + 2) / 9, 12);
  });
  test("of N(0, 1) at 0: (sqrt 2 - 1) / sqrt pi; at 1 by its closed form", () => {
    const { data } = normals(3, 20_000, 1);
    const atZero = (Math.SQRT2 - 1) / Math.sqrt(Math.PI);
    // y (2 Phi(y) - 1) + 2 phi(y) - 1 / sqrt pi, with Phi(1) = 0.8413447.
    const atOne = 2 * 0.8413447461 - 1 + 2 * 0.2419707245 - 1 / Math.sqrt(Math.PI);
    // Four standard errors of a mean of 20,000 values of deviation below 1.
    const tolerance = 4 / Math.sqrt(20_000);
    expect(Math.abs(rankedProbabilityScore(0, data) - atZero)).toBeLessThan(tolerance);
    expect(Math.abs(rankedProbabilityScore(1, data, { fair: true }) - atOne)).toBeLessThan(tolerance);
  });
  test("of quantiles: by hand, and that of U(0, 1) at a half, 1/12", () => {
    expect(quantileLoss(3, 1, 0.9)).toBeCloseTo(1.8, 12);
    expect(quantileLoss(1, 3, 0.9)).toBeCloseTo(0.2, 12);
    expect(quantileScore(3, [1], [0.5])).toBe(2);
    const levels = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
    expect(quantileScore(0.5, levels, levels)).toBeCloseTo(1 / 12, 6);
    // The samples' own steps have these quantiles.
    expect(rankedProbabilityScore(0.5, levels)).toBeCloseTo(quantileScore(0.5, levels, levels), 12);
  });
  test("coverage and width of intervals", () => {
    expect(intervalCoverage([1, 2, 3, 4], [0, 2, 4, 0], [1, 2, 5, 3])).toEqual({ coverage: 0.5, width: 5 / 4 });
  });
  test("refuse what has no score", () => {
    expect(() => rankedProbabilityScore(1, [])).toThrow("CRPS: 0 samples; at least 1");
    expect(() => rankedProbabilityScore(1, [1], { fair: true })).toThrow("CRPS: 1 samples; at least 2");
    expect(() => rankedProbabilityScore(Number.NaN, [1])).toThrow("CRPS: actual[0] is NaN");
    expect(() => quantileScore(1, [1], [1])).toThrow("CRPS: levels[0] is 1; levels lie between 0 and 1");
    expect(() => quantileScore(1, [1, 2], [0.5])).toThrow("CRPS: 2 quantiles, 1 levels");
    expect(() => intervalCoverage([1], [2], [1])).toThrow("coverage: interval 0 goes from 2 to 1");
  });
});

/** Data that lies beside the repository where it is developed. */
const folder = resolve(import.meta.dirname, "../../../../../shared/data/m4");
const absent = existsSync(folder) ? "" : " (skipped: no ../shared/data/m4)";

describe.skipIf(absent !== "")(`the seasonal naive forecast of M4${absent}`, () => {
  function readRows(name: string): readonly (readonly number[])[] {
    const lines = gunzipSync(readFileSync(join(folder, name)))
      .toString("utf8")
      .trim()
      .split("\n");
    return lines.slice(1).map((line) => {
      const cells = line.replaceAll('"', "").trim().split(",").slice(1);
      return cells.filter((cell) => cell !== "" && cell !== "NA").map(Number);
    });
  }
  // What the competition's report prints.
  test.each([
    ["Hourly", 24, 414, "13.912", "1.193"],
    ["Weekly", 1, 359, "9.161", "2.777"],
  ])("%s", (name, period, count, percentage, scaled) => {
    const histories = readRows(`${name}-train.csv.gz`);
    const actuals = readRows(`${name}-test.csv.gz`);
    const series = histories.map((history, i) => ({
      history,
      actual: actuals[i],
      forecast: seasonalNaive(history, period, actuals[i].length),
    }));
    const scores = forecastScores(series, period);
    expect([scores.count, scores.withoutScale]).toEqual([count, 0]);
    expect(scores.symmetricPercentageError.toFixed(3)).toBe(percentage);
    expect(scores.scaledError.toFixed(3)).toBe(scaled);
  });
});
