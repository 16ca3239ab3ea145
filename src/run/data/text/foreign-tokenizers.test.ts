import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openTokenizer, tokenizerFromJson } from "./index.ts";

/** A tokenizer.json of another's making, as small as can be. */
function foreign(parts: Readonly<Record<string, unknown>>): unknown {
  const rest = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
  return { version: "1.0", truncation: null, padding: null, ...rest, ...parts };
}

const vocabOf = (words: string): Record<string, number> =>
  Object.fromEntries(words.split(" ").map((word, id) => [word, id]));
const wordLevel = (words: string) => ({ type: "WordLevel", vocab: vocabOf(words), unk_token: "[UNK]" });
const special = (id: number, content: string) => ({ id, content, special: true });

describe("kinds of other makers", () => {
  test("WordPiece, as BERT has it", () => {
    const bert = tokenizerFromJson(
      foreign({
        added_tokens: [special(0, "[PAD]"), special(1, "[UNK]"), special(2, "[CLS]"), special(3, "[SEP]")],
        normalizer: { type: "BertNormalizer", lowercase: true, strip_accents: null, clean_text: true },
        pre_tokenizer: { type: "BertPreTokenizer" },
        post_processor: { type: "BertProcessing", sep: ["[SEP]", 3], cls: ["[CLS]", 2] },
        decoder: { type: "WordPiece", prefix: "##", cleanup: true },
        model: {
          type: "WordPiece",
          vocab: vocabOf("[PAD] [UNK] [CLS] [SEP] play ##ing cafe , the"),
          unk_token: "[UNK]",
          continuing_subword_prefix: "##",
          max_input_chars_per_word: 100,
        },
      }),
    );
    expect(bert.specialTokens).toEqual({ pad: 0, unknown: 1, begin: 2, end: 3 });
    // Nothing is added to the text, whatever the post-processor says.
    expect(bert.encode("Playing, the Café zzz")).toEqual([4, 5, 7, 8, 6, 1]);
    expect(bert.decode([2, 4, 5, 7, 8, 6, 3])).toBe("playing, the cafe");
  });
  test("Unigram with Metaspace, as T5 has it", () => {
    const t5 = tokenizerFromJson(
      foreign({
        added_tokens: [special(0, "<pad>"), special(1, "</s>"), special(2, "<unk>")],
        pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "always" },
        decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always" },
        model: {
          type: "Unigram",
          unk_id: 2,
          vocab: [
            ["<pad>", 0],
            ["</s>", 0],
            ["<unk>", 0],
            ["▁a", -1],
            ["▁", -3],
            ["b", -2],
            ["▁ab", -1.5],
          ],
        },
      }),
    );
    expect(t5.size).toBe(7);
    expect(t5.specialTokens).toEqual({ pad: 0, unknown: 2, end: 1 });
    expect(t5.encode("ab a b")).toEqual([6, 3, 4, 5]);
    expect(t5.decode([6, 3, 4, 5, 1])).toBe("ab a b");
    expect(t5.tokenText(6)).toBe("▁ab");
  });
  test("BPE with bytes to fall back to, as Llama 2 has it; merges as pairs", () => {
    const bytes = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, "0")}>`);
    const llama = tokenizerFromJson(
      foreign({
        added_tokens: [special(0, "<unk>"), special(1, "<s>"), special(2, "</s>")],
        normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
        decoder: {
          type: "Sequence",
          decoders: [
            { type: "Replace", pattern: { String: "▁" }, content: " " },
            { type: "ByteFallback" },
            { type: "Fuse" },
          ],
        },
        model: {
          type: "BPE",
          vocab: vocabOf(`<unk> <s> </s> ${bytes.join(" ")} a b ▁ ▁a ▁ab`),
          merges: [
            ["▁", "a"],
            ["▁a", "b"],
          ],
          unk_token: "<unk>",
          byte_fallback: true,
        },
      }),
    );
    expect(llama.specialTokens).toEqual({ unknown: 0, begin: 1, end: 2 });
    expect(llama.encode("a ab")).toEqual([259, 263]);
    expect(llama.encode("é")).toEqual([3 + 0xc3, 3 + 0xa9]);
    expect(llama.decode([1, ...llama.encode("a é"), 2])).toBe("a é");
  });
  test("a token that is added and not special is read from text", () => {
    const added = tokenizerFromJson(
      foreign({
        added_tokens: [special(0, "[UNK]"), { id: 3, content: "new york", special: false }],
        pre_tokenizer: { type: "WhitespaceSplit" },
        model: wordLevel("[UNK] in york"),
      }),
    );
    expect(added.size).toBe(4);
    expect(added.encode("in new york")).toEqual([1, 3]);
  });
  test("files that do not name their model, of 2020", () => {
    const old = tokenizerFromJson(foreign({ model: { vocab: vocabOf("a b ab"), merges: ["a b"] } }));
    expect(old.encode("ab")).toEqual([2]);
  });
  test("special tokens that are spelled otherwise", () => {
    const json = foreign({ added_tokens: [special(0, "[UNK]"), special(1, "@@")], model: wordLevel("[UNK] @@ a") });
    expect(tokenizerFromJson(json).specialTokens).toEqual({ unknown: 0 });
    expect(tokenizerFromJson(json, "x", { spellings: { end: "@@" } }).specialTokens).toEqual({ unknown: 0, end: 1 });
    expect(() => tokenizerFromJson(json, "x", { spellings: { end: "##" } })).toThrow(
      'x: there is no token "##" for end',
    );
  });
});

describe("parts that the library runs otherwise than the format means them", () => {
  const pieces = (preTokenizer: unknown, text: string, words: string): string[] => {
    const tokenizer = tokenizerFromJson(foreign({ pre_tokenizer: preTokenizer, model: wordLevel(`[UNK] ${words}`) }));
    return tokenizer.encode(text).map(tokenizer.tokenText);
  };
  // The example of the format's documentation.
  const split = (behavior: string) => ({ type: "Split", pattern: { String: "-" }, behavior, invert: false });
  test.each([
    ["Removed", ["the", "final", "countdown"]],
    ["Isolated", ["the", "-", "final", "-", "-", "countdown"]],
    ["MergedWithPrevious", ["the-", "final-", "-", "countdown"]],
    ["MergedWithNext", ["the", "-final", "-", "-countdown"]],
    ["Contiguous", ["the", "-", "final", "--", "countdown"]],
  ])("Split, %s", (behavior, expected) => {
    expect(pieces(split(behavior), "the-final--countdown", [...new Set(expected)].join(" "))).toEqual(expected);
  });
  test("Whitespace knows letters of all scripts", () => {
    expect(pieces({ type: "Whitespace" }, "Größe läuft_1!? да", "Größe läuft_1 !? да")).toEqual([
      "Größe",
      "läuft_1",
      "!?",
      "да",
    ]);
  });
  test("Punctuation and Digits, one by one or together", () => {
    expect(pieces({ type: "Punctuation" }, "a!?", "a ! ?")).toEqual(["a", "!", "?"]);
    expect(pieces({ type: "Digits", individual_digits: true }, "a12", "a 1 2")).toEqual(["a", "1", "2"]);
    expect(pieces({ type: "Digits", individual_digits: false }, "a12٣b", "a 12٣ b")).toEqual(["a", "12٣", "b"]);
  });
  test("an inverted Split keeps what matches, or everything", () => {
    const inverted = (behavior: string) => ({ type: "Split", pattern: { Regex: "[a-z]+" }, behavior, invert: true });
    expect(pieces(inverted("Removed"), "ab 1 cd", "ab cd")).toEqual(["ab", "cd"]);
    expect(pieces({ type: "Sequence", pretokenizers: [inverted("Isolated")] }, "ab1cd", "ab 1 cd")).toEqual([
      "ab",
      "1",
      "cd",
    ]);
  });
});

describe("what is refused, and why", () => {
  test.each([
    [
      { model: { type: "SentencePiece", vocab: {} } },
      /^f: the model "SentencePiece" is not supported; one of BPE, Unigram,/,
    ],
    [
      { pre_tokenizer: { type: "UnicodeScripts" } },
      /^f: the pre-tokenizer "UnicodeScripts" is not supported; one of Bert/,
    ],
    [{ normalizer: { type: "Sequence", normalizers: [{ type: "Nmt" }] } }, /^f: the normalizer "Nmt" is not supported/],
    [{ decoder: { type: "DecodeStream" } }, /^f: the decoder "DecodeStream" is not supported/],
    [{ post_processor: { type: "Other" } }, /^f: the post-processor "Other" is not supported/],
    [
      { model: { type: "BPE", vocab: {}, merges: [], continuing_subword_prefix: "##" } },
      /^f: BPE with a continuing_subword_prefix is not supported/,
    ],
    [{ model: { type: "Unigram", vocab: [["a", 0]], byte_fallback: true } }, /^f: Unigram with byte_fallback is not/],
    [
      { pre_tokenizer: { type: "Split", pattern: { String: "a" }, behavior: "Other" } },
      /^f: the split behavior "Other" is not supported; Isolated, Removed/,
    ],
    [
      { pre_tokenizer: { type: "Split", pattern: { String: "a" }, behavior: "Contiguous", invert: true } },
      /^f: a Split that is inverted and Contiguous is not supported/,
    ],
    [{ pre_tokenizer: { type: "Split", pattern: {} } }, /^f: a Split has no pattern/],
    [{ pre_tokenizer: { type: "Split", pattern: { Regex: "(" }, behavior: "Isolated" } }, /^f: cannot be used: /],
    [{ model: { type: "BPE", vocab: { a: -1 } } }, /^f: no tokenizer\.json: model\.vocab/],
    [{ model: null }, /^f: no tokenizer\.json: model: /],
    [{ added_tokens: [{ id: "1" }] }, /^f: no tokenizer\.json: added_tokens\.0\.id: /],
  ])("%j", (parts, message) => {
    const json = foreign({ model: wordLevel("[UNK] a"), ...parts });
    expect(() => tokenizerFromJson(json, "f")).toThrow(message);
  });
  test("what is no JSON, or something else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "galatea-tokenizer-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "tokenizer.json");
    await writeFile(path, "{");
    await expect(openTokenizer(path)).rejects.toThrow(/tokenizer\.json: is no JSON: .*; a tokenizer\.json$/);
    await expect(openTokenizer(join(folder, "other.json"))).rejects.toThrow("it does not exist");
    expect(() => tokenizerFromJson([1])).toThrow("tokenizer.json: no tokenizer.json: ");
  });
});
