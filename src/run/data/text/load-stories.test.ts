import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadStories, type StoryReading } from "./load-stories.ts";
import { madeStories } from "./made-stories.ts";
import { testFiles } from "./text-folder.fixture.ts";

const { folderOf, fileOf } = testFiles(onTestFinished);
const reading: StoryReading = {
  vocabulary: 1000,
  minimumFrequency: 1,
  lowerCase: true,
  sentences: 3,
  words: 5,
  answerWords: 3,
  longer: "refuse",
  story: "story",
  question: "question",
  answer: "answer",
};
const story = "1 Ann left.\n2 Bob came in.\n3 Who left?\tAnn\t1\n4 Cyd sang.\n5 Who is here?\tBob,Cyd\t2 4\n";

describe("loadStories", () => {
  test("bAbI: sentences in rows with the last one last, lists as words, tasks as labels, splits by name", async () => {
    const folder = await folderOf({
      "qa3_who_train.txt": story.repeat(10),
      "qa3_who_test.txt": story,
      "qa7_what_train.txt": story.repeat(10),
      "qa7_what_test.txt": story,
    });
    const { train, validation, test: last, tokenizers } = await loadStories(folder, reading, "tasks");
    // A tenth of each task is held out, not the last tenth of all.
    expect([train.count, validation.count, last.count]).toEqual([36, 4, 4]);
    expect(Array.from((await validation.gather([0, 1, 2, 3])).label as Int32Array)).toEqual([2, 2, 6, 6]);
    expect(last.classes?.[6]).toBe("qa7");
    const { story: rows, question, target } = await last.gather([1]);
    const decode = (field: string, numbers: ArrayLike<number>): string => tokenizers?.[field].decode(numbers) ?? "";
    expect([0, 1, 2].map((row) => decode("story", (rows as Int32Array).slice(5 * row, 5 * row + 5)))).toEqual([
      "ann left .",
      "bob came in .",
      "cyd sang .",
    ]);
    expect(decode("question", question as Int32Array)).toBe("who is here ?");
    expect(decode("target", (target as Int32Array).slice(0, 2))).toBe("bob cyd");
    expect((target as Int32Array)[2]).toBe(last.vocabularies?.target.end);
    expect(last.texts?.story.slice(0, 2)).toEqual(["Ann left. Bob came in.", "Ann left. Bob came in. Cyd sang."]);
    expect(last.texts?.target?.[1]).toBe("bob cyd");
    // Shorter stories stand at the end.
    const first = Array.from((await last.gather([0])).story as Int32Array);
    expect(first.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  });

  test("a file to train on finds the one to test on beside it", async () => {
    const folder = await folderOf({ "qa1_x_train.txt": story.repeat(5), "qa1_x_test.txt": story });
    const { train, test: last } = await loadStories(join(folder, "qa1_x_train.txt"), reading);
    expect([train.count, last.count]).toEqual([9, 2]);
  });

  test("tables of stories, whose sentences are found", async () => {
    const rows = Array.from({ length: 10 }, (_, i) => `"Ann left. Bob came in${i % 2 ? "!" : "."}",Who left?,Ann`);
    const path = await fileOf("q.csv", `${["story,question,answer", ...rows].join("\n")}\n`);
    const { train, test: last } = await loadStories(path, reading);
    expect([train.count, last.count, train.fields.label]).toEqual([8, 1, undefined]);
    const tokens = async (index: number) => (await train.gather([index])).story;
    expect(await tokens(1)).toEqual(await tokens(3));
    expect(await tokens(1)).not.toEqual(await tokens(0));
    // Two sentences: the first row of three is empty.
    expect(Array.from((await tokens(1)) as Int32Array).map((token) => token > 0)).toEqual([
      ...[false, false, false, false, false],
      ...[true, true, true, false, false],
      ...[true, true, true, true, false],
    ]);
  });

  test("what is longer is refused, or cut and said", async () => {
    const path = await fileOf("qa1_x_train.txt", story.repeat(5));
    const small = { ...reading, sentences: 2 };
    await expect(loadStories(path, small)).rejects.toThrow(/question 2: the story has 3 sentences; at most 2 are read/);
    await expect(loadStories(path, { ...reading, words: 3 })).rejects.toThrow('"Bob came in." has 4 words; at most 3');
    await expect(loadStories(path, { ...reading, answerWords: 2 })).rejects.toThrow('"Bob Cyd" has 2 words; at most 1');
    const { train, notes } = await loadStories(path, { ...small, longer: "cut" });
    expect(notes[0]).toMatch(/train: 4 of 9 were cut/);
    // The latest sentences stay.
    expect(Array.from((await train.gather([1])).story as Int32Array)[0]).not.toBe(0);
  });

  test("folders of nothing, or of several archives, are refused", async () => {
    await expect(loadStories(await folderOf({ "a.txt": "x" }), reading)).rejects.toThrow("it holds no task");
    const two = await folderOf({ "en.tar": "", "en-10k.tar": "" });
    await expect(loadStories(two, reading)).rejects.toThrow("it holds several archives: en-10k.tar, en.tar; name one");
  });
});

test("made stories: answers follow from what was told", () => {
  const all = madeStories(500);
  expect(new Set(all.map(({ task }) => task))).toEqual(new Set([1, 2, 3, 4, 5]));
  for (const { task, story, question, answer } of all) {
    if (task !== 1) continue;
    const [, who] = /^Where is (\w+)\?$/.exec(question) ?? [];
    const last = story.findLast((sentence) => new RegExp(`^${who} \\w+ to the`).test(sentence));
    expect(last).toContain(` ${answer}.`);
  }
  expect(madeStories(3)).toEqual(all.slice(0, 3));
});

/** Data that lies beside the repository where it is developed. */
const shared = resolve(import.meta.dirname, "../../../../../shared/data/babi/en.tar.gz");
test.skipIf(!existsSync(shared))("bAbI: 900 of each task to train on, 100 to validate, 1,000 to test", async () => {
  const sizes = { sentences: 64, words: 12, answerWords: 4, longer: "cut" } as const;
  const { train, validation, test: last, notes } = await loadStories(shared, { ...reading, ...sizes });
  expect([train.count, validation.count, last.count]).toEqual([18_000, 2000, 20_000]);
  expect(train.classes).toHaveLength(20);
  expect(notes.join()).toMatch(/test: 289 of 20000 were cut/);
});
