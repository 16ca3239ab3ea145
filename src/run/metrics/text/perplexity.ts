/** What a negative log-likelihood of text means: per token, per character, per byte. */

import { GalateaError } from "../../../core/base/index.ts";

/**
 * The number of equally likely tokens that a model is as unsure between.
 *
 * e^(nats / tokens)
 *
 * Units and ranges: `nats` is the sum over all tokens; 1 or more. It depends on the tokens: perplexities of different
 * tokenizers cannot be compared, bits per character can.
 * @throws GalateaError `data` when there is no token.
 */
export function perplexity(nats: number, tokens: number): number {
  return Math.exp(nats / requireCount("perplexity", tokens));
}

/**
 * Bits that a model needs for a character, whatever its tokens.
 *
 * nats / (characters ln 2)
 *
 * @param characters Unicode's code points of the text ({@link countCharacters}); or its bytes, for bits per byte.
 * @throws GalateaError `data` when there is none.
 */
export function bitsPerCharacter(nats: number, characters: number): number {
  return nats / (requireCount("bits per character", characters) * Math.LN2);
}

/** Code points of a text. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function requireCount(where: string, count: number): number {
  if (count > 0) return count;
  throw new GalateaError("data", where, `${count} tokens or characters`, "at least one");
}
