import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  parseStories,
  readAlignedFiles,
  readBabi,
  readScan,
  readSquad,
  readTextColumns,
  readTextPairs,
} from "./index.ts";
import { testFiles } from "./text-folder.fixture.ts";

const { fileOf, folderOf } = testFiles(onTestFinished);

describe("SQuAD", () => {
  const file = (answer_start: number, context = "😀 Rome, then Rome") => ({
    data: [
      {
        title: "T",
        paragraphs: [
          {
            context,
            qas: [
              { id: "q1", question: "Where?", answers: [{ text: "Rome", answer_start }] },
              { id: "q2", question: "Who?", answers: [], is_impossible: true },
            ],
          },
        ],
      },
    ],
  });
  test("places of answers count characters, and become indices", async () => {
    const path = await fileOf("a.json", JSON.stringify(file(13)));
    const questions = await readSquad(path);
    expect(questions).toEqual([
      {
        id: "q1",
        title: "T",
        context: "😀 Rome, then Rome",
        question: "Where?",
        answers: [{ text: "Rome", start: 14 }],
      },
      { id: "q2", title: "T", context: "😀 Rome, then Rome", question: "Who?", answers: [] },
    ]);
    expect(questions[0].context.slice(14, 18)).toBe("Rome");
  });
  test.each([
    [JSON.stringify(file(3)), /question q1: the context has no "Rome" at 3; answers stand where/],
    [JSON.stringify({ data: [{ paragraphs: [{ qas: [] }] }] }), /a\.json: data\.0\.paragraphs\.0\.context: /],
    ['{"data": []}', /a\.json: it holds no question/],
    ["{", /a\.json: is no JSON/],
  ])("%s is refused", async (content, message) => {
    await expect(readSquad(await fileOf("a.json", content))).rejects.toThrow(message);
  });
});

describe("bAbI", () => {
  const text =
    "1 Mary went home.\n2 Where is Mary? \thome\t1\n3 John left.\n4 Who left?\tJohn,Mary\t3 1\n1 It rains.\n2 Does it?\tyes\t1\n";
  test("each question has the story so far, and what it follows from", () => {
    expect(parseStories(text, "f")).toEqual([
      { story: ["Mary went home."], question: "Where is Mary?", answer: "home", supporting: [0] },
      { story: ["Mary went home.", "John left."], question: "Who left?", answer: "John,Mary", supporting: [1, 0] },
      { story: ["It rains."], question: "Does it?", answer: "yes", supporting: [0] },
    ]);
  });
  test("files, folders and archives, in the order of tasks", async () => {
    const names = ["qa10_x_train.txt", "qa2_y_test.txt", "readme.txt"];
    const files = Object.fromEntries(names.map((name) => [name, text]));
    const entries = names.map((name) => ({ header: { name: `en/${name}`, size: text.length }, body: text }));
    const folder = await folderOf(files);
    const packed = await folderOf({ "en.tar.gz": gzipSync(await packTar(entries)) });
    const expected = [
      [2, "test"],
      [2, "test"],
      [2, "test"],
      [10, "train"],
      [10, "train"],
      [10, "train"],
    ];
    for (const path of [folder, packed, join(packed, "en.tar.gz")]) {
      expect((await readBabi(path)).map(({ task, split }) => [task, split])).toEqual(expected);
    }
    expect(await readBabi(join(folder, "readme.txt"))).toHaveLength(3);
    expect((await readBabi(join(folder, "qa2_y_test.txt")))[0]).toMatchObject({ task: 2, split: "test" });
  });
  test.each([
    ["Mary went.", /^f:1: "Mary went\." has no number; lines as in bAbI/],
    ["1 a\n3 b", /^f:2: number 3 follows 1/],
    ["1 a\n2 Who?\t\t1", /^f:2: the question has no answer/],
    ["1 a\n2 Who?\tx\t2", /^f:2: the story has no sentence 2/],
    ["1 a", /^f: it holds no question/],
  ])("%j is refused", (content, message) => {
    expect(() => parseStories(content, "f")).toThrow(message);
  });
  test("a folder without tasks is refused", async () => {
    await expect(readBabi(await folderOf({ "a.txt": text }))).rejects.toThrow("it holds no task; files named as qa1_");
  });
});

test("SCAN: commands and actions", async () => {
  expect(await readScan(await fileOf("a.txt", "IN: jump twice OUT: I_JUMP I_JUMP\n"))).toEqual([
    { source: "jump twice", target: "I_JUMP I_JUMP" },
  ]);
  await expect(readScan(await fileOf("a.txt", "IN: a OUT: B\njump\n"))).rejects.toThrow(/a\.txt:2: "jump" is no line/);
});

/** Data that lies beside the repository where it is developed. */
const shared = resolve(import.meta.dirname, "../../../../../shared/data");
const absent = existsSync(join(shared, "babi")) ? "" : " (skipped: no ../shared/data)";

describe.skipIf(absent !== "")(`real files${absent}`, () => {
  test("SQuAD's development set: every answer stands where it should", async () => {
    const questions = await readSquad(join(shared, "squad-dev/dev-v1.1.rebuilt.json.gz"));
    expect(questions).toHaveLength(10_570);
    expect(questions.reduce((sum, { answers }) => sum + answers.length, 0)).toBe(34_726);
  });
  test("bAbI: 20 tasks, 1,000 questions to train and to test on each", async () => {
    const questions = await readBabi(join(shared, "babi/en.tar.gz"));
    const counts = new Map<string, number>();
    for (const { task, split } of questions) counts.set(`${task} ${split}`, (counts.get(`${task} ${split}`) ?? 0) + 1);
    expect(counts.size).toBe(40);
    expect(new Set(counts.values())).toEqual(new Set([1000]));
  });
  test("SCAN, Multi30k, SIGMORPHON and AESLC have as many as their authors say", async () => {
    expect(await readScan(join(shared, "scan/tasks_train_simple.txt.gz"))).toHaveLength(16_728);
    const pairs = await readAlignedFiles(join(shared, "multi30k/train.en.gz"), join(shared, "multi30k/train.de.gz"));
    expect(pairs).toHaveLength(29_000);
    const words = join(shared, "sigmorphon2020-g2p/train/fre_train.tsv");
    expect(await readTextPairs(words, { source: 1, target: 2 })).toHaveLength(3600);
    const columns = { source: "body", target: "subject", other: "ann0" } as const;
    expect(await readTextColumns(join(shared, "aeslc/test.jsonl.gz"), columns)).toHaveLength(1906);
  });
  test("a line that is missing from a real translation is found within a few lines", async () => {
    const read = (name: string) =>
      gunzipSync(readFileSync(join(shared, "multi30k", name)))
        .toString("utf8")
        .split("\n");
    const [english, german] = [read("val.en.gz"), read("val.de.gz")];
    for (const line of [100, 500, 900]) {
      const folder = await folderOf({ en: english.join("\n"), de: german.filter((_, i) => i !== line - 1).join("\n") });
      const error: unknown = await readAlignedFiles(join(folder, "en"), join(folder, "de")).catch(
        (reason: unknown) => reason,
      );
      const found = Number(/near line (\d+)/.exec(String(error))?.[1]);
      expect(Math.abs(found - line)).toBeLessThanOrEqual(5);
    }
  });
});
