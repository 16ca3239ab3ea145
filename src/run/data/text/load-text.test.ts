import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { divide, loadText, textSplits } from "./load-text.ts";
import { testFiles } from "./text-folder.fixture.ts";

const reading = { tokenizer: "characters", vocabulary: 0, places: 4 } as const;
const { folderOf } = testFiles(onTestFinished);

describe("textSplits", () => {
  const parts = { train: "abcabcab", validation: "abcabcabc", test: "cabxcab" };

  test("training windows begin at every token, the others follow one another", async () => {
    const { train, validation, tokenizers } = await textSplits("t", "", parts, reading);
    const text = async (set: typeof train, index: number): Promise<string> => {
      const { tokens } = await set.gather([index]);
      return tokenizers?.tokens.decode(tokens as Int32Array) ?? "";
    };
    expect([train.count, validation.count]).toEqual([4, 2]);
    expect(await Promise.all([0, 1, 3].map((i) => text(train, i)))).toEqual(["abcab", "bcabc", "abcab"]);
    expect(await Promise.all([0, 1].map((i) => text(validation, i)))).toEqual(["abcab", "bcabc"]);
    expect(train.fields).toEqual({ tokens: { dtype: "int32", shape: [5] } });
    expect(train.vocabularies).toEqual({ tokens: { size: 4, unknown: 0 } });
  });

  test("characters that the training text lacks are unknown; a given tokenizer is used", async () => {
    const { test: last, tokenizers } = await textSplits("t", "", parts, reading);
    const { tokens } = await last.gather([0]);
    expect(Array.from(tokens as Int32Array)[3]).toBe(tokenizers?.tokens.specialTokens.unknown);
    const others = { train: "zzzzzzz", validation: "abcabc", test: "abcabc" };
    const again = await textSplits("t", "", others, { ...reading, ...(tokenizers && { tokenizers }) });
    expect(again.train.vocabularies?.tokens.size).toBe(4);
  });

  test("too short a part, no text and an unknown tokenizer are refused", async () => {
    await expect(textSplits("t", "", { ...parts, validation: "abca" }, reading)).rejects.toThrow(
      "the validation text has 4 tokens, a window 5",
    );
    await expect(textSplits("t", "", { ...parts, train: "" }, reading)).rejects.toThrow("the text is empty");
    await expect(textSplits("t", "", parts, { ...reading, tokenizer: "words" })).rejects.toThrow(
      "tokenizer: got words",
    );
  });
});

describe("divide", () => {
  test("at four and nine tenths, from the beginning of a line on, and nothing is lost", () => {
    const text = Array.from({ length: 100 }, (_, i) => `line ${i}`).join("\n");
    const { train, validation, test: last } = divide(text);
    expect(train + validation + last).toBe(text);
    expect([validation, last].map((part) => part.startsWith("line "))).toEqual([true, true]);
    expect(Math.abs(train.length / text.length - 0.8)).toBeLessThan(0.02);
  });
});

describe("loadText", () => {
  test("a folder with files of the splits' names has these; else all files are one text", async () => {
    const own = await folderOf({ "train.txt": "abcabcabc", "val.txt": "bcabca", "notes.txt": "zzz" });
    const named = await loadText(own, reading);
    expect(named.train.vocabularies?.tokens.size).toBe(4);
    expect(named.validation.count).toBe(1);
    const files = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i}.txt`, "abcdefg"]));
    const whole = await loadText(await folderOf(files), reading);
    // Letters, the lines' ends, and the unknown.
    expect(whole.train.vocabularies?.tokens.size).toBe(9);
    expect(whole.train.count + whole.validation.count * 4 + whole.test.count * 4).toBeGreaterThan(40);
  });
  test("nothing there is an error", async () => {
    await expect(loadText(join(await folderOf({}), "none.txt"), reading)).rejects.toThrow("none.txt");
  });
});
