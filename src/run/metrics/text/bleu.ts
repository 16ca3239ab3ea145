/** BLEU, equal to sacreBLEU's. Written by hand: no npm package computes what sacreBLEU computes, tokens and
 * signature included, and a BLEU without these can be compared with nothing. */

import {
  countOfReferences,
  countSequences,
  formatFixed,
  type References,
  requireReferences,
  sacrebleuVersion,
  splitWords,
} from "./words.ts";

export type BleuTokens = "13a" | "none" | "char";
export type BleuSmoothing = "exp" | "floor" | "add-k" | "none";

export interface BleuOptions {
  /**
   * How texts are cut: `13a`, as WMT's mteval-v13a does (default); `char`, every character; `none`, at white space,
   * for texts that are tokenized already.
   */
  readonly tokens?: BleuTokens;
  /** Whether case is ignored; default no. */
  readonly lowerCase?: boolean;
  /** What becomes of an order without a match; default `exp`: 1/2, 1/4, ... of a match. */
  readonly smoothing?: BleuSmoothing;
  /** What `floor` (default 0.1) and `add-k` (default 1) add. */
  readonly smoothingValue?: number;
  /** Whether orders longer than the text are left out, for scores of single sentences; default no. */
  readonly effectiveOrder?: boolean;
}

export interface Bleu {
  /** 0 to 100. */
  readonly score: number;
  /** Of orders 1 to 4, 0 to 100. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  /** Tokens of the texts, and of the references that are nearest in length. */
  readonly textLength: number;
  readonly referenceLength: number;
  /** What sacreBLEU prints to say how it was computed. */
  readonly signature: string;
  /** The line that sacreBLEU prints, e.g. `BLEU = 48.53 82.4/50.0/45.5/37.5 (BP = 0.943 ...)`. */
  readonly line: string;
}

const orders = [1, 2, 3, 4];
const usualValues: Readonly<Record<BleuSmoothing, number | undefined>> = {
  exp: undefined,
  none: undefined,
  floor: 0.1,
  "add-k": 1,
};

interface Statistics {
  textLength: number;
  referenceLength: number;
  readonly matches: number[];
  readonly totals: number[];
}

/**
 * BLEU of a corpus: how many sequences of one to four tokens of the texts are in their references.
 *
 * BP exp(mean over n of ln p_n), BP = min(1, e^(1 - r / c)), p_n = matches / sequences of n tokens
 *
 * A sequence counts at most as often as in the reference that has it most often; r sums the lengths of the references
 * that are nearest in length, the shorter of two.
 *
 * Units and ranges: 0 to 100.
 * @throws GalateaError `data` when there is nothing to compare, or a text has no reference.
 *
 * Source: Papineni et al., "BLEU: a method for automatic evaluation of machine translation" (2002), as computed by
 * Post, "A call for clarity in reporting BLEU scores" (2018).
 */
export function bleu(texts: readonly string[], references: readonly References[], options: BleuOptions = {}): Bleu {
  const lists = requireReferences("bleu", texts, references);
  const sums: Statistics = { textLength: 0, referenceLength: 0, matches: [0, 0, 0, 0], totals: [0, 0, 0, 0] };
  for (const [index, text] of texts.entries()) addTo(sums, text, lists[index], options);
  const { textLength, referenceLength } = sums;
  const brevityPenalty =
    textLength >= referenceLength ? 1 : textLength > 0 ? Math.exp(1 - referenceLength / textLength) : 0;
  const { precisions, score } = combine(sums, brevityPenalty, options);
  const lengths = `hyp_len = ${textLength} ref_len = ${referenceLength}`;
  const ratio = formatFixed(referenceLength > 0 ? textLength / referenceLength : 0, 3);
  const percentages = precisions.map((precision) => formatFixed(precision, 1)).join("/");
  return {
    score,
    precisions,
    brevityPenalty,
    textLength,
    referenceLength,
    signature: signatureOf(options, countOfReferences(lists)),
    line: `BLEU = ${formatFixed(score, 2)} ${percentages} (BP = ${formatFixed(brevityPenalty, 3)} ratio = ${ratio} ${lengths})`,
  };
}

function addTo(sums: Statistics, text: string, references: readonly string[], options: BleuOptions): void {
  const words = bleuTokens(text, options);
  const others = references.map((reference) => bleuTokens(reference, options));
  sums.textLength += words.length;
  sums.referenceLength += nearestLength(
    words.length,
    others.map((other) => other.length),
  );
  for (const order of orders) {
    const allowed = new Map<string, number>();
    for (const other of others) {
      for (const [key, count] of countSequences(other, order)) {
        allowed.set(key, Math.max(count, allowed.get(key) ?? 0));
      }
    }
    for (const [key, count] of countSequences(words, order)) {
      sums.totals[order - 1] += count;
      sums.matches[order - 1] += Math.min(count, allowed.get(key) ?? 0);
    }
  }
}

function nearestLength(length: number, others: readonly number[]): number {
  return others.reduce((best, other) => {
    const [distance, least] = [Math.abs(length - other), Math.abs(length - best)];
    return distance < least || (distance === least && other < best) ? other : best;
  });
}

function combine(
  { matches, totals }: Statistics,
  brevityPenalty: number,
  options: BleuOptions,
): Pick<Bleu, "precisions" | "score"> {
  const { smoothing = "exp", effectiveOrder = false } = options;
  const value = options.smoothingValue ?? usualValues[smoothing] ?? 0;
  const precisions = [0, 0, 0, 0];
  if (matches.every((count) => count === 0)) return { precisions, score: 0 };
  let halvings = 1;
  let lastOrder = orders.length;
  for (const [index] of orders.entries()) {
    const added = smoothing === "add-k" && index > 0 ? value : 0;
    const [match, total] = [matches[index] + added, totals[index] + added];
    if (total === 0) break;
    if (effectiveOrder) lastOrder = index + 1;
    if (match > 0) precisions[index] = (100 * match) / total;
    else if (smoothing === "exp") {
      halvings *= 2;
      precisions[index] = 100 / (halvings * total);
    } else if (smoothing === "floor") precisions[index] = (100 * value) / total;
  }
  // An order with precision 0 makes the product 0.
  const logs = precisions.slice(0, lastOrder).map((precision) => Math.log(precision));
  return { precisions, score: brevityPenalty * Math.exp(logs.reduce((sum, log) => sum + log, 0) / lastOrder) };
}

function signatureOf(options: BleuOptions, references: string): string {
  const { tokens = "13a", lowerCase = false, smoothing = "exp", effectiveOrder = false } = options;
  const value = usualValues[smoothing];
  const amount = value === undefined ? "" : `[${formatFixed(options.smoothingValue ?? value, 2)}]`;
  const parts = [
    `nrefs:${references}`,
    `case:${lowerCase ? "lc" : "mixed"}`,
    `eff:${effectiveOrder ? "yes" : "no"}`,
    `tok:${tokens}`,
    `smooth:${smoothing}${amount}`,
    `version:${sacrebleuVersion}`,
  ];
  return parts.join("|");
}

/** What BLEU counts: the tokens of a text. */
export function bleuTokens(text: string, { tokens = "13a", lowerCase = false }: BleuOptions = {}): string[] {
  const line = (lowerCase ? text.toLowerCase() : text).trimEnd();
  if (tokens === "none") return splitWords(line);
  if (tokens === "char") return splitWords(Array.from(line).join(" "));
  return splitWords(separatePunctuation(` ${unescapeMarkup(line)} `));
}

/** Marks and entities that mteval-v13a takes back, and words divided at a line's end. */
function unescapeMarkup(line: string): string {
  return line
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
}

/** Puts spaces around ASCII's punctuation, but not around apostrophes, hyphens, and points and commas within numbers. */
function separatePunctuation(line: string): string {
  return line
    .replace(/[ -&(-+/:-@[-`{-~]/g, " $& ")
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    .replace(/([0-9])(-)/g, "$1 $2 ");
}
