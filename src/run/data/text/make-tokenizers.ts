/** Tokenizers made from text: characters, bytes, byte pairs and words. All are written as `tokenizer.json`, and run from it
 * like any other. */

import { GalateaError } from "../../../core/base/index.ts";
import { byteAlphabet, rankOfByte } from "./byte-alphabet.ts";
import { type CountedWord, learnMerges } from "./merges.ts";
import { tokenizerFromJson } from "./open-tokenizer.ts";
import { wordPattern } from "./sentences.ts";
import type { SpecialTokenOptions } from "./special-tokens.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { designToJson, isSpecialSpelling, type TokenizerPart } from "./tokenizer-json.ts";
import { createSplit } from "./tokenizers-library.ts";

/** A split after every character; bytes are characters by then. */
const everyCharacter: TokenizerPart = {
  type: "Split",
  pattern: { Regex: "[\\s\\S]" },
  behavior: "Isolated",
  invert: false,
};

const byteLevel = (useRegex: boolean): TokenizerPart => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: useRegex,
});

/** One text or several. */
export type Texts = string | Iterable<string>;

/** A string alone would be taken for a list of its characters. */
const listOf = (texts: Texts): Iterable<string> => (typeof texts === "string" ? [texts] : texts);

/** Whether text is turned to lower case before it becomes tokens, when it is learned from and ever after; default no. */
export interface CaseOptions {
  readonly lowerCase?: boolean;
}

const normalizerOf = ({ lowerCase = false }: CaseOptions) =>
  lowerCase ? { normalizer: { type: "Lowercase" } as TokenizerPart } : {};

const inCase = (text: string, { lowerCase = false }: CaseOptions): string => (lowerCase ? text.toLowerCase() : text);

export interface CharacterTokenizerOptions extends SpecialTokenOptions, CaseOptions {
  /** Characters that are rarer are unknown; default 1. */
  readonly minimumFrequency?: number;
}

/**
 * A tokenizer of Unicode's characters (code points): all that the texts have, in the order of their codes. Without the
 * special token `unknown` others cannot be encoded.
 *
 * @throws GalateaError `data` when the texts are empty.
 */
export function characterTokenizer(texts: Texts, options: CharacterTokenizerOptions = {}): Tokenizer {
  const counts = new Map<string, number>();
  for (const text of listOf(texts))
    for (const character of inCase(text, options)) counts.set(character, (counts.get(character) ?? 0) + 1);
  const tokens = requireTokens("characters", counts, options.minimumFrequency ?? 1);
  tokens.sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
  const decoder = { type: "Fuse" };
  return make(
    {
      kind: "WordLevel",
      tokens,
      ...normalizerOf(options),
      preTokenizer: everyCharacter,
      decoder,
      ...specialOf(options),
    },
    "characters",
  );
}

/** A tokenizer of the 256 bytes of UTF-8: every text has one encoding, and there is nothing to learn. */
export function byteTokenizer(options: SpecialTokenOptions = {}): Tokenizer {
  const preTokenizer = { type: "Sequence", pretokenizers: [byteLevel(false), everyCharacter] };
  const decoder = byteLevel(true);
  return make({ kind: "WordLevel", tokens: byteAlphabet, preTokenizer, decoder, ...specialOf(options) }, "bytes");
}

export interface BytePairOptions extends SpecialTokenOptions, CaseOptions {
  /** Most tokens, special ones and the 256 bytes included; default 4,096. Short texts give fewer. */
  readonly size?: number;
  /** Least number of times that a pair must occur to be joined; default 2. */
  readonly minimumFrequency?: number;
  /**
   * Whether texts are read as if a space stood before them, which decoding takes away: a word then is the same token
   * wherever it stands. Default no.
   */
  readonly leadingSpace?: boolean;
}

/** Where GPT-2 cuts a text before pairs are joined: English endings, words with the space before them, digits, the rest. */
const piece = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

const spaceBefore = (options: CaseOptions): TokenizerPart => ({
  type: "Sequence",
  normalizers: [...Object.values(normalizerOf(options)), { type: "Prepend", prepend: " " }],
});

const withoutSpace: TokenizerPart = {
  type: "Sequence",
  decoders: [byteLevel(true), { type: "Strip", content: " ", start: 1, stop: 0 }],
};

/**
 * Learns a byte-level BPE: frequent pairs of bytes become tokens, then pairs of tokens. Every text can be encoded, and
 * equal texts and options give equal tokenizers.
 *
 * It takes about a second for a megabyte of text and 4,000 tokens.
 *
 * @throws GalateaError `data` when the texts are empty; `config` when the size leaves no room for 256 bytes.
 *
 * Source: Radford et al., "Language models are unsupervised multitask learners" (2019).
 */
export function trainBytePairs(texts: Texts, options: BytePairOptions = {}): Tokenizer {
  const { size = 4096, minimumFrequency = 2, leadingSpace = false } = options;
  const special = new Set(options.specialTokens).size;
  const count = size - special - byteAlphabet.length;
  if (!Number.isInteger(size) || count < 0) {
    const right = `a whole number, at least ${byteAlphabet.length + special}: 256 bytes and ${special} special tokens`;
    throw new GalateaError("config", "byte pairs", `a size of ${size}`, right);
  }
  const counts = new Map<string, number>();
  for (const text of listOf(texts)) {
    const read = `${leadingSpace ? " " : ""}${inCase(text, options)}`;
    for (const [word] of read.matchAll(piece)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  requireTokens("byte pairs", counts, 1);
  const encoder = new TextEncoder();
  const words = Array.from(counts, ([word, occurrences]): CountedWord => {
    return [encoder.encode(word).map((byte) => rankOfByte[byte]), occurrences];
  });
  const learned = learnMerges(words, { alphabetSize: byteAlphabet.length, count, minimumFrequency });
  const tokens = [...byteAlphabet];
  const merges = learned.map(([left, right]): [string, string] => {
    const pair: [string, string] = [tokens[left], tokens[right]];
    tokens.push(pair.join(""));
    return pair;
  });
  return make(
    {
      kind: "BPE",
      tokens,
      merges,
      ...(leadingSpace ? { normalizer: spaceBefore(options) } : normalizerOf(options)),
      preTokenizer: byteLevel(true),
      decoder: leadingSpace ? withoutSpace : byteLevel(true),
      ...specialOf(options),
    },
    "byte pairs",
  );
}

export interface WordTokenizerOptions extends SpecialTokenOptions, CaseOptions {
  /**
   * What a word is. `words` (default): a run of letters, digits and marks, or any other single character that is no white
   * space. `whitespace`: what lies between white space, for texts that are tokenized already. Else a regular expression
   * that matches each word.
   */
  readonly split?: "words" | "whitespace" | { readonly pattern: string };
  /** Words that are rarer are unknown; default 1. */
  readonly minimumFrequency?: number;
  /** Most tokens, special ones included; the rarest words are left out. */
  readonly size?: number;
}

const wordPatterns = { words: wordPattern, whitespace: "\\S+" } as const;

/**
 * A tokenizer of whole words, frequent ones first. Decoding puts one space between words, so that spaces of the text are
 * lost. Without the special token `unknown` other words cannot be encoded.
 *
 * @throws GalateaError `data` when the texts hold no word; `config` when the size leaves no room for one, or the pattern cannot
 *   be read.
 */
export function wordTokenizer(texts: Texts, options: WordTokenizerOptions = {}): Tokenizer {
  const { minimumFrequency = 1, size = Number.POSITIVE_INFINITY } = options;
  const { split: kind = "words" } = options;
  const pattern = typeof kind === "string" ? wordPatterns[kind] : kind.pattern;
  const design = {
    kind: "WordLevel",
    preTokenizer: { type: "Split", pattern: { Regex: pattern }, behavior: "Removed", invert: true },
    ...normalizerOf(options),
    ...specialOf(options),
  } as const;
  const counts = new Map<string, number>();
  const split = createSplit(design.preTokenizer);
  for (const text of listOf(texts)) {
    for (const word of split(inCase(text, options))) {
      if (!isSpecialSpelling(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  const tokens = requireTokens("words", counts, minimumFrequency);
  tokens.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1));
  const special = new Set(options.specialTokens).size;
  if (size <= special) {
    const right = `more than ${special}, the number of special tokens`;
    throw new GalateaError("config", "words", `a size of ${size}`, right);
  }
  return make({ ...design, tokens: tokens.slice(0, size - special) }, "words");
}

function requireTokens(where: string, counts: ReadonlyMap<string, number>, minimumFrequency: number): string[] {
  const tokens = [...counts].flatMap(([token, count]) => (count >= minimumFrequency ? [token] : []));
  if (tokens.length > 0) return tokens;
  const seen = counts.size === 0 ? "the texts are empty" : `nothing occurs ${minimumFrequency} times`;
  throw new GalateaError("data", where, seen, "texts to take the vocabulary from");
}

const specialOf = ({ specialTokens = [] }: SpecialTokenOptions): SpecialTokenOptions => ({ specialTokens });

function make(design: Parameters<typeof designToJson>[0], where: string): Tokenizer {
  return tokenizerFromJson(designToJson(design), where);
}
