/** Answers in the words of a text, of random weights: legal spans, and padding that changes nothing. */

import { describe, expect, test } from "vitest";
import { keyFromSeed } from "../../src/core/base/index.ts";
import { constantKey, type Tensor, tensor } from "../../src/core/trace/index.ts";
import { spanExtractor } from "../../src/learn/models/index.ts";
import { numbersOf } from "../graph/numbers.ts";

const sizes = { vocabulary: 9, width: 8, depth: 1, heads: 2, pad: 0 } as const;
const key = constantKey(keyFromSeed(5));
const ints = (rows: readonly (readonly number[])[]): Tensor =>
  tensor(rows.flat(), [rows.length, rows[0].length], "int32");

describe("the best span", () => {
  test.each([1, 2, 5])("begins before it ends, is of %i tokens at most, and lies within the text", (answerWords) => {
    const family = spanExtractor({ ...sizes, contextWords: 6, questionWords: 2, answerWords });
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const parameters = family.init(constantKey(keyFromSeed(seed)));
      const conditions = { context: ints([[3, 4, 5, 6, 0, 0]]), question: ints([[4, 7]]) };
      // Bigger weights have stronger opinions, also such that are not legal.
      const strong = { ...parameters, ends: { ...parameters.ends, weight: parameters.ends.weight.mul(500) } };
      const [first, last] = numbersOf(family.sample(strong, key, { count: 1, conditions, controls: {} }).span);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(last).toBeGreaterThanOrEqual(first);
      expect(last - first).toBeLessThan(answerWords);
      expect(last).toBeLessThan(4);
    }
  });
});

test("padding of text and question changes no score", () => {
  const scoreOf = (contextWords: number, context: readonly number[]): number => {
    const family = spanExtractor({ ...sizes, contextWords, questionWords: 3, answerWords: 3 });
    const batch = { context: ints([context]), question: ints([[4, 7, 0]]), span: ints([[1, 2]]) };
    return numbersOf(family.score?.(family.init(key), batch, key).negativeLogLikelihood as Tensor)[0];
  };
  const short = scoreOf(4, [3, 4, 5, 6]);
  expect(scoreOf(7, [3, 4, 5, 6, 0, 0, 0])).toBeCloseTo(short, 4);
  expect(scoreOf(4, [3, 4, 5, 7])).not.toBeCloseTo(short, 4);
});

test("an answer that is in no part that is read is neither trained on nor judged", () => {
  const family = spanExtractor({ ...sizes, contextWords: 4, questionWords: 2, answerWords: 3 });
  const parameters = family.init(key);
  const question = ints([[4, 7], [4, 7]]); // biome-ignore format: short
  const context = ints([[3, 4, 5, 6], [3, 4, 5, 8]]); // biome-ignore format: short
  const score = (span: Tensor): number[] =>
    numbersOf(family.score?.(parameters, { context, question, span }, key).negativeLogLikelihood as Tensor);
  const [kept] = score(ints([[1, 2], [0, 0]])); // biome-ignore format: short
  expect(score(ints([[1, 2], [-1, -1]]))).toEqual([kept, 0]); // biome-ignore format: short
});
