/** Tokenizers from `tokenizer.json`: ours and those of others. Encoding and decoding is done by Hugging Face's own
 * JavaScript library; what is here is what it lacks: errors that name the cause, special tokens that are not read from
 * text, labels. */

import { GalateaError } from "../../../core/base/index.ts";
import { writeFileAtomically } from "../../files.ts";
import { adaptTokenizer, partsOf } from "./adapt-tokenizer.ts";
import { bytesOfToken } from "./byte-alphabet.ts";
import { type SpecialTokenName, type SpecialTokens, specialTokenNames } from "./special-tokens.ts";
import { readTextFile } from "./text-files.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { parseTokenizerJson, type TokenizerJson, vocabularyOf } from "./tokenizer-json.ts";
import { createLibraryTokenizer } from "./tokenizers-library.ts";

export interface OpenTokenizerOptions {
  /** How the special tokens are spelled, where it cannot be told: the format does not say which is which. */
  readonly spellings?: Readonly<Partial<Record<SpecialTokenName, string>>>;
}

/** Spellings of special tokens in the tokenizers that people publish. */
const usualSpellings: Readonly<Record<SpecialTokenName, readonly string[]>> = {
  pad: ["<pad>", "[PAD]", "<|pad|>", "<|padding|>", "<|finetune_right_pad_id|>"],
  unknown: ["<unk>", "[UNK]", "<|unk|>"],
  begin: ["<bos>", "<s>", "<|begin_of_text|>", "<|startoftext|>", "<|im_start|>", "[CLS]", "<|endoftext|>"],
  end: ["<eos>", "</s>", "<|end_of_text|>", "<|endoftext|>", "<|im_end|>", "[SEP]"],
};

/**
 * Reads a `tokenizer.json`.
 *
 * @throws GalateaError `data` when the file is missing, no JSON, or holds a part that is not supported.
 */
export async function openTokenizer(path: string, options: OpenTokenizerOptions = {}): Promise<Tokenizer> {
  const text = await readTextFile(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalateaError("data", path, `is no JSON: ${reason}`, "a tokenizer.json", { cause });
  }
  return tokenizerFromJson(value, path, options);
}

/**
 * Writes a tokenizer as `tokenizer.json`, which the libraries of the ecosystem read.
 * @throws GalateaError `storage` when it cannot be written.
 */
export function saveTokenizer(tokenizer: Tokenizer, path: string): Promise<void> {
  return writeFileAtomically(path, `${JSON.stringify(tokenizer.toJson(), null, 2)}\n`);
}

/**
 * A tokenizer from the parsed content of a `tokenizer.json`.
 *
 * @param where Named in errors, such as the file's path.
 * @throws GalateaError `data` when it has another shape, or a part that is not supported.
 */
export function tokenizerFromJson(
  value: unknown,
  where = "tokenizer.json",
  { spellings = {} }: OpenTokenizerOptions = {},
): Tokenizer {
  const json = parseTokenizerJson(value, where);
  const adapted = adaptTokenizer(json, where);
  const special = new Map(json.added_tokens.flatMap(({ id, content, special }) => (special ? [[id, content]] : [])));
  const library = createLibraryTokenizer(withoutSpecial(adapted), where);
  const vocabulary = vocabularyOf(json.model);
  const ids = [...vocabulary.values(), ...json.added_tokens.map(({ id }) => id)];
  const size = 1 + ids.reduce((a, b) => Math.max(a, b), -1);
  const isByteLevel = partsOf(json.decoder).some(({ type }) => type === "ByteLevel");
  const specialTokens = findSpecialTokens(json, vocabulary, spellings, where);

  function requireId(id: number): void {
    if (special.has(id) || library.id_to_token(id) !== undefined) return;
    throw new GalateaError("data", where, `there is no token ${id}`, `ids are 0 to ${size - 1}`);
  }

  return {
    size,
    specialTokens,
    encode(text) {
      if (text === "") return [];
      const { ids, tokens } = library.encode(text, { add_special_tokens: false });
      const unknown = ids.indexOf(undefined);
      if (unknown < 0) return ids as number[];
      const seen = `${describe(tokens[unknown])} is not in the vocabulary of ${size}`;
      throw new GalateaError("data", where, seen, "text of known tokens, or a tokenizer with an unknown token");
    },
    decode(ids) {
      const textual = Array.from(ids).filter((id) => {
        requireId(id);
        return !special.has(id) || special.get(id) === json.model.unk_token;
      });
      // The library refuses an empty list.
      if (textual.length === 0) return "";
      return library.decode(textual, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
    },
    tokenText(id) {
      requireId(id);
      const content = special.get(id);
      if (content !== undefined) return content;
      const token = library.id_to_token(id) ?? "";
      return showInvisible(isByteLevel ? textOfBytes(token) : token);
    },
    toJson: () => json,
  };
}

/** Without special tokens, so that a text that spells one is read as text; the unknown one is needed. */
function withoutSpecial(json: TokenizerJson): TokenizerJson {
  const special = new Set(json.added_tokens.flatMap((token) => (token.special ? [token.content] : [])));
  special.delete(String(json.model.unk_token ?? ""));
  const { vocab } = json.model;
  const left = Array.isArray(vocab)
    ? vocab
    : Object.fromEntries(Object.entries(vocab).filter(([token]) => !special.has(token)));
  return {
    ...json,
    added_tokens: json.added_tokens.filter((token) => !token.special),
    model: { ...json.model, vocab: left },
  };
}

function findSpecialTokens(
  json: TokenizerJson,
  vocabulary: ReadonlyMap<string, number>,
  spellings: NonNullable<OpenTokenizerOptions["spellings"]>,
  where: string,
): SpecialTokens {
  const idOf = new Map(json.added_tokens.map(({ content, id }) => [content, id]));
  for (const spelling of Object.values(spellings)) {
    const id = vocabulary.get(spelling);
    if (id !== undefined) idOf.set(spelling, id);
  }
  const found = specialTokenNames.flatMap((name) => {
    const wanted = spellings[name];
    if (wanted !== undefined && !idOf.has(wanted)) {
      throw new GalateaError("data", where, `there is no token ${JSON.stringify(wanted)} for ${name}`);
    }
    const own = name === "unknown" && typeof json.model.unk_token === "string" ? [json.model.unk_token] : [];
    const candidates = wanted === undefined ? [...own, ...usualSpellings[name]] : [wanted];
    const spelling = candidates.find((candidate) => idOf.has(candidate));
    return spelling === undefined ? [] : [[name, idOf.get(spelling)] as const];
  });
  return Object.fromEntries(found);
}

function describe(token: string): string {
  const characters = Array.from(token);
  if (characters.length !== 1) return JSON.stringify(token);
  const code = (token.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `${JSON.stringify(token)} (U+${code})`;
}

function textOfBytes(token: string): string {
  const bytes = bytesOfToken(token);
  if (bytes === undefined) return token;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  }
}

const escapes: Readonly<Record<string, string>> = { " ": "·", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function showInvisible(text: string): string {
  return text.replace(/[\p{Cc}\p{Zs}\p{Cf}\u2028\u2029]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return escapes[character] ?? `\\u{${code}}`;
  });
}
