import { expect, test } from "vitest";
import { splitSteps } from "./series-splits.ts";
import { applyScale, measureScale, windowStarts } from "./windows.ts";

test("the published split of ETT, and how many windows the literature counts on it", () => {
  const split = splitSteps("ETTh1", 17_420);
  expect(split).toEqual({
    train: { start: 0, end: 8640 },
    validation: { start: 8640, end: 11_520 },
    test: { start: 11_520, end: 14_400 },
  });
  const options = { context: 336, horizon: 96 };
  const counts = [split.train, split.validation, split.test].map((range) => windowStarts(range, options, "a").length);
  expect(counts).toEqual([8209, 2785, 2785]);
  expect(splitSteps("ETTm2", 69_680).test).toEqual({ start: 46_080, end: 57_600 });
  expect(() => splitSteps("ETTh2", 100)).toThrow("ETTh2: it has 100 steps; 14400 for the published split");
});

test("other series: 70, 10 and 20 of a hundred, all steps used once", () => {
  for (const length of [10, 99, 100, 144]) {
    const { train, validation, test: last } = splitSteps("mine", length);
    expect([train.start, train.end, validation.end, last.end]).toEqual([0, validation.start, last.start, length]);
    expect(Math.min(train.end - train.start, validation.end - validation.start, last.end - last.start)).toBeGreaterThan(
      0,
    );
  }
  expect(splitSteps("mine", 100)).toMatchObject({ train: { end: 70 }, validation: { end: 80 } });
  expect(() => splitSteps("mine", 9)).toThrow("mine: it has 9 steps; 10 or more");
});

test("horizons stay in their range, contexts reach back, never before the start", () => {
  expect([...windowStarts({ start: 10, end: 15 }, { context: 4, horizon: 2 }, "a")]).toEqual([6, 7, 8, 9]);
  expect([...windowStarts({ start: 2, end: 8 }, { context: 4, horizon: 2 }, "a")]).toEqual([0, 1, 2]);
  expect([...windowStarts({ start: 0, end: 10 }, { context: 2, horizon: 2, stride: 3 }, "a")]).toEqual([0, 3, 6]);
  expect(() => windowStarts({ start: 0, end: 5 }, { context: 4, horizon: 2 }, "a")).toThrow(
    "a: 5 steps are too few for a context of 4 and a horizon of 2; 6 or more, or shorter windows",
  );
  expect(() => windowStarts({ start: 0, end: 5 }, { context: 0, horizon: 2 }, "a")).toThrow("context: is 0");
});

test("a constant context has deviation 1: large constants and rounding too", () => {
  expect(measureScale([5, 5, 5])).toEqual({ mean: 5, deviation: 1 });
  expect(measureScale([0, 0])).toEqual({ mean: 0, deviation: 1 });
  expect(measureScale([0.1, 0.1, 0.1]).deviation).toBe(1);
  expect(measureScale([1e-12, 3e-12]).deviation).toBeCloseTo(1e-12, 20);
  expect([...applyScale(Float64Array.of(5, 6), measureScale([5, 5]))]).toEqual([0, 1]);
  expect(() => measureScale([], "a")).toThrow("a: there are no values; 1 or more finite numbers");
  expect(() => measureScale([1, Number.NaN], "a")).toThrow("a: a value is no finite number");
});
