/** Text that appears while its tokens are drawn. */

import type { Tokenizer } from "./tokenizer.ts";

export interface TextStream {
  /** Takes one more token; gives the text that is complete by now and was not given before, often none. */
  push(id: number): string;
  /** What is left at the end: bytes of a character that was not completed, as U+FFFD. */
  end(): string;
}

/**
 * Decodes tokens one by one: all pieces together are what {@link Tokenizer.decode} gives for all ids. A character whose
 * bytes lie in several tokens is given when it is complete.
 */
export function createTextStream(tokenizer: Pick<Tokenizer, "decode">): TextStream {
  /** Tokens whose text is given already, as context: a word's space depends on what stands before it. */
  let given: number[] = [];
  let pending: number[] = [];

  function take(isEnd: boolean): string {
    const before = tokenizer.decode(given);
    const text = tokenizer.decode([...given, ...pending]);
    const isIncomplete = text.endsWith("\ufffd");
    if (text.length <= before.length || (isIncomplete && !isEnd)) return "";
    [given, pending] = [pending, []];
    return text.slice(before.length);
  }

  return {
    push(id) {
      pending.push(id);
      return take(false);
    },
    end: () => (pending.length > 0 ? take(true) : ""),
  };
}
