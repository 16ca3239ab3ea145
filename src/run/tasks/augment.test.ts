import { describe, expect, test } from "vitest";
import { compareAccuracies, studentQuantile } from "./augment.ts";

/** Accuracies of seeds from real images alone, and how much is gained by each. */
function pairsOf(alone: readonly number[], gains: readonly number[]) {
  return alone.map((accuracy, i) => ({ alone: accuracy, augmented: accuracy + gains[i] }));
}

describe("the verdict", () => {
  test("is about the difference of each seed, however much the seeds differ", () => {
    const found = compareAccuracies(pairsOf([0.5, 0.7, 0.9], [0.02, 0.021, 0.019]));
    expect(found.verdict).toBe("better");
    expect(found.alone.mean).toBeCloseTo(0.7, 6);
    expect(found.alone.deviation).toBeCloseTo(0.2, 6);
    expect(found.difference.mean).toBeCloseTo(0.02, 6);
    expect(found.difference.deviation).toBeCloseTo(0.001, 6);
    expect(found.margin).toBeCloseTo((4.303 * 0.001) / Math.sqrt(3), 6);
  });

  test("is worse, or no difference where chance would do", () => {
    expect(compareAccuracies(pairsOf([0.5, 0.7, 0.9], [-0.02, -0.021, -0.019])).verdict).toBe("worse");
    expect(compareAccuracies(pairsOf([0.5, 0.5, 0.5], [0.05, -0.02, 0.01])).verdict).toBe("no difference");
    expect(compareAccuracies(pairsOf([0.5, 0.5], [0, 0])).verdict).toBe("no difference");
    // Two seeds that agree roughly say little: t is 12.7.
    expect(compareAccuracies(pairsOf([0.5, 0.5], [0.01, 0.02])).verdict).toBe("no difference");
  });

  test("one seed has no spread", () => {
    expect(() => compareAccuracies(pairsOf([0.5], [0.1]))).toThrow("a spread needs at least 2");
  });
});

test.each([
  [1, 12.706],
  [4, 2.776],
  [5, 2.571],
  [9, 2.262],
  [30, 2.042],
  [1000, 1.962],
])("Student's t of %i degrees of freedom", (freedom, quantile) => {
  expect(studentQuantile(freedom)).toBeCloseTo(quantile, 2);
});
