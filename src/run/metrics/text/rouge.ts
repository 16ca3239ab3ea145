/** ROUGE-1, ROUGE-2 and ROUGE-L, equal to rouge-score's. Written by hand: the npm packages cut and stem texts in
 * other ways, so that their scores are not those that papers print. */

import { porterStem } from "./porter.ts";
import { countSequences, overlap, type References, requireReferences } from "./words.ts";

export interface RougeScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Each 0 to 1. */
export interface Rouge {
  readonly rouge1: RougeScore;
  readonly rouge2: RougeScore;
  readonly rougeL: RougeScore;
}

export interface RougeOptions {
  /** Whether words of more than three letters are stemmed first; default no. */
  readonly stem?: boolean;
}

const kinds = ["rouge1", "rouge2", "rougeL"] as const;

/** What ROUGE counts: words of a to z and 0 to 9, in lower case. Of other scripts nothing is left. */
export function rougeTokens(text: string, { stem = false }: RougeOptions = {}): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return stem ? words.map((word) => (word.length > 3 ? porterStem(word) : word)) : words;
}

/**
 * ROUGE of one text: words (1), pairs of words (2) and the longest common subsequence of words (L) that it shares with
 * its reference; of several references, for each kind, the one with the highest F.
 *
 * P = shared / in the text, R = shared / in the reference, F = 2 P R / (P + R)
 *
 * @throws GalateaError `data` when there is no reference that is not empty.
 *
 * Source: Lin, "ROUGE: a package for automatic evaluation of summaries" (2004), as Google's rouge-score computes it.
 */
export function rouge(text: string, references: References, options: RougeOptions = {}): Rouge {
  const [list] = requireReferences("rouge", [text], [references]);
  const own = rougeTokens(text, options);
  const scores = list.map((reference) => scoresOf(own, rougeTokens(reference, options)));
  const best = (kind: keyof Rouge): RougeScore =>
    scores.map((score) => score[kind]).reduce((a, b) => (b.f1 > a.f1 ? b : a));
  return { rouge1: best("rouge1"), rouge2: best("rouge2"), rougeL: best("rougeL") };
}

/**
 * The mean ROUGE over texts.
 * @throws GalateaError `data` when there is nothing to compare, or a text has no reference.
 */
export function meanRouge(
  texts: readonly string[],
  references: readonly References[],
  options: RougeOptions = {},
): Rouge {
  const lists = requireReferences("rouge", texts, references);
  const scores = texts.map((text, index) => rouge(text, lists[index], options));
  const mean = (kind: keyof Rouge, part: keyof RougeScore): number =>
    scores.reduce((sum, score) => sum + score[kind][part], 0) / scores.length;
  const [rouge1, rouge2, rougeL] = kinds.map((kind) => ({
    precision: mean(kind, "precision"),
    recall: mean(kind, "recall"),
    f1: mean(kind, "f1"),
  }));
  return { rouge1, rouge2, rougeL };
}

function scoresOf(text: readonly string[], reference: readonly string[]): Rouge {
  const ofOrder = (order: number): RougeScore => {
    const shared = overlap(countSequences(text, order), countSequences(reference, order));
    return scoreOf(shared, text.length - order + 1, reference.length - order + 1);
  };
  const longest = commonSubsequence(text, reference);
  return { rouge1: ofOrder(1), rouge2: ofOrder(2), rougeL: scoreOf(longest, text.length, reference.length) };
}

function scoreOf(shared: number, inText: number, inReference: number): RougeScore {
  const precision = shared / Math.max(inText, 1);
  const recall = shared / Math.max(inReference, 1);
  const f1 = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return { precision, recall, f1 };
}

/** Length of the longest sequence that both contain, in order but with gaps. */
function commonSubsequence(a: readonly string[], b: readonly string[]): number {
  let above = new Uint32Array(b.length + 1);
  for (const word of a) {
    const row = new Uint32Array(b.length + 1);
    for (let j = 0; j < b.length; j++) row[j + 1] = word === b[j] ? above[j] + 1 : Math.max(above[j + 1], row[j]);
    above = row;
  }
  return above[b.length];
}
