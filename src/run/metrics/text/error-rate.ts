/** Error rates of what was heard or read: words, characters, or any tokens, and of whole sequences.
 *
 * The alignment is written by hand: the packages for edit distances give its length, and not how many of its edits are
 * substitutions, insertions and deletions. */

import { GalateaError } from "../../../core/base/index.ts";
import { splitWords } from "./words.ts";

export interface EditCounts {
  /** Tokens of the reference that something else stands for. */
  readonly substitutions: number;
  /** Tokens that are in the text only. */
  readonly insertions: number;
  /** Tokens that are in the reference only. */
  readonly deletions: number;
  readonly hits: number;
}

export interface ErrorRate extends EditCounts {
  /** Edits by tokens of the references: 0 to any number. */
  readonly rate: number;
  /** Tokens of the references. */
  readonly referenceLength: number;
}

/**
 * The fewest edits that turn a reference into a text. Of alignments with as few, one that pairs tokens where that will do,
 * from the end on: other tools may count the same edits as other kinds.
 *
 * Source: Levenshtein, "Binary codes capable of correcting deletions, insertions and reversals" (1966).
 */
export function countEdits<T>(text: readonly T[], reference: readonly T[]): EditCounts {
  const width = text.length + 1;
  const table = new Uint32Array((reference.length + 1) * width);
  for (let j = 0; j < width; j++) table[j] = j;
  for (let i = 1; i <= reference.length; i++) {
    table[i * width] = i;
    for (let j = 1; j < width; j++) {
      const at = i * width + j;
      const diagonal = table[at - width - 1] + Number(reference[i - 1] !== text[j - 1]);
      table[at] = Math.min(diagonal, table[at - width] + 1, table[at - 1] + 1);
    }
  }
  const counts = { substitutions: 0, insertions: 0, deletions: 0, hits: 0 };
  for (let i = reference.length, j = text.length; i > 0 || j > 0; ) {
    const at = i * width + j;
    const isSame = i > 0 && j > 0 && reference[i - 1] === text[j - 1];
    if (i > 0 && j > 0 && table[at] === table[at - width - 1] + Number(!isSame)) {
      counts[isSame ? "hits" : "substitutions"]++;
      i--;
      j--;
    } else if (i > 0 && table[at] === table[at - width] + 1) {
      counts.deletions++;
      i--;
    } else {
      counts.insertions++;
      j--;
    }
  }
  return counts;
}

/**
 * The error rate over a corpus of token sequences.
 *
 * (S + D + I) / N, summed over the corpus before the division
 *
 * @throws GalateaError `data` when counts differ or the references hold no token.
 */
export function tokenErrorRate<T>(texts: readonly (readonly T[])[], references: readonly (readonly T[])[]): ErrorRate {
  requirePairs("error rate", texts.length, references.length);
  const sums = { substitutions: 0, insertions: 0, deletions: 0, hits: 0 };
  for (const [index, text] of texts.entries()) {
    const counts = countEdits(text, references[index]);
    for (const kind of Object.keys(sums) as (keyof EditCounts)[]) sums[kind] += counts[kind];
  }
  const referenceLength = sums.hits + sums.substitutions + sums.deletions;
  if (referenceLength === 0) {
    throw new GalateaError("data", "error rate", "all references are empty", "at least one must hold something");
  }
  return { ...sums, referenceLength, rate: (sums.substitutions + sums.deletions + sums.insertions) / referenceLength };
}

/** The word error rate: {@link tokenErrorRate} of what lies between white space. Case and punctuation count. */
export function wordErrorRate(texts: readonly string[], references: readonly string[]): ErrorRate {
  return tokenErrorRate(texts.map(splitWords), references.map(splitWords));
}

/** The character error rate: {@link tokenErrorRate} of Unicode's code points, spaces included. */
export function characterErrorRate(texts: readonly string[], references: readonly string[]): ErrorRate {
  return tokenErrorRate(
    texts.map((text) => Array.from(text)),
    references.map((reference) => Array.from(reference)),
  );
}

/**
 * The share of sequences that are right from the first to the last token.
 * @throws GalateaError `data` when counts differ or are 0.
 */
export function sequenceAccuracy<T>(
  sequences: readonly (string | readonly T[])[],
  references: readonly (string | readonly T[])[],
): number {
  requirePairs("sequence accuracy", sequences.length, references.length);
  const right = sequences.filter((sequence, index) => {
    const reference = references[index];
    if (typeof sequence === "string" || typeof reference === "string") return sequence === reference;
    return sequence.length === reference.length && sequence.every((token, i) => token === reference[i]);
  });
  return right.length / sequences.length;
}

function requirePairs(where: string, texts: number, references: number): void {
  if (texts === references && texts > 0) return;
  throw new GalateaError("data", where, `${texts} texts and ${references} references`, "as many of both, at least one");
}
