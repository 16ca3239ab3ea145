/** Exact match and F1 of answers, equal to SQuAD's scorers. Written by hand: the scorers are Python scripts, and their
 * rules are what makes a score comparable. */

import { GalateaError } from "../../../core/base/index.ts";
import { asciiPunctuation, countSequences, overlap, splitWords } from "./words.ts";

/** A question and what counts as right; none where nothing in the text answers it. */
export interface AnsweredQuestion {
  readonly id: string;
  readonly answers: readonly string[];
}

export interface AnswerScoreOptions {
  /**
   * `1.1` (default): every question has an answer, one without a prediction scores 0. `2.0`: a question may have no
   * answer, which an empty prediction gets right; questions without a prediction are left out.
   */
  readonly version?: "1.1" | "2.0";
}

export interface AnswerScores {
  /** Per cent of predictions that equal an answer. */
  readonly exactMatch: number;
  /** Mean F1 with the nearest answer, per cent. */
  readonly f1: number;
  /** Questions that were scored. */
  readonly count: number;
  /** Questions without a prediction. */
  readonly missing: number;
}

/**
 * How well predictions agree with answers, letter by letter and word by word.
 *
 * F1 = 2 P R / (P + R), P and R being shares of the words that both have; of several answers the best counts
 *
 * Case, punctuation of ASCII, articles and extra white space do not count.
 *
 * Units and ranges: 0 to 100.
 * @throws GalateaError `data` when no question can be scored.
 *
 * Source: Rajpurkar et al., "SQuAD: 100,000+ questions for machine comprehension of text" (2016); "Know what you don't
 * know" (2018), version 2.0.
 */
export function answerScores(
  questions: readonly AnsweredQuestion[],
  predictions: ReadonlyMap<string, string>,
  { version = "1.1" }: AnswerScoreOptions = {},
): AnswerScores {
  const predicted = questions.filter(({ id }) => predictions.has(id));
  const missing = questions.length - predicted.length;
  const count = version === "1.1" ? questions.length : predicted.length;
  if (count === 0) {
    const seen = `${questions.length} questions, ${predicted.length} of them with a prediction`;
    throw new GalateaError("data", "answers", seen, "at least one question that has one");
  }
  let [exact, f1] = [0, 0];
  for (const { id, answers } of predicted) {
    const prediction = predictions.get(id) ?? "";
    const right = version === "1.1" ? answers : withNoAnswer(answers);
    exact += Math.max(0, ...right.map((answer) => Number(normalizeAnswer(answer) === normalizeAnswer(prediction))));
    f1 += Math.max(0, ...right.map((answer) => wordF1(prediction, answer, version)));
  }
  return { exactMatch: (100 * exact) / count, f1: (100 * f1) / count, count, missing };
}

/** Answers that are left after normalizing, or the empty one that stands for none. */
function withNoAnswer(answers: readonly string[]): readonly string[] {
  const real = answers.filter((answer) => normalizeAnswer(answer) !== "");
  return real.length > 0 ? real : [""];
}

/** An answer in lower case, without ASCII's punctuation, articles and extra white space. */
export function normalizeAnswer(answer: string): string {
  const letters = Array.from(answer.toLowerCase()).filter((character) => !asciiPunctuation.has(character));
  const articles = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
  return splitWords(letters.join("").replace(articles, " ")).join(" ");
}

function wordF1(prediction: string, answer: string, version: "1.1" | "2.0"): number {
  const [own, right] = [prediction, answer].map((text) => splitWords(normalizeAnswer(text)));
  if (version === "2.0" && (own.length === 0 || right.length === 0)) return Number(own.length === right.length);
  const shared = overlap(countSequences(own, 1), countSequences(right, 1));
  if (shared === 0) return 0;
  const [precision, recall] = [shared / own.length, shared / right.length];
  return (2 * precision * recall) / (precision + recall);
}
