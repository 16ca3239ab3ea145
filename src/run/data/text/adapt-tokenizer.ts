/** Fits a `tokenizer.json` to the library that runs it: refuses parts that the library does not know, and respells those
 * that it runs otherwise than the format's own implementation (which is in Rust) does. */

import { GalateaError } from "../../../core/base/index.ts";
import type { TokenizerJson, TokenizerPart } from "./tokenizer-json.ts";

const supported = {
  normalizer: [
    "BertNormalizer",
    "Lowercase",
    "NFC",
    "NFD",
    "NFKC",
    "NFKD",
    "Precompiled",
    "Prepend",
    "Replace",
    "Sequence",
    "Strip",
    "StripAccents",
  ],
  pre_tokenizer: [
    "BertPreTokenizer",
    "ByteLevel",
    "Digits",
    "FixedLength",
    "Metaspace",
    "Punctuation",
    "Sequence",
    "Split",
    "Whitespace",
    "WhitespaceSplit",
  ],
  post_processor: ["BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing"],
  decoder: [
    "BPEDecoder",
    "ByteFallback",
    "ByteLevel",
    "CTC",
    "Fuse",
    "Metaspace",
    "Replace",
    "Sequence",
    "Strip",
    "WordPiece",
  ],
  model: ["BPE", "Unigram", "WordLevel", "WordPiece"],
} as const;

type Place = keyof typeof supported;

const titles: Readonly<Record<Place, string>> = {
  normalizer: "normalizer",
  pre_tokenizer: "pre-tokenizer",
  post_processor: "post-processor",
  decoder: "decoder",
  model: "model",
};

/**
 * The same tokenizer in parts that the library runs as the format means them.
 * @throws GalateaError `data` that names the part that is not supported.
 */
export function adaptTokenizer(json: TokenizerJson, where: string): TokenizerJson {
  for (const place of ["normalizer", "pre_tokenizer", "post_processor", "decoder"] as const) {
    for (const part of partsOf(json[place])) requireSupported(place, part.type, where);
  }
  return { ...json, pre_tokenizer: adaptPreTokenizer(json.pre_tokenizer, where), model: adaptModel(json.model, where) };
}

/** A part, and those that it is a sequence of. */
export function partsOf(part: TokenizerPart | null): readonly TokenizerPart[] {
  if (part === null) return [];
  const inner = part.normalizers ?? part.pretokenizers ?? part.processors ?? part.decoders ?? [];
  return [part, ...(inner as readonly TokenizerPart[]).flatMap(partsOf)];
}

function requireSupported(place: Place, type: string, where: string): void {
  const known: readonly string[] = supported[place];
  if (known.includes(type)) return;
  const what = `the ${titles[place]} ${JSON.stringify(type)} is not supported`;
  throw new GalateaError("data", where, what, `one of ${known.join(", ")}`);
}

function adaptModel(model: TokenizerJson["model"], where: string): TokenizerJson["model"] {
  const type = model.type ?? guessModel(model);
  requireSupported("model", type, where);
  if (type === "BPE" && model.continuing_subword_prefix) {
    throw new GalateaError("data", where, "BPE with a continuing_subword_prefix is not supported", "BPE without one");
  }
  if (type === "Unigram" && model.byte_fallback) {
    throw new GalateaError("data", where, "Unigram with byte_fallback is not supported", "Unigram without it");
  }
  if (type === "WordPiece") return { continuing_subword_prefix: "##", unk_token: "[UNK]", ...model, type };
  return { ...model, type };
}

function guessModel(model: TokenizerJson["model"]): string {
  if (Array.isArray(model.vocab)) return "Unigram";
  if (model.merges !== undefined) return "BPE";
  return model.continuing_subword_prefix === undefined ? "WordLevel" : "WordPiece";
}

const punctuation = "[\\p{P}\\u0021-\\u002F\\u003A-\\u0040\\u005B-\\u0060\\u007B-\\u007E]";

function adaptPreTokenizer(part: TokenizerPart | null, where: string): TokenizerPart | null {
  if (part === null) return null;
  switch (part.type) {
    case "Sequence": {
      const inner = (part.pretokenizers ?? []) as readonly TokenizerPart[];
      return { ...part, pretokenizers: inner.map((each) => adaptPreTokenizer(each, where)) };
    }
    case "Whitespace":
      // The library's own knows letters of ASCII only.
      return keepMatches("\\w+|[^\\w\\s]+");
    case "Punctuation":
      return splitAt(punctuation, String(part.behavior ?? "Isolated"), where);
    case "Digits":
      return splitAt("\\p{N}", part.individual_digits ? "Isolated" : "Contiguous", where);
    case "Split":
      return adaptSplit(part, where);
    default:
      return part;
  }
}

function adaptSplit(part: TokenizerPart, where: string): TokenizerPart {
  const { String: text, Regex: source } = (part.pattern ?? {}) as { String?: string; Regex?: string };
  const pattern = source ?? text?.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  if (pattern === undefined) {
    throw new GalateaError("data", where, "a Split has no pattern", "a pattern with a String or a Regex");
  }
  const behavior = String(part.behavior ?? "Isolated");
  if (part.invert && behavior === "Removed") return keepMatches(pattern);
  // What is between matches and what matches are both kept, so that nothing is left of the inversion.
  if (part.invert && behavior !== "Isolated") {
    throw new GalateaError(
      "data",
      where,
      `a Split that is inverted and ${behavior} is not supported`,
      "Removed or Isolated",
    );
  }
  return splitAt(pattern, behavior, where);
}

/** A Split in one of the two ways that the library knows: at matches, or into matches. */
function splitAt(pattern: string, behavior: string, where: string): TokenizerPart {
  const rest = `(?:(?!${pattern})[\\s\\S])`;
  switch (behavior) {
    case "Isolated":
    case "Removed":
      return { type: "Split", pattern: { Regex: pattern }, behavior, invert: false };
    case "Contiguous":
      return keepMatches(`(?:${pattern})+|${rest}+`);
    case "MergedWithPrevious":
      return keepMatches(`${rest}*(?:${pattern})|${rest}+`);
    case "MergedWithNext":
      return keepMatches(`(?:${pattern})${rest}*|${rest}+`);
    default: {
      const right = "Isolated, Removed, Contiguous, MergedWithPrevious or MergedWithNext";
      throw new GalateaError("data", where, `the split behavior ${JSON.stringify(behavior)} is not supported`, right);
    }
  }
}

function keepMatches(pattern: string): TokenizerPart {
  return { type: "Split", pattern: { Regex: pattern }, behavior: "Removed", invert: true };
}
