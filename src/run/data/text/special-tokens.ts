/** Tokens that stand for no text. */

/** What a token can stand for beside text. */
export const specialTokenNames = ["pad", "unknown", "begin", "end"] as const;

export type SpecialTokenName = (typeof specialTokenNames)[number];

/** Ids of the special tokens that a tokenizer has. */
export type SpecialTokens = Readonly<Partial<Record<SpecialTokenName, number>>>;

export interface SpecialTokenOptions {
  /** The special tokens to have; they get the first ids, in the order pad, unknown, begin, end. Default none. */
  readonly specialTokens?: readonly SpecialTokenName[];
}
