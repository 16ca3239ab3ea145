/** The content of a `tokenizer.json`, the format of Hugging Face's tokenizers: its shape, and what we write into it. */

import { z } from "zod";
import { GalateaError } from "../../../core/base/index.ts";
import { type SpecialTokenName, type SpecialTokenOptions, specialTokenNames } from "./special-tokens.ts";

/** Ids by token; for Unigram, tokens with their scores, the place being the id. */
type Vocabulary = Readonly<Record<string, number>> | readonly (readonly [token: string, score: number])[];

function isVocabulary(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!Array.isArray(value)) return Object.values(value).every((id) => Number.isInteger(id) && id >= 0);
  return value.every((entry) => Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "number");
}

const partSchema = z.looseObject({ type: z.string() });
const idSchema = z.int().min(0);
const schema = z.looseObject({
  version: z.string().default("1.0"),
  added_tokens: z
    .array(z.looseObject({ id: idSchema, content: z.string(), special: z.boolean().default(false) }))
    .default([]),
  normalizer: partSchema.nullable().default(null),
  pre_tokenizer: partSchema.nullable().default(null),
  post_processor: partSchema.nullable().default(null),
  decoder: partSchema.nullable().default(null),
  model: z.looseObject({
    // Files of 2020 and before do not say it.
    type: z.string().optional(),
    // Checked by hand: zod's records lose a token that is spelled `__proto__`.
    vocab: z.custom<Vocabulary>(isVocabulary, "ids of tokens, or a list of tokens with their scores"),
  }),
});

/** A part of the chain: normalizer, pre-tokenizer, post-processor or decoder. */
export type TokenizerPart = z.infer<typeof partSchema>;
export type TokenizerJson = z.infer<typeof schema>;

/**
 * Checks that a value has the shape of a `tokenizer.json`.
 * @throws GalateaError `data` when it has not; the message names the field.
 */
export function parseTokenizerJson(value: unknown, where: string): TokenizerJson {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    // The value itself, in its own order of fields, and of zod's copy what it lacks.
    const own = value as TokenizerJson;
    return { ...own, ...Object.fromEntries(Object.entries(parsed.data).filter(([key]) => !(key in own))) };
  }
  const [{ path, message }] = parsed.error.issues;
  const seen = `no tokenizer.json: ${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`;
  throw new GalateaError("data", where, seen, "a file of Hugging Face's tokenizers with a model and its vocab");
}

/** The id of each token of the model. */
export function vocabularyOf({ vocab }: TokenizerJson["model"]): ReadonlyMap<string, number> {
  if (Array.isArray(vocab)) return new Map(vocab.map(([token]: [string, number], id) => [token, id]));
  return new Map(Object.entries(vocab as Readonly<Record<string, number>>));
}

/** How special tokens are spelled: as most tokenizers of the ecosystem spell them. */
const spellings: Readonly<Record<SpecialTokenName, string>> = {
  pad: "<pad>",
  unknown: "<unk>",
  begin: "<bos>",
  end: "<eos>",
};

/** The parts of a tokenizer that we make. */
export interface TokenizerDesign extends SpecialTokenOptions {
  readonly kind: "WordLevel" | "BPE";
  /** Without special tokens, in the order of their ids. */
  readonly tokens: readonly string[];
  readonly normalizer?: TokenizerPart;
  readonly preTokenizer: TokenizerPart;
  /** Without one, tokens are joined by spaces. */
  readonly decoder?: TokenizerPart;
  /** Pairs of tokens, for BPE. */
  readonly merges?: readonly (readonly [string, string])[];
}

/** Whether a word would be taken for a special token. */
export function isSpecialSpelling(word: string): boolean {
  return Object.values(spellings).includes(word);
}

/** The `tokenizer.json` of a design. */
export function designToJson(design: TokenizerDesign): TokenizerJson {
  const wanted = specialTokenNames.filter((name) => design.specialTokens?.includes(name));
  const special = wanted.map((name) => spellings[name]);
  // fromEntries defines keys such as __proto__ as any other.
  const vocab = Object.fromEntries([...special, ...design.tokens].map((token, id) => [token, id]));
  // Readers of the format want a word-level model to name a token, even one that it has not.
  const unknown = design.kind === "WordLevel" || wanted.includes("unknown") ? spellings.unknown : null;
  const merges = design.merges?.map(([left, right]) => `${left} ${right}`);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: design.normalizer ?? null,
    pre_tokenizer: design.preTokenizer,
    post_processor: null,
    decoder: design.decoder ?? null,
    model: { type: design.kind, vocab, unk_token: unknown, ...(merges ? { merges } : {}) },
  };
}
