/** Metrics of answers, by name: each compares what a model said with what it should have said. */

import type { Answer } from "./answers.ts";
import {
  answerScores,
  bleu,
  characterErrorRate,
  chrf,
  type ErrorRate,
  meanRouge,
  sequenceAccuracy,
  wordErrorRate,
} from "./metrics/index.ts";

export interface AnswerScore {
  readonly value: number;
  /** How it was computed, where tools differ. */
  readonly note?: string;
}

type AnswerMetric = (answers: readonly Answer[]) => AnswerScore;

const textsOf = (answers: readonly Answer[]): readonly string[] => answers.map(({ answer }) => answer);
const rightsOf = (answers: readonly Answer[]): readonly (readonly string[])[] =>
  answers.map(({ right }) => (typeof right === "string" ? [right] : right));

/** Of several right answers the one with the fewest edits counts; the rates are of all answers together. */
function errorRate(measure: (texts: readonly string[], references: readonly string[]) => ErrorRate): AnswerMetric {
  return (answers) => {
    const nearest = answers.map(({ answer, right }) => {
      if (typeof right === "string") return right;
      const rated = right.map((text) => ({
        text,
        edits: text === "" ? answer.length : measure([answer], [text]).rate,
      }));
      return rated.reduce((best, one) => (one.edits < best.edits ? one : best)).text;
    });
    return { value: 100 * measure(textsOf(answers), nearest).rate };
  };
}

function rougeOf(kind: "rouge1" | "rouge2" | "rougeL"): AnswerMetric {
  return (answers) => {
    const scores = meanRouge(textsOf(answers), rightsOf(answers), { stem: true });
    return { value: 100 * scores[kind].f1, note: "F1, stemmed words" };
  };
}

function answered(answers: readonly Answer[]): ReturnType<typeof answerScores> {
  const questions = rightsOf(answers).map((right, i) => ({ id: `${i}`, answers: right }));
  return answerScores(questions, new Map(answers.map(({ answer }, i) => [`${i}`, answer])));
}

/** Per cent of answers that are right from the first to the last character. */
function sharesOfWholes(answers: readonly Answer[]): number {
  const nearest = rightsOf(answers).map((right, i) =>
    right.includes(answers[i].answer) ? answers[i].answer : right[0],
  );
  return 100 * sequenceAccuracy(textsOf(answers), nearest);
}

const metrics: Readonly<Record<string, AnswerMetric>> = {
  bleu: (answers) => {
    const { score, signature } = bleu(textsOf(answers), rightsOf(answers));
    return { value: score, note: signature };
  },
  bleuLowerCase: (answers) => {
    const { score, signature } = bleu(textsOf(answers), rightsOf(answers), { lowerCase: true });
    return { value: score, note: signature };
  },
  chrf: (answers) => {
    const { score, signature } = chrf(textsOf(answers), rightsOf(answers));
    return { value: score, note: signature };
  },
  rouge1: rougeOf("rouge1"),
  rouge2: rougeOf("rouge2"),
  rougeL: rougeOf("rougeL"),
  exactMatch: (answers) => ({ value: answered(answers).exactMatch, note: "as SQuAD's scorer" }),
  answerF1: (answers) => ({ value: answered(answers).f1, note: "as SQuAD's scorer" }),
  wordErrorRate: errorRate(wordErrorRate),
  characterErrorRate: errorRate(characterErrorRate),
  phoneErrorRate: errorRate(wordErrorRate),
  sequenceAccuracy: (answers) => ({ value: sharesOfWholes(answers) }),
  sequenceErrorRate: (answers) => ({ value: 100 - sharesOfWholes(answers) }),
};

/** Every name that this file knows. All are per cent, or numbers from 0 to 100. */
export const answerMetricNames: readonly string[] = Object.keys(metrics);

/**
 * Scores of answers.
 * @throws GalateaError `data` when there is nothing to compare.
 */
export function scoreAnswers(names: readonly string[], answers: readonly Answer[]): ReadonlyMap<string, AnswerScore> {
  return new Map(names.map((name) => [name, metrics[name](answers)]));
}
