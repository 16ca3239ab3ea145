/** Words and their sequences, counted the way the reference tools count them: those are written in Python, whose
 * idea of white space and of rounding differs a little from JavaScript's. */

import { GalateaError } from "../../../core/base/index.ts";

/** What Python's `str.split()` separates at: Unicode's white space and the four separators of ASCII, no U+FEFF. */
const whiteSpace = new RegExp(`[\\p{White_Space}${String.fromCharCode(0x1c, 0x1d, 0x1e, 0x1f)}]+`, "u");

/** The 32 punctuation characters of ASCII. */
export const asciiPunctuation: ReadonlySet<string> = new Set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");

/** The parts between white space; none of them is empty. */
export function splitWords(text: string): string[] {
  return text.split(whiteSpace).filter((word) => word !== "");
}

/** How often each thing occurs. */
export type Counts = ReadonlyMap<string, number>;

/** Counts sequences of `order` neighbouring words; a sequence's key is its words, joined. */
export function countSequences(words: readonly string[], order: number, joint = " "): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= words.length; start++) {
    const key = order === 1 ? words[start] : words.slice(start, start + order).join(joint);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** How many things two bags have in common. */
export function overlap(a: Counts, b: Counts): number {
  let common = 0;
  for (const [key, count] of a) common += Math.min(count, b.get(key) ?? 0);
  return common;
}

/** One reference, or several of which the best counts. */
export type References = string | readonly string[];

/**
 * The references of each text, as lists; empty ones are left out, as sacreBLEU does.
 * @throws GalateaError `data` when there are none, or not as many as texts, or one text has no reference.
 */
export function requireReferences(
  where: string,
  texts: readonly string[],
  references: readonly References[],
): readonly (readonly string[])[] {
  if (texts.length !== references.length || texts.length === 0) {
    const seen = `${texts.length} texts and references for ${references.length}`;
    throw new GalateaError("data", where, seen, "at least one text, and references for each");
  }
  return references.map((some, index) => {
    const list = (typeof some === "string" ? [some] : some).filter((reference) => reference !== "");
    if (list.length > 0) return list;
    throw new GalateaError(
      "data",
      `${where}, text ${index + 1}`,
      "it has no reference",
      "at least one that is not empty",
    );
  });
}

/** A number with so many decimals as Python prints it: a half goes to the even digit. */
export function formatFixed(value: number, digits: number): string {
  const scaled = value * 10 ** digits;
  // Only multiples of 2^-(digits + 1) can lie exactly in the middle.
  const isHalf = Number.isInteger(value * 2 ** (digits + 1)) && scaled - Math.floor(scaled) === 0.5;
  const rounded = isHalf && Math.floor(scaled) % 2 === 0 ? Math.floor(scaled) / 10 ** digits : value;
  return rounded.toFixed(digits);
}

/** The version whose scores and signatures ours equal. */
export const sacrebleuVersion = "2.0.0";

/** Number of references as a signature says it. */
export function countOfReferences(references: readonly (readonly string[])[]): string {
  const counts = new Set(references.map((list) => list.length));
  return counts.size === 1 ? String([...counts][0]) : "var";
}
