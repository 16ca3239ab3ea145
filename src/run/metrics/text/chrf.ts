/** chrF and chrF++, equal to sacreBLEU's. Written by hand as no npm package computes them. */

import {
  asciiPunctuation,
  type Counts,
  countOfReferences,
  countSequences,
  formatFixed,
  overlap,
  type References,
  requireReferences,
  sacrebleuVersion,
  splitWords,
} from "./words.ts";

export interface ChrfOptions {
  /** Longest sequence of characters; default 6. */
  readonly characterOrder?: number;
  /** Longest sequence of words: 0 for chrF (default), 2 for chrF++. */
  readonly wordOrder?: number;
  /** How much more recall weighs than precision; default 2. */
  readonly beta?: number;
  /** Whether case is ignored; default no. */
  readonly lowerCase?: boolean;
  /** Whether white space counts as a character; default no. */
  readonly whiteSpace?: boolean;
}

export interface Chrf {
  /** 0 to 100. */
  readonly score: number;
  /** E.g. `chrF2`, `chrF2++`. */
  readonly name: string;
  /** What sacreBLEU prints to say how it was computed. */
  readonly signature: string;
  /** The line that sacreBLEU prints, e.g. `chrF2 = 59.73`. */
  readonly line: string;
}

/** Of one order: sequences in the text, in the reference, in both. */
type OrderStatistics = [text: number, reference: number, both: number];

/**
 * chrF of a corpus: an F score of sequences of characters (and of words, for chrF++).
 *
 * (1 + b^2) P R / (b^2 P + R), P and R being means over the orders that both sides have, of the whole corpus
 *
 * Of several references each text counts with the one that it scores best against.
 *
 * Units and ranges: 0 to 100.
 * @throws GalateaError `data` when there is nothing to compare, or a text has no reference.
 *
 * Source: Popović, "chrF: character n-gram F-score for automatic MT evaluation" (2015); "chrF++" (2017).
 */
export function chrf(texts: readonly string[], references: readonly References[], options: ChrfOptions = {}): Chrf {
  const { characterOrder = 6, wordOrder = 0, beta = 2, lowerCase = false, whiteSpace = false } = options;
  const lists = requireReferences("chrf", texts, references);
  const sums = Array.from({ length: characterOrder + wordOrder }, (): OrderStatistics => [0, 0, 0]);
  for (const [index, text] of texts.entries()) {
    const own = sequencesOf(text, options);
    let best: readonly OrderStatistics[] = [];
    let bestScore = -1;
    for (const reference of lists[index]) {
      const statistics = compare(own, sequencesOf(reference, options));
      const score = scoreOf(statistics, beta);
      if (score > bestScore) [best, bestScore] = [statistics, score];
    }
    for (const [order, counts] of best.entries()) {
      for (const [i, count] of counts.entries()) sums[order][i] += count;
    }
  }
  const score = scoreOf(sums, beta);
  const name = `chrF${beta}${"+".repeat(wordOrder)}`;
  const parts = [
    `nrefs:${countOfReferences(lists)}`,
    `case:${lowerCase ? "lc" : "mixed"}`,
    "eff:yes",
    `nc:${characterOrder}`,
    `nw:${wordOrder}`,
    `space:${whiteSpace ? "yes" : "no"}`,
    `version:${sacrebleuVersion}`,
  ];
  return { score, name, signature: parts.join("|"), line: `${name} = ${formatFixed(score, 2)}` };
}

function sequencesOf(text: string, options: ChrfOptions): readonly Counts[] {
  const { characterOrder = 6, wordOrder = 0, lowerCase = false, whiteSpace = false } = options;
  const line = lowerCase ? text.toLowerCase() : text;
  const characters = Array.from(whiteSpace ? line : splitWords(line).join(""));
  const words = wordOrder > 0 ? wordsAndPunctuation(line) : [];
  return [
    ...Array.from({ length: characterOrder }, (_, i) => countSequences(characters, i + 1, "")),
    ...Array.from({ length: wordOrder }, (_, i) => countSequences(words, i + 1)),
  ];
}

/** Words, of which one punctuation mark at the end, else one at the beginning, is a word of its own. */
function wordsAndPunctuation(line: string): string[] {
  return splitWords(line).flatMap((word) => {
    const characters = Array.from(word);
    if (characters.length === 1) return [word];
    const last = characters[characters.length - 1];
    if (asciiPunctuation.has(last)) return [word.slice(0, -1), last];
    return asciiPunctuation.has(characters[0]) ? [characters[0], word.slice(1)] : [word];
  });
}

function compare(text: readonly Counts[], reference: readonly Counts[]): readonly OrderStatistics[] {
  return text.map((own, order) => {
    const other = reference[order];
    // An order that the reference is too short for is not held against the text.
    return [other.size > 0 ? total(own) : 0, total(other), overlap(own, other)];
  });
}

function total(counts: Counts): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

function scoreOf(statistics: readonly OrderStatistics[], beta: number): number {
  const present = statistics.filter(([text, reference]) => text > 0 && reference > 0);
  if (present.length === 0) return 0;
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const precision = mean(present.map(([text, , both]) => both / text));
  const recall = mean(present.map(([, reference, both]) => both / reference));
  if (precision + recall === 0) return 0;
  const weight = beta ** 2;
  return (100 * (1 + weight) * precision * recall) / (weight * precision + recall);
}
