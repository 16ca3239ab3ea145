/** Texts as rows of tokens of equal length, each with its end. */

import { GalateaError } from "../../../core/base/index.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface TokenRows {
  /** Tokens of a text at most, its end included. */
  readonly places: number;
  /** What is done with longer ones: an error, or they are cut off. */
  readonly longer: "refuse" | "cut";
  /** The option that says how many places there are. */
  readonly option: string;
  /** A text in errors: `the source of pair 3`. */
  readonly nameOf: (index: number) => string;
}

export interface EncodedTexts {
  /** [count, places]: tokens, an end token and padding. */
  readonly tokens: Int32Array;
  /** Of each text how many of its tokens there are, the end included. */
  readonly lengths: Uint32Array;
  /** How many texts were cut. */
  readonly cut: number;
}

/**
 * Texts as rows of tokens.
 *
 * @param where names the data in errors
 * @throws GalateaError `data` when a text has more tokens than places, and shall not be cut.
 */
export function encodeTexts(
  where: string,
  texts: readonly string[],
  tokenizer: Tokenizer,
  { places, longer, option, nameOf }: TokenRows,
): EncodedTexts {
  const { pad = 0, end = 0 } = tokenizer.specialTokens;
  const data = new Int32Array(texts.length * places).fill(pad);
  const lengths = new Uint32Array(texts.length);
  let cut = 0;
  texts.forEach((text, i) => {
    const tokens = [...tokenizer.encode(text), end];
    if (tokens.length > places && longer === "refuse") {
      const seen = `${nameOf(i)} has ${tokens.length} tokens with its end: ${text.slice(0, 60)}`;
      throw new GalateaError("data", where, seen, `at most ${places} are read: set ${option}, or longer=cut`);
    }
    if (tokens.length > places) cut++;
    data.set(tokens.slice(0, places), i * places);
    lengths[i] = Math.min(tokens.length, places);
  });
  return { tokens: data, lengths, cut };
}
