import { describe, expect, test } from "vitest";
import { answerMetricNames, scoreAnswers } from "./answer-metrics.ts";
import type { Answer } from "./answers.ts";

const answers: readonly Answer[] = [
  { answer: "the cat sat on the mat today", right: "the cat sat on the mat today" },
  { answer: "A dog", right: ["the dog", "a cur"] },
];

function scoreOf(name: string): number {
  return scoreAnswers([name], answers).get(name)?.value ?? Number.NaN;
}

describe("metrics of answers", () => {
  test.each([
    // One of two answers is right as it stands, both without case and articles.
    ["sequenceAccuracy", 50],
    ["exactMatch", 100],
    ["answerF1", 100],
    // "the dog" is nearest: one word of two, three characters of seven.
    ["wordErrorRate", 100 / 9],
    ["characterErrorRate", (100 * 3) / 35],
    // Words in lower case: both of the first, of the second one of two words by either reference.
    ["rouge1", (100 * (1 + 0.5)) / 2],
    ["rouge2", 50],
  ])("%s", (name, value) => {
    expect(scoreOf(name)).toBeCloseTo(value, 8);
  });

  test("each has a value from 0 to 100, and tools that differ are named", () => {
    const scores = scoreAnswers(answerMetricNames, answers);
    expect([...scores.keys()]).toEqual(answerMetricNames);
    for (const { value } of scores.values()) expect(value >= 0 && value <= 100).toBe(true);
    expect(scores.get("bleu")?.note).toContain("tok:13a");
    expect(scores.get("bleuLowerCase")?.note).toContain("case:lc");
    expect(scores.get("bleuLowerCase")?.value).toBeGreaterThan(scores.get("bleu")?.value ?? 100);
  });
});
