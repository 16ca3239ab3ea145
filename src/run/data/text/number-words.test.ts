import { describe, expect, test } from "vitest";
import { englishNumber, germanNumber, numberPairs } from "./number-words.ts";

describe("numbers in words", () => {
  test.each([
    [0, "zero", "null"],
    [1, "one", "eins"],
    [12, "twelve", "zwölf"],
    [17, "seventeen", "siebzehn"],
    [21, "twenty one", "ein und zwanzig"],
    [30, "thirty", "dreißig"],
    [100, "one hundred", "ein hundert"],
    [101, "one hundred and one", "ein hundert eins"],
    [365, "three hundred and sixty five", "drei hundert fünf und sechzig"],
    [1001, "one thousand and one", "ein tausend eins"],
    [21_000, "twenty one thousand", "ein und zwanzig tausend"],
    [101_000, "one hundred and one thousand", "ein hundert ein tausend"],
    [
      654_321,
      "six hundred and fifty four thousand three hundred and twenty one",
      "sechs hundert vier und fünfzig tausend drei hundert ein und zwanzig",
    ],
  ])("%i", (n, english, german) => {
    expect([englishNumber(n), germanNumber(n)]).toEqual([english, german]);
  });
  test("pairs are different, the same every time, and of all lengths", () => {
    const pairs = numberPairs(500);
    expect(pairs).toEqual(numberPairs(500));
    expect(new Set(pairs.map(({ source }) => source)).size).toBe(500);
    expect(new Set(pairs.map(({ target }) => target.split(" ").length)).size).toBeGreaterThan(7);
  });
});
