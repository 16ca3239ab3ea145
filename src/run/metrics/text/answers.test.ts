import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { answerScores, normalizeAnswer } from "./index.ts";

test("case, punctuation, articles and spaces do not count", () => {
  expect(normalizeAnswer(" The  U.S. Army's a-team, an An ")).toBe("us armys ateam");
  expect(normalizeAnswer("Théa the café a")).toBe("théa café");
  expect(normalizeAnswer("«A»")).toBe("« »");
});

test("the best of several answers counts, by hand", () => {
  const questions = [
    { id: "1", answers: ["Denver Broncos", "the Broncos"] },
    { id: "2", answers: ["in the Santa Clara stadium"] },
    { id: "3", answers: ["gold"] },
  ];
  const predictions = new Map([
    ["1", "Broncos"],
    ["2", "Santa Clara"],
  ]);
  // F1 of 2: both of 2 words right, of 4 found: 2 * 1 * 0.5 / 1.5.
  expect(answerScores(questions, predictions)).toEqual({
    exactMatch: expect.closeTo(100 / 3, 9),
    f1: expect.closeTo((100 * (1 + 2 / 3)) / 3, 9),
    count: 3,
    missing: 1,
  });
});

test("version 2.0: no answer is right where there is none; questions without a prediction are left out", () => {
  const questions = [
    { id: "1", answers: [] },
    { id: "2", answers: [] },
    { id: "3", answers: ["an apple"] },
    { id: "4", answers: ["the"] },
    { id: "5", answers: ["pear"] },
  ];
  const predictions = new Map([
    ["1", ""],
    ["2", "apple"],
    ["3", "Apple!"],
    ["4", ""],
  ]);
  expect(answerScores(questions, predictions, { version: "2.0" })).toEqual({
    exactMatch: 75,
    f1: 75,
    count: 4,
    missing: 1,
  });
  expect(() => answerScores(questions, new Map(), { version: "2.0" })).toThrow(
    "answers: 5 questions, 0 of them with a prediction; at least one question that has one",
  );
});

/** Data that lies beside the repository where it is developed. */
const folder = resolve(import.meta.dirname, "../../../../../shared/data/squad-dev");
const absent = existsSync(folder) ? "" : " (skipped: no ../shared/data/squad-dev)";

describe.skipIf(absent !== "")(`five systems' answers to SQuAD's development set${absent}`, () => {
  const readJson = (name: string): unknown => JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString("utf8"));
  interface Set {
    data: { paragraphs: { qas: { id: string; answers: { text: string }[] }[] }[] }[];
  }
  // Numbers that the folder's README gives; the first three are the published ones, to one decimal.
  test.each([
    ["logistic-regression", 40.142, 50.982, 13],
    ["match-lstm-boundary-ensemble", 67.635, 76.756, 0],
    ["bert-ensemble", 86.206, 92.196, 0],
    ["r-net-plus-ensemble", 82.469, 88.478, 0],
    ["slqa-plus-ensemble", 81.949, 88.384, 0],
  ])("%s: exact match %d, F1 %d, without an answer %d", (system, exactMatch, f1, missing) => {
    const { data } = readJson("dev-v1.1.rebuilt.json.gz") as Set;
    const questions = data.flatMap(({ paragraphs }) =>
      paragraphs.flatMap(({ qas }) => qas.map(({ id, answers }) => ({ id, answers: answers.map(({ text }) => text) }))),
    );
    const predictions = new Map(Object.entries(readJson(`predictions-${system}.json.gz`) as Record<string, string>));
    const scores = answerScores(questions, predictions);
    expect(scores).toMatchObject({ count: 10_570, missing });
    expect([scores.exactMatch.toFixed(3), scores.f1.toFixed(3)]).toEqual([exactMatch.toFixed(3), f1.toFixed(3)]);
  });
});
