import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../../core/base/index.ts";
import { constantKey, tensor } from "../../../core/trace/index.ts";
import { linearPrediction } from "./linear-prediction.ts";
import { muLawAmplitudes } from "./stretches.ts";

const [levels, order, states, memory] = [16, 3, 2, 2];
const vocabulary = levels + 2;
const prediction = linearPrediction({ vocabulary, levels, order, states, memory });
const first = prediction.init(constantKey(keyFromSeed(1)));
const hidden = tensor([0.5, -1], [1, states]);

const scoresOf = (parameters: typeof first, last: readonly number[], place: readonly number[]): number[] => {
  const factors = prediction.factors(parameters, tensor([...place], [1, memory]));
  return numbersOf(prediction.scores(parameters, tensor([...last], [1, order]), factors, hidden));
};

/** Companded amplitude, from -1 to 1. */
const companded = (x: number): number => (Math.sign(x) * Math.log1p((levels - 1) * Math.abs(x))) / Math.log(levels);

describe("a linear prediction", () => {
  test("says at first that a sample is like the last one, whatever the memory holds", () => {
    for (let level = 0; level < levels; level++) {
      const [amplitude] = numbersOf(muLawAmplitudes(tensor([level], [1, 1], "int32"), levels));
      const scores = scoresOf(first, [0.9, -0.9, amplitude], [3, -2]);
      expect(scores.indexOf(Math.max(...scores))).toBe(level);
      expect(scores[level]).toBeCloseTo(0, 4);
      expect(scores.slice(levels)).toEqual([-8, -8]);
    }
  });

  test("scores levels by a normal distribution around the companded prediction and what the states add", () => {
    const parameters = {
      weight: tensor([0.1, -0.5, 1.2], [order]),
      told: { weight: tensor([0, 1, 0.5, 0, -1, 0.25], [order, memory]) },
      output: { weight: tensor([0.1, 0.05, 1, 0.5], [2, states]), bias: tensor([0.02, 2], [2]) },
    };
    const [last, place] = [
      [0.2, -0.3, 0.4],
      [0.2, -0.4],
    ];
    // Factors: 0.1 - 0.4, -0.5 + 0.1 and 1.2 - 0.2 - 0.1.
    const mean = companded(-0.3 * 0.2 + 0.4 * 0.3 + 0.9 * 0.4) + 0.02 + 0.1 * 0.5 - 0.05;
    const sharpness = Math.exp(2 + 0.5 - 0.5);
    const scores = scoresOf(parameters, last, place);
    for (let level = 0; level < levels; level++) {
      const y = (2 * level) / (levels - 1) - 1;
      expect(scores[level]).toBeCloseTo(-sharpness * (y - mean) ** 2, 4);
    }
  });

  test("its sharpness has a limit, so that scores stay numbers", () => {
    const output = { weight: tensor([0, 0, 0, 0], [2, states]), bias: tensor([0, 1000], [2]) };
    for (const score of scoresOf({ ...first, output }, [0, 0, 0.3], [0, 0])) expect(Number.isFinite(score)).toBe(true);
  });
});
