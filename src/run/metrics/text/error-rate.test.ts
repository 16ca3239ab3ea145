import fc from "fast-check";
import { distance } from "fastest-levenshtein";
import { describe, expect, test } from "vitest";
import {
  bitsPerCharacter,
  characterErrorRate,
  countCharacters,
  countEdits,
  perplexity,
  sequenceAccuracy,
  tokenErrorRate,
  wordErrorRate,
} from "./index.ts";

describe("error rates", () => {
  test("words, by hand", () => {
    expect(wordErrorRate(["one too three five"], ["one two three four five"])).toEqual({
      substitutions: 1,
      insertions: 0,
      deletions: 1,
      hits: 3,
      referenceLength: 5,
      rate: 2 / 5,
    });
  });
  test("characters: kitten to sitting takes three", () => {
    expect(countEdits([..."sitting"], [..."kitten"])).toEqual({
      substitutions: 2,
      insertions: 1,
      deletions: 0,
      hits: 4,
    });
    expect(characterErrorRate(["sitting"], ["kitten"]).rate).toBe(1 / 2);
    expect(characterErrorRate(["a😀"], ["a😁"]).rate).toBe(1 / 2);
  });
  test("are of the corpus, not means of texts, and may exceed 1", () => {
    expect(wordErrorRate(["a", ""], ["a", "b c d"]).rate).toBe(3 / 4);
    expect(wordErrorRate(["a b c"], ["d"]).rate).toBe(3);
    expect(wordErrorRate(["a", "x"], ["a", ""]).rate).toBe(1);
  });
  test("tokens of any kind", () => {
    expect(tokenErrorRate([[1, 2, 3]], [[1, 3]])).toMatchObject({ insertions: 1, rate: 1 / 2 });
  });
  test("the counts add up to the distance that a library computes", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const { substitutions, insertions, deletions, hits } = countEdits([...a], [...b]);
        expect(substitutions + insertions + deletions).toBe(distance(a, b));
        expect(hits + substitutions + deletions).toBe(b.length);
        expect(hits + substitutions + insertions).toBe(a.length);
      }),
    );
  });
  test("refuse empty references and unequal counts", () => {
    expect(() => wordErrorRate(["a"], [" "])).toThrow("error rate: all references are empty");
    expect(() => wordErrorRate(["a"], [])).toThrow(
      "error rate: 1 texts and 0 references; as many of both, at least one",
    );
  });
});

test("accuracy of whole sequences", () => {
  expect(sequenceAccuracy(["I_WALK I_RUN", "I_JUMP"], ["I_WALK I_RUN", "I_JUMP I_JUMP"])).toBe(0.5);
  expect(sequenceAccuracy([[1, 2], [3], []], [[1, 2], [3, 4], []])).toBe(2 / 3);
  expect(() => sequenceAccuracy([], [])).toThrow("sequence accuracy: 0 texts and 0 references");
});

test("perplexity and bits per character", () => {
  // Four equally likely tokens of two characters each: one bit for a character.
  expect(perplexity(10 * Math.log(4), 10)).toBeCloseTo(4, 12);
  expect(bitsPerCharacter(10 * Math.log(4), 20)).toBeCloseTo(1, 12);
  expect(countCharacters("na😀ï")).toBe(4);
  expect(() => perplexity(1, 0)).toThrow("perplexity: 0 tokens or characters; at least one");
});
