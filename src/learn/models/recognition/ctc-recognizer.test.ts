import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../../core/base/index.ts";
import { constantKey, type Tensor, tensor } from "../../../core/trace/index.ts";
import { collapse, ctcRecognizer, framesAfter } from "./ctc-recognizer.ts";

/** Scores whose most probable tokens are these. */
function scoresOf(rows: readonly (readonly number[])[], classes: number): Tensor {
  const numbers = rows.flatMap((row) =>
    row.flatMap((token) => Array.from({ length: classes }, (_, v) => +(v === token))),
  );
  return tensor(numbers, [rows.length, rows[0].length, classes]);
}

describe("collapse", () => {
  test("repetitions become one, blanks part them and vanish, what is beyond the end does not count", () => {
    const rows = [
      [0, 1, 1, 0, 1, 2, 2],
      [3, 3, 3, 3, 0, 0, 2],
      [0, 0, 0, 0, 0, 0, 0],
    ];
    const found = collapse(scoresOf(rows, 4), tensor([7, 6, 7], [3], "int32"), { blank: 0, places: 4 });
    expect(numbersOf(found)).toEqual([1, 1, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
  });
  test("a first token equal to padding's zero, another blank, and more tokens than places", () => {
    const found = collapse(scoresOf([[0, 3, 0, 1, 2, 1]], 4), tensor([6], [1], "int32"), { blank: 3, places: 3 });
    expect(numbersOf(found)).toEqual([0, 0, 1]);
    expect(numbersOf(collapse(scoresOf([[2]], 4), tensor([1], [1], "int32"), { blank: 0, places: 2 }))).toEqual([2, 0]);
  });
});

describe("ctcRecognizer", () => {
  const options = { frames: 9, features: 3, places: 2, vocabulary: 4, blank: 0, hidden: 4, layers: 1, stride: 2 };
  const family = ctcRecognizer(options);
  const parameters = family.init(constantKey(keyFromSeed(1)));
  const numbers = Array.from({ length: 27 }, (_, i) => Math.sin(i));
  const batch = (features: readonly number[]) => ({
    features: tensor(features, [1, 9, 3]),
    frames: tensor([5], [1], "int32"),
    target: tensor([2, 1], [1, 2], "int32"),
    length: tensor([2], [1], "int32"),
  });
  const score = (features: readonly number[]): number =>
    numbersOf(family.score?.(parameters, batch(features), constantKey([0, 0])).negativeLogLikelihood as Tensor)[0];

  test("frames beyond a recording's end change nothing; those within do", () => {
    expect(score(numbers.map((x, i) => (i >= 15 ? 9 : x)))).toBe(score(numbers));
    expect(score(numbers.map((x, i) => (i === 14 ? 9 : x)))).not.toBe(score(numbers));
  });
  test("frames and places that are only padding can be cut off", () => {
    const whole = score(numbers);
    const cut = { ...batch(numbers), features: tensor(numbers.slice(0, 18), [1, 6, 3]) };
    const [short] = numbersOf(family.score?.(parameters, cut, constantKey([0, 0])).negativeLogLikelihood as Tensor);
    expect(short).toBeCloseTo(whole, 5);
    expect(family.sequences).toEqual(["features", "target"]);
  });
  test("a stride makes fewer times", () => {
    expect([9, 8, 1].map((frames) => framesAfter(frames, 2))).toEqual([5, 4, 1]);
    expect(family.inspect?.(parameters, batch(numbers)).scores.shape).toEqual([1, 5, 4]);
  });
  test("a blank that is no token is refused", () => {
    expect(() => ctcRecognizer({ ...options, blank: 4 })).toThrow("token 4 of 4");
  });
});
