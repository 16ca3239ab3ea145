import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../../core/base/index.ts";
import { constantKey, randomNormal, tensor } from "../../../core/trace/index.ts";
import { rankedProbabilityScore } from "../../../run/metrics/index.ts";
import { forecastDistributions, forecastLevels, standardDistributions } from "./distributions.ts";

/** Draws whose mean has an error of about 0.01. */
const draws = 20_000;

describe.each(forecastDistributions)("%s", (kind) => {
  const standard = standardDistributions[kind];
  const outcomes = [-2.5, -0.4, 0, 1, 3];
  const drawn = [...numbersOf(standard.ofNormal(randomNormal(constantKey(keyFromSeed(4)), [draws])))];

  test("the density integrates to 1", () => {
    const grid = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 100);
    const nats = numbersOf(standard.nats(tensor(grid, [grid.length])));
    const sum = [...nats].reduce((total, value) => total + Math.exp(-value) / 100, 0);
    expect(sum).toBeCloseTo(1, 4);
  });

  test("as many draws lie below each quantile as its level says", () => {
    for (const level of forecastLevels) {
      const share = drawn.filter((value) => value < standard.quantile(level)).length / draws;
      expect(Math.abs(share - level)).toBeLessThan(0.01);
    }
  });

  test("a draw's normal score is the number that it was drawn with", () => {
    const scores = [-4.5, -1.5, -0.001, 0, 0.2, 1, 3];
    const back = numbersOf(standard.normalScore(standard.ofNormal(tensor(scores, [scores.length]))));
    for (const [i, score] of scores.entries()) expect(Math.abs(back[i] - score)).toBeLessThan(0.01);
    const far = numbersOf(standard.normalScore(tensor([-1000, 1000], [2])));
    if (kind === "laplace") expect([...far].map((value) => Math.abs(value) < 5)).toEqual([true, true]);
  });

  test("the ranked probability score is that of many draws", () => {
    const scores = numbersOf(standard.rankedProbabilityScore(tensor(outcomes, [outcomes.length])));
    for (const [i, outcome] of outcomes.entries()) {
      expect(Math.abs(scores[i] - rankedProbabilityScore(outcome, drawn, { fair: true }))).toBeLessThan(0.03);
    }
  });
});

test("scores by hand: a normal forecast that is right has 2 / sqrt(2 pi) - 1 / sqrt(pi), a Laplace one 1/4", () => {
  const at0 = forecastDistributions.map((kind) =>
    numbersOf(standardDistributions[kind].rankedProbabilityScore(tensor([0], [1]))),
  );
  expect(at0[0][0]).toBeCloseTo(0.25, 6);
  expect(at0[1][0]).toBeCloseTo(0.233_695, 5);
});
