/** The one importer of `@huggingface/tokenizers`. Its declarations do not resolve under Node's rules for modules (their
 * imports lack endings), so what we use of it is declared here. */

import * as library from "@huggingface/tokenizers";
import { GalateaError } from "../../../core/base/index.ts";
import type { TokenizerJson, TokenizerPart } from "./tokenizer-json.ts";

/** A tokenizer of the library. */
export interface LibraryTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: (number | undefined)[]; tokens: string[] };
  decode(ids: number[], options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean }): string;
  id_to_token(id: number): string | undefined;
}

interface Library {
  readonly Tokenizer: new (json: TokenizerJson, configuration: Readonly<Record<string, unknown>>) => LibraryTokenizer;
  readonly SplitPreTokenizer: new (part: TokenizerPart) => { pre_tokenize_text(text: string): string[] };
}

const { Tokenizer, SplitPreTokenizer } = library as unknown as Library;

/**
 * The library's tokenizer.
 * @throws GalateaError `data` for what it cannot build, such as a regular expression that it cannot read.
 */
export function createLibraryTokenizer(json: TokenizerJson, where: string): LibraryTokenizer {
  try {
    // Where a word-level model lacks a word, the library looks for the token in this configuration.
    return new Tokenizer(json, { unk_token: json.model.unk_token ?? undefined, clean_up_tokenization_spaces: false });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalateaError("data", where, `cannot be used: ${reason}`, "another tokenizer.json", { cause });
  }
}

/**
 * The library's split of a text, for counting what will be encoded.
 * @throws GalateaError `config` when the pattern cannot be read.
 */
export function createSplit(part: TokenizerPart): (text: string) => readonly string[] {
  try {
    const split = new SplitPreTokenizer(part);
    return (text) => split.pre_tokenize_text(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const right = "a regular expression";
    throw new GalateaError("config", "words", `the pattern cannot be read: ${reason}`, right, { cause });
  }
}
