/** What a tokenizer is: text to whole numbers and back. */

import type { SpecialTokens } from "./special-tokens.ts";
import type { TokenizerJson } from "./tokenizer-json.ts";

export interface Tokenizer {
  /** Ids are 0 to `size` - 1. */
  readonly size: number;
  readonly specialTokens: SpecialTokens;
  /**
   * The ids of a text. Special tokens are neither added nor read from the text: a text that spells one is text.
   * @throws GalateaError `data` for what is not in the vocabulary, where there is no token for the unknown.
   */
  encode(text: string): number[];
  /**
   * The text of ids. Special tokens leave none, but for the unknown one, which stays as it is spelled: `<unk>`. Bytes that
   * are no UTF-8 become U+FFFD.
   * @throws GalateaError `data` for an id that does not exist.
   */
  decode(ids: ArrayLike<number>): string;
  /** A short label for one token, with white space made visible: `·the`, `\n`, `<eos>`, `\xe2\x82`. */
  tokenText(id: number): string;
  /** The tokenizer as the content of a `tokenizer.json`. */
  toJson(): TokenizerJson;
}
