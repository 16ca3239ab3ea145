import fc from "fast-check";
import { expect, test } from "vitest";
import { type CountedWord, learnMerges } from "./merges.ts";

/** The definition, word by word: count all pairs, join the most frequent, begin again. */
function learnSlowly(words: readonly CountedWord[], alphabetSize: number, count: number, minimum: number): number[][] {
  let left = words.map(([symbols, occurrences]) => ({ symbols: Array.from(symbols), occurrences }));
  const merges: number[][] = [];
  while (merges.length < count) {
    const counts = new Map<string, number>();
    for (const { symbols, occurrences } of left) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const key = `${symbols[i]} ${symbols[i + 1]}`;
        counts.set(key, (counts.get(key) ?? 0) + occurrences);
      }
    }
    const ranked = [...counts].map(([key, total]) => ({ pair: key.split(" ").map(Number), total }));
    ranked.sort((a, b) => b.total - a.total || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
    const [best] = ranked;
    if (best === undefined || best.total < minimum) break;
    const joined = alphabetSize + merges.length;
    left = left.map(({ symbols, occurrences }) => {
      const next: number[] = [];
      for (let i = 0; i < symbols.length; i++) {
        const isPair = symbols[i] === best.pair[0] && i + 1 < symbols.length && symbols[i + 1] === best.pair[1];
        next.push(isPair ? joined : symbols[i]);
        if (isPair) i++;
      }
      return { symbols: next, occurrences };
    });
    merges.push(best.pair);
  }
  return merges;
}

test("learns what counting from the beginning for each merge learns", () => {
  const word = fc.tuple(fc.uint8Array({ min: 0, max: 2, minLength: 1, maxLength: 14 }), fc.integer({ min: 1, max: 4 }));
  const everything = fc.tuple(fc.array(word, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 3 }));
  fc.assert(
    fc.property(everything, ([words, minimumFrequency]) => {
      const options = { alphabetSize: 3, count: 30, minimumFrequency };
      expect(learnMerges(words, options)).toEqual(learnSlowly(words, 3, 30, minimumFrequency));
    }),
    { numRuns: 500 },
  );
});
