import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { byteCharacters } from "./byte-alphabet.ts";
import {
  byteTokenizer,
  characterTokenizer,
  openTokenizer,
  saveTokenizer,
  specialTokenNames,
  type Tokenizer,
  tokenizerFromJson,
  trainBytePairs,
  wordTokenizer,
} from "./index.ts";

const story = `Ein alter Mann läuft über die Straße. "Where's the 3rd café?", he asks.\n\n  \tNobody's there, there is no one!\n`;
const tokens = (tokenizer: Tokenizer, text: string): string[] => tokenizer.encode(text).map(tokenizer.tokenText);

/** Any text that UTF-8 can hold: no halves of surrogate pairs. */
const anyText = fc.string({ unit: "binary", maxLength: 40 });

async function temporaryFile(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "galatea-tokenizer-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, name);
}

describe("characters", () => {
  test("ids follow the codes of the characters, and special tokens come first", () => {
    const plain = characterTokenizer(["ba", "c😀\n"]);
    expect(plain.size).toBe(5);
    expect(plain.specialTokens).toEqual({});
    expect(plain.encode("abc😀\n")).toEqual([1, 2, 3, 4, 0]);
    expect(plain.decode([3, 4, 0])).toBe("c😀\n");
    const special = characterTokenizer(["ba"], { specialTokens: ["end", "pad", "unknown"] });
    expect(special.specialTokens).toEqual({ pad: 0, unknown: 1, end: 2 });
    expect(special.encode("abz")).toEqual([3, 4, 1]);
    expect(special.decode([0, 3, 2])).toBe("a");
    expect(special.decode([3, 1])).toBe("a<unk>");
    expect(tokens(special, "b?")).toEqual(["b", "<unk>"]);
  });
  test("what is not in the vocabulary is refused where no token stands for it", () => {
    expect(() => characterTokenizer(["ab"]).encode("aßb")).toThrow(
      'characters: "ß" (U+00DF) is not in the vocabulary of 2; text of known tokens, or a tokenizer with an unknown token',
    );
    expect(() => characterTokenizer(["ab"]).decode([2])).toThrow("characters: there is no token 2; ids are 0 to 1");
    expect(() => characterTokenizer(["", ""])).toThrow("characters: the texts are empty; texts to take the vocabulary");
    expect(() => characterTokenizer(["ab"], { minimumFrequency: 2 })).toThrow("characters: nothing occurs 2 times");
  });
  test("rare ones can be left out, and names of object fields are text", () => {
    const frequent = characterTokenizer(["aab"], { minimumFrequency: 2, specialTokens: ["unknown"] });
    expect(frequent.encode("ab")).toEqual([1, 0]);
    expect(wordTokenizer(["__proto__ constructor"], { split: "whitespace" }).encode("constructor __proto__")).toEqual([
      1, 0,
    ]);
  });
});

describe("bytes", () => {
  test("are 256, whatever the text", () => {
    const bytes = byteTokenizer({ specialTokens: ["begin"] });
    expect(bytes.size).toBe(257);
    expect(bytes.encode("é\n")).toHaveLength(3);
    expect(tokens(bytes, "é a\n")).toEqual(["\\xc3", "\\xa9", "·", "a", "\\n"]);
    fc.assert(
      fc.property(anyText, (text) => {
        expect(bytes.decode(bytes.encode(text))).toBe(text);
        expect(bytes.encode(text)).toHaveLength(Buffer.from(text).length);
      }),
    );
  });
});

describe("byte pairs", () => {
  const trained = trainBytePairs([story], { size: 320, specialTokens: ["end"] });

  test("frequent pairs become tokens", () => {
    // ab occurs 4 times, abab 2 times; the space before a word belongs to it.
    const tiny = trainBytePairs(["abab abab"], { size: 300 });
    expect(tiny.size).toBe(256 + 2);
    expect(trainBytePairs("abab abab", { size: 300 }).size).toBe(tiny.size);
    expect(tokens(tiny, "abab ab")).toEqual(["abab", "·", "ab"]);
    expect(trainBytePairs(["abab abab"], { size: 300, minimumFrequency: 3 }).size).toBe(256 + 1);
    expect(trainBytePairs(["abab abab"], { size: 300, minimumFrequency: 1 }).size).toBe(256 + 3);
  });
  test("any text comes back from its ids, special spellings and marks included", () => {
    for (const text of [story, "", " ", "<eos> <pad>", "\ufeffx", "\0\u0085\u2028", "ﬁ e\u0301 👩‍👩‍👧", "__proto__"]) {
      expect(trained.decode(trained.encode(text))).toBe(text);
    }
    fc.assert(
      fc.property(anyText, (text) => {
        expect(trained.decode(trained.encode(text))).toBe(text);
      }),
    );
  });
  test("the library applies the merges in the order in which they were learned", () => {
    const { merges } = trained.toJson().model as unknown as { merges: string[] };
    for (const word of ["there", " there", "Straße", " Nobody", " one"]) {
      let parts = Array.from(Buffer.from(word), (byte) => byteCharacters[byte]);
      for (const merge of merges) parts = joinAll(parts, merge.split(" "));
      const vocab = trained.toJson().model.vocab as Record<string, number>;
      expect(trained.encode(word)).toEqual(parts.map((part) => vocab[part]));
    }
  });
  test("equal texts give equal tokenizers, and pieces of text count as they are cut", () => {
    const again = trainBytePairs([story], { size: 320, specialTokens: ["end"] });
    expect(JSON.stringify(again.toJson())).toBe(JSON.stringify(trained.toJson()));
  });
  test("labels show white space, and bytes that are no character alone", () => {
    expect(trained.tokenText(0)).toBe("<eos>");
    expect(tokens(trained, " there\n")).toEqual(["·there", "\\n"]);
    expect(tokens(trained, "€").join("")).toBe("\\xe2\\x82\\xac");
    // Half a character, when decoded alone.
    expect(trained.decode(trained.encode("€").slice(0, 1))).toBe("\ufffd");
  });
  test("refuses a size without room for bytes, and empty texts", () => {
    expect(() => trainBytePairs(["a"], { size: 257, specialTokens: ["pad", "end"] })).toThrow(
      "byte pairs: a size of 257; a whole number, at least 258: 256 bytes and 2 special tokens",
    );
    expect(() => trainBytePairs([""])).toThrow("byte pairs: the texts are empty");
  });
});

function joinAll(parts: readonly string[], [left, right]: readonly string[]): string[] {
  const joined: string[] = [];
  for (const part of parts) {
    if (part === right && joined[joined.length - 1] === left) joined[joined.length - 1] = left + right;
    else joined.push(part);
  }
  return joined;
}

describe("words", () => {
  test("frequent words first, punctuation apart", () => {
    const words = wordTokenizer(["b a, a. Läuft's", "a"], { specialTokens: specialTokenNames });
    expect(words.specialTokens).toEqual({ pad: 0, unknown: 1, begin: 2, end: 3 });
    expect(tokens(words, "a b,läuft Läuft's")).toEqual(["a", "b", ",", "<unk>", "Läuft", "'", "s"]);
    expect(words.encode("a")).toEqual([4]);
    expect(words.decode(words.encode("a,b"))).toBe("a , b");
  });
  test("lower case, rarest left out, other ways to split", () => {
    const options = { specialTokens: ["unknown"], lowerCase: true } as const;
    expect(wordTokenizer(["A a B c"], { ...options, minimumFrequency: 2 }).size).toBe(2);
    const few = wordTokenizer(["A a B c b D"], { ...options, size: 3 });
    expect(tokens(few, "a B D")).toEqual(["a", "b", "<unk>"]);
    expect(tokens(wordTokenizer(["I_JUMP a-b"], { split: "whitespace" }), "a-b I_JUMP")).toEqual(["a-b", "I_JUMP"]);
    const digits = wordTokenizer(["12a"], { split: { pattern: "\\d|[a-z]+" } });
    expect(tokens(digits, "21 a")).toEqual(["2", "1", "a"]);
  });
  test("a text that spells a special token does not become it, but for the unknown", () => {
    const words = wordTokenizer(["<eos> <unk> a"], { split: "whitespace", specialTokens: ["unknown", "end"] });
    expect(words.size).toBe(3);
    expect(words.encode("<eos> <unk> a")).toEqual([0, 0, 2]);
  });
  test("refuses a pattern that cannot be read", () => {
    expect(() => wordTokenizer(["a"], { split: { pattern: "(" } })).toThrow("words: the pattern cannot be read");
    expect(() => wordTokenizer([" "])).toThrow("words: the texts are empty");
    expect(() => wordTokenizer("a", { size: 1, specialTokens: ["end"] })).toThrow(
      "words: a size of 1; more than 1, the",
    );
  });
});

test.each([
  ["characters", characterTokenizer([story], { specialTokens: specialTokenNames })],
  ["bytes", byteTokenizer({ specialTokens: ["end"] })],
  ["byte pairs", trainBytePairs([story], { size: 300 })],
  ["words", wordTokenizer([story], { specialTokens: ["unknown"], lowerCase: true })],
])("%s: what is saved and opened encodes the same", async (_, tokenizer) => {
  const path = await temporaryFile("tokenizer.json");
  await saveTokenizer(tokenizer, path);
  const opened = await openTokenizer(path);
  expect(opened.size).toBe(tokenizer.size);
  expect(opened.specialTokens).toEqual(tokenizer.specialTokens);
  expect(opened.encode(story)).toEqual(tokenizer.encode(story));
  expect(opened.decode(opened.encode(story))).toBe(tokenizer.decode(tokenizer.encode(story)));
  const json = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  // The fields that every reader of the format asks for.
  expect(Object.keys(json)).toEqual([
    "version",
    "truncation",
    "padding",
    "added_tokens",
    "normalizer",
    "pre_tokenizer",
    "post_processor",
    "decoder",
    "model",
  ]);
  expect(tokenizerFromJson(json).toJson()).toEqual(json);
});
