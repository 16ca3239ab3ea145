/** Texts in parts: sentences of a story, and words with the places where they stand. */

/** A word or sign of a text, from `start` to before `end`. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What a word is to the tokenizer of words: a run of letters, digits and marks, or any other single character. */
export const wordPattern = "[\\p{L}\\p{M}\\p{N}_]+|[^\\s\\p{L}\\p{M}\\p{N}_]";

/** The sentences of a text: what ends with a stop, a question or exclamation mark before white space, or with its line. */
export function splitSentences(text: string): readonly string[] {
  return text
    .split(/(?<=[.?!]["')\]]?)\s+|\n+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}

/** The words and signs of a text, with their places in it. */
export function splitPieces(text: string): readonly Piece[] {
  return Array.from(text.matchAll(new RegExp(wordPattern, "gu")), ({ 0: piece, index }) => {
    return { text: piece, start: index, end: index + piece.length };
  });
}

/** What stands in a text from its piece number `first` to number `last`, as it stands there. */
export function quote(text: string, first: number, last: number): string {
  const pieces = splitPieces(text);
  const from = pieces[Math.max(0, first)];
  const to = pieces[Math.min(last, pieces.length - 1)];
  return from && to ? text.slice(from.start, to.end) : "";
}
