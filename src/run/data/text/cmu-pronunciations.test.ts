import { expect, test } from "vitest";
import { cmuPronunciations } from "./cmu-pronunciations.ts";

test("words of letters, each once, with every pronunciation, in an order of their own", async () => {
  const pairs = await cmuPronunciations();
  expect(pairs.length).toBeGreaterThan(120_000);
  const byWord = new Map(pairs.map((pair) => [pair.source, pair]));
  expect(byWord.size).toBe(pairs.length);
  expect(byWord.get("cat")).toEqual({ source: "cat", target: "K AE1 T" });
  const { target, others = [] } = byWord.get("live") ?? { target: "" };
  expect([target, ...others].sort()).toEqual(["L AY1 V", "L IH1 V"]);
  for (const { source, target: phones } of pairs.slice(0, 2000)) {
    expect(source).toMatch(/^[a-z][a-z']*$/);
    expect(phones).toMatch(/^[A-Z]+[0-2]?( [A-Z]+[0-2]?)*$/);
  }
  const sorted = pairs.map(({ source }) => source).slice(0, 100);
  expect(sorted).not.toEqual(sorted.toSorted());
});
