import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadPassages, type PassageReading, passageSplits } from "./load-passages.ts";
import { madePassages } from "./made-passages.ts";
import { quote, splitPieces, splitSentences } from "./sentences.ts";
import { testFiles } from "./text-folder.fixture.ts";

const { folderOf, fileOf } = testFiles(onTestFinished);
const reading: PassageReading = {
  vocabulary: 1000,
  minimumFrequency: 1,
  lowerCase: true,
  contextWords: 12,
  questionWords: 6,
  longer: "cut",
  context: "context",
  question: "question",
  answer: "answer",
};

test("words with their places, quotations as they stand, sentences", () => {
  const text = "Él  paid $9.50, on time.";
  expect(splitPieces(text).map((piece) => piece.text)).toEqual([
    "Él",
    "paid",
    "$",
    "9",
    ".",
    "50",
    ",",
    "on",
    "time",
    ".",
  ]);
  expect(quote(text, 0, 1)).toBe("Él  paid");
  expect(quote(text, 2, 5)).toBe("$9.50");
  expect(quote(text, 8, 99)).toBe("time.");
  expect(quote("", 0, 1)).toBe("");
  expect(splitSentences('He said "go." Then\nnot 9.5 mm? "Yes!"')).toEqual([
    'He said "go."',
    "Then",
    "not 9.5 mm?",
    '"Yes!"',
  ]);
});

const article = (
  title: string,
  answers: readonly (readonly [string, number])[] = [
    ["Rome", 0],
    ["in Rome", 13],
  ],
) => ({
  // biome-ignore format: short
  title,
  paragraphs: [
    {
      context: "Rome is old; in Rome one walks.",
      qas: [
        {
          id: title,
          question: "Which town?",
          answers: answers.map(([text, answer_start]) => ({ text, answer_start })),
        },
      ],
    },
  ],
});
const squad = (data: readonly unknown[]): string => JSON.stringify({ data });

describe("loadPassages", () => {
  test("SQuAD: spans in words, all right answers, whole articles held out", async () => {
    const path = await folderOf({ "dev.json": squad(Array.from({ length: 10 }, (_, i) => article(`a${i}`))) });
    const { train, validation, test: last } = await loadPassages(path, reading, "towns");
    expect([train.count, validation.count, last.count]).toEqual([8, 1, 1]);
    const { span, context } = await last.gather([0]);
    expect(Array.from(span as Int32Array)).toEqual([0, 0]);
    expect(last.texts?.span[0]).toEqual(["Rome", "in Rome"]);
    expect((context as Int32Array)[0]).toBe((context as Int32Array)[5]); // Rome
  });

  test("the span is of the first answer that is read; questions without one are left out, but not to test on", async () => {
    const late = article("late", [["walks", 25], ["is old", 5]]); // biome-ignore format: short
    const lost = article("lost", [["walks", 25]]); // biome-ignore format: short
    const none = article("none", []);
    const path = await folderOf({ "train.json": squad([late, lost, none]), "test.json": squad([late, lost]), "dev.json": squad([late]) }); // biome-ignore format: short
    const { train, test: last, notes } = await loadPassages(path, { ...reading, contextWords: 6 }, "towns");
    expect([train.count, last.count]).toEqual([1, 2]);
    expect(Array.from((await train.gather([0])).span as Int32Array)).toEqual([1, 2]);
    expect(Array.from((await last.gather([1])).span as Int32Array)).toEqual([-1, -1]);
    expect(notes).toContain("towns train: 1 questions have no answer");
    expect(notes).toContain("towns train: 1 questions whose answer was cut off are left out");
    expect(notes).toContain("towns test: 1 questions whose answer was cut off count as wrong");
  });

  test("unknown words have numbers of their own above the vocabulary, which a question finds again", async () => {
    const table = "context,question,answer\nThe cat Mogul sleeps.,Who sleeps?,cat\n";
    const known = await loadPassages(await fileOf("a.csv", table), reading);
    const { tokenizers } = known;
    const more = "context,question,answer\nThe cat Zebedee sleeps near Brno.,Is zebedee asleep?,cat\n";
    const other = await loadPassages(await fileOf("b.csv", more), { ...reading, ...(tokenizers && { tokenizers }) });
    const { context, question } = await other.train.gather([0]);
    const size = tokenizers?.context.size ?? 0;
    expect((context as Int32Array)[2]).toBeGreaterThanOrEqual(size);
    expect((context as Int32Array)[2]).toBe((question as Int32Array)[1]);
    expect((context as Int32Array)[2]).not.toBe((context as Int32Array)[5]);
    expect(other.train.vocabularies?.context.size).toBe(size + 1000);
  });

  test("answers that are not in their text, texts that are too long, folders of nothing are refused", async () => {
    const wrong = await fileOf("a.csv", "context,question,answer\nThe cat sleeps.,Who?,a dog\n");
    await expect(loadPassages(wrong, reading)).rejects.toThrow('the answer "a dog" of row 1 is not in its text');
    const long = await fileOf("b.json", squad([article("a")]));
    await expect(loadPassages(long, { ...reading, contextWords: 5, longer: "refuse" })).rejects.toThrow(
      /question a: it has 9 words; at most 5 are read: set contextWords/,
    );
    await expect(loadPassages(await folderOf({ "a.txt": "x" }), reading)).rejects.toThrow("no questions about texts");
    const silent = await fileOf("c.json", squad([article("a", [])]));
    await expect(loadPassages(silent, reading)).rejects.toThrow("no question has an answer");
  });
});

test("made passages: every answer stands where it is said, and is read", () => {
  const all = madePassages(300);
  for (const { context, answers } of all) expect(context.startsWith(answers[0].text, answers[0].start)).toBe(true);
  const { train, validation, test: last, notes } = passageSplits("p", { train: all }, { ...reading, contextWords: 100, questionWords: 12 }); // biome-ignore format: short
  expect([train.count, validation.count, last.count, notes]).toEqual([240, 30, 30, []]);
});

/** Data that lies beside the repository where it is developed. */
const shared = resolve(import.meta.dirname, "../../../../../shared/data/squad-dev");
test.skipIf(!existsSync(shared))("SQuAD's development set: quoted spans are right answers", async () => {
  const { train, test: last } = await loadPassages(shared, { ...reading, contextWords: 1000, questionWords: 60 });
  const spans = (await train.gather(Array.from({ length: 1000 }, (_, i) => i))).span as Int32Array;
  let same = 0;
  for (let i = 0; i < 1000; i++) {
    const made = quote(String(train.texts?.context[i]), spans[2 * i], spans[2 * i + 1]);
    if (train.texts?.span[i].includes(made)) same++;
  }
  // Some answers begin or end within a word.
  expect(same).toBeGreaterThan(985);
  expect(last.count).toBeGreaterThan(500);
});
