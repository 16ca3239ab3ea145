import { expect, test } from "vitest";
import { judgeAnomalies } from "./anomaly.ts";

test("the area under the ROC curve of each score, higher being odder", () => {
  const isOdd = [true, false, true, false, false];
  const scores = {
    right: Float32Array.of(5, 1, 4, 2, 3),
    wrong: Float32Array.of(1, 5, 2, 4, 3),
    blind: Float32Array.of(7, 7, 7, 7, 7),
    // Of 6 pairs of an odd and a normal one, 4 in the right order.
    mixed: Float32Array.of(9, 1, 2, 3, 4),
  };
  const { right, wrong, blind, mixed } = judgeAnomalies(scores, isOdd);
  expect([right, wrong, blind]).toEqual([1, 0, 0.5]);
  expect(mixed).toBeCloseTo(4 / 6, 6);
});
