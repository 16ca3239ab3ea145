import { describe, expect, onTestFinished, test } from "vitest";
import { loadPairs, type PairReading, pairSplits } from "./load-pairs.ts";
import { testFiles } from "./text-folder.fixture.ts";

const { folderOf } = testFiles(onTestFinished);
const reading: PairReading = {
  tokenizer: "words",
  vocabulary: 100,
  minimumFrequency: 1,
  lowerCase: false,
  shared: false,
  sourcePlaces: 5,
  targetPlaces: 5,
  longer: "refuse",
  source: "en",
  target: "de",
};
const english = ["a dog", "a cat", "the cat sleeps"];
const german = ["ein Hund", "eine Katze", "die Katze schläft"];
const lines = (texts: readonly string[]): string => `${texts.join("\n")}\n`;

describe("loadPairs", () => {
  test("aligned files of splits: tokens with an end and padding, a vocabulary of each side", async () => {
    const path = await folderOf({
      "train.en": lines(english),
      "train.de": lines(german),
      "train.fr": "rien\n",
      "val.en": lines(["the dog"]),
      "val.de": lines(["der Hund"]),
      "test_2016.en": lines(["the cat"]),
      "test_2016.de": lines(["die Katze"]),
    });
    const { train, validation, test: last, tokenizers } = await loadPairs(path, reading);
    expect([train.count, validation.count, last.count]).toEqual([3, 1, 1]);
    const { pad, unknown, end } = { ...train.vocabularies?.target };
    expect([pad, unknown]).toEqual([0, 1]);
    const text = async (set: typeof train, field: "source" | "target", index: number): Promise<string> =>
      tokenizers?.[field].decode((await set.gather([index]))[field] as Int32Array) ?? "";
    expect(await text(train, "source", 2)).toBe("the cat sleeps");
    expect(await text(train, "target", 2)).toBe("die Katze schläft");
    const { target } = await train.gather([0]);
    expect(Array.from(target as Int32Array).slice(2)).toEqual([end, pad, pad]);
    // "der" is in no training sentence.
    expect(Array.from((await validation.gather([0])).target as Int32Array)[0]).toBe(unknown);
  });

  test("a table with named columns is divided into three; one vocabulary, in lower case", async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${english[i % 3]}\t${german[i % 3]}`);
    const path = await folderOf({ "pairs.tsv": lines(["en\tde", ...rows]) });
    const { train, validation, test: last } = await loadPairs(path, { ...reading, shared: true, lowerCase: true });
    expect([train.count, validation.count, last.count]).toEqual([16, 2, 2]);
    expect(train.vocabularies?.source).toEqual(train.vocabularies?.target);
  });

  test("longer texts are refused, or cut where asked; the message names the pair", async () => {
    const pairs = { train: [{ source: "one two three four five", target: "eins" }] };
    await expect(pairSplits("p", pairs, reading)).rejects.toThrow(
      "p train: the source of pair 1 has 6 tokens with its end: one two",
    );
    const { train } = await pairSplits("p", pairs, { ...reading, longer: "cut" });
    expect(Array.from((await train.gather([0])).source as Int32Array)).toHaveLength(5);
  });

  test("files that are not there, of different length, or no pairs at all are refused", async () => {
    const alone = await folderOf({ "train.en": lines(english) });
    await expect(loadPairs(alone, reading)).rejects.toThrow("there is no train.de beside it");
    const uneven = await folderOf({ "train.en": lines(english), "train.de": lines(german.slice(1)) });
    await expect(loadPairs(uneven, reading)).rejects.toThrow("3");
    const nothing = await folderOf({ "notes.txt": "x" });
    await expect(loadPairs(nothing, reading)).rejects.toThrow("holds no pairs of texts");
    await expect(loadPairs(alone, { ...reading, only: "fr_" })).rejects.toThrow(
      "no name of its files has fr_ in it: train.en; set only to a part of the names that are meant",
    );
    const columns = await folderOf({ "a.csv": "x,y\n1,2\n" });
    await expect(loadPairs(columns, reading)).rejects.toThrow("en");
  });

  test("letters and phones: columns by number, tables in folders of splits, of several languages one", async () => {
    const path = await folderOf({
      "train/xx_train.tsv": "ab\ta b\naab\ta: b\n",
      "dev/xx_dev.tsv": "ba\tb a\n",
      "test/xx_test.tsv": "bb\tb b\n",
      "train/yy_train.tsv": "zz\tz\n",
    });
    const own = {
      ...reading,
      tokenizer: "characters",
      targetTokenizer: "spaced",
      source: "1",
      target: "2",
      only: "xx_",
    };
    const { train, validation, test: last, tokenizers } = await loadPairs(path, own);
    expect([train.count, validation.count, last.count]).toEqual([2, 1, 1]);
    // Three letters more than the special tokens would be too many: a and b, and a, a: and b.
    expect([tokenizers?.source.size, tokenizers?.target.size]).toEqual([6, 7]);
    const { target } = await train.gather([1]);
    expect(tokenizers?.target.decode(target as Int32Array)).toBe("a: b");
    expect(train.lengths?.source).toEqual(Uint32Array.of(3, 4));
    expect(train.texts?.target).toEqual(["a b", "a: b"]);
  });

  test("endings of files are named where none was asked for", async () => {
    const path = await folderOf({ "train.de": "ein\n", "train.fr": "un\n" });
    await expect(loadPairs(path, reading)).rejects.toThrow(
      "its files end in de, fr: set source and target to two of these",
    );
  });

  test("of several right answers the first is learned, all are right", async () => {
    const found = {
      train: Array.from({ length: 3 }, () => ({ source: "read", target: "R IY D", others: ["R EH D"] })),
    };
    const { train } = await pairSplits("words", found, reading);
    expect(train.texts?.target[0]).toEqual(["R IY D", "R EH D"]);
  });
});
