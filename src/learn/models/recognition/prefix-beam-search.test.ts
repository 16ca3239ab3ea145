import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { type Tensor, tensor } from "../../../core/trace/index.ts";
import { collapse } from "./ctc-recognizer.ts";
import { prefixBeamSearch } from "./prefix-beam-search.ts";

type Probabilities = readonly (readonly number[])[];

/** Scores of one recording whose probabilities these are, [1, T, V]. */
function scoresOf(rows: Probabilities): Tensor {
  const logs = rows.flatMap((row) => row.map((p) => Math.log(p)));
  return tensor(logs, [1, rows.length, rows[0].length]);
}

/** The tokens that an alignment says. */
function said(alignment: readonly number[], blank: number): number[] {
  return alignment.filter((token, t) => token !== blank && token !== alignment[t - 1]);
}

/** The probability of each labelling, summed over all V^T alignments. */
function labellings(rows: Probabilities, blank: number): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  const classes = rows[0].length;
  for (let n = 0; n < classes ** rows.length; n++) {
    const alignment = rows.map((_, t) => Math.floor(n / classes ** t) % classes);
    const name = said(alignment, blank).join(" ");
    const probability = alignment.reduce((product, token, t) => product * rows[t][token], 1);
    sums.set(name, (sums.get(name) ?? 0) + probability);
  }
  return sums;
}

const mostProbable = (sums: ReadonlyMap<string, number>): string => [...sums].sort((a, b) => b[1] - a[1])[0][0];

function searched(rows: Probabilities, blank: number, beams: number, places = rows.length): string {
  const found = numbersOf(
    prefixBeamSearch(scoresOf(rows), tensor([rows.length], [1], "int32"), { blank, places, beams }),
  );
  const end = found.indexOf(blank);
  return (end < 0 ? found : found.slice(0, end)).join(" ");
}

function bestPath(rows: Probabilities, blank: number): string {
  const times = tensor([rows.length], [1], "int32");
  const found = numbersOf(collapse(scoresOf(rows), times, { blank, places: rows.length }));
  return found.filter((token) => token !== blank).join(" ");
}

/** Probabilities that depend on a number, sharp where `sharpness` is high. */
function drawn(seed: number, steps: number, classes: number, sharpness: number): Probabilities {
  return Array.from({ length: steps }, (_, t) => {
    const weights = Array.from({ length: classes }, (_, v) => {
      const share = Math.abs(Math.sin(12.9898 * (seed + 1) + 78.233 * (t + 1) + 37.719 * (v + 1)) * 43758.5453) % 1;
      return Math.exp(sharpness * share);
    });
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / sum);
  });
}

describe("prefixBeamSearch", () => {
  test("finds the labelling that many alignments share where the best path says nothing", () => {
    // Graves et al. (2006), section 3.2: blanks are the best path with 0.36, and 1 has 0.64 in three alignments.
    const rows = [
      [0.6, 0.4],
      [0.6, 0.4],
    ];
    expect(labellings(rows, 0).get("1")).toBeCloseTo(0.64, 12);
    expect(bestPath(rows, 0)).toBe("");
    expect(searched(rows, 0, 4)).toBe("1");
  });

  test("with enough beams it is what all alignments together say, repeated tokens and any blank included", () => {
    let better = 0;
    for (let seed = 0; seed < 40; seed++) {
      const blank = seed % 3;
      const rows = drawn(seed, 5, 3, 2 + (seed % 4));
      const right = mostProbable(labellings(rows, blank));
      expect(searched(rows, blank, 64)).toBe(right);
      if (bestPath(rows, blank) !== right) better++;
    }
    expect(better).toBeGreaterThan(5);
  });

  test("with few beams it finds at least as probable a labelling as the best path, nearly always", () => {
    let worse = 0;
    for (let seed = 0; seed < 30; seed++) {
      const rows = drawn(seed, 6, 3, 3);
      const sums = labellings(rows, 0);
      if ((sums.get(searched(rows, 0, 3)) ?? 0) < (sums.get(bestPath(rows, 0)) ?? 0)) worse++;
    }
    expect(worse).toBeLessThan(2);
  });

  test("only as many times as count, as many tokens as places, and each recording of a batch for itself", () => {
    const rows = drawn(3, 5, 3, 4);
    const short = mostProbable(labellings(rows.slice(0, 3), 0));
    const whole = mostProbable(labellings(rows, 0));
    const both = tensor([...numbersOf(scoresOf(rows)), ...numbersOf(scoresOf(rows))], [2, 5, 3]);
    const options = { blank: 0, places: 5, beams: 64 };
    const found = numbersOf(prefixBeamSearch(both, tensor([3, 5], [2], "int32"), options));
    const wordsOf = (tokens: number[]): string => tokens.filter((token) => token !== 0).join(" ");
    expect([wordsOf(found.slice(0, 5)), wordsOf(found.slice(5))]).toEqual([short, whole]);
    const sums = [...labellings(rows, 0)].filter(([name]) => name.split(" ").filter(Boolean).length <= 1);
    expect(searched(rows, 0, 64, 1)).toBe(mostProbable(new Map(sums)));
  });
});
