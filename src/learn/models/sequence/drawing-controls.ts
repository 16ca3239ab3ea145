/** What steers the drawing of sequences, for people: controls of `sample`. */

import type { Control } from "../family.ts";

/** @param greedy whether the most probable sequence is meant where nobody says otherwise, as in translation */
export function drawingControls(greedy: boolean): Readonly<Record<string, Control>> {
  return {
    temperature: {
      description:
        "scores are divided by it: below 1 what is probable becomes more so; 0 takes the most probable token",
      minimum: 0,
      maximum: 10,
      default: greedy ? 0 : 1,
    },
    topK: {
      description: "only so many of the most probable tokens are drawn from; 0: all",
      minimum: 0,
      maximum: 1e6,
      whole: true,
      default: 0,
    },
    topP: {
      description: "only the most probable tokens that together have this probability are drawn from; 1: all",
      minimum: 0.01,
      maximum: 1,
      default: 1,
    },
    repetitionPenalty: {
      description: "above 1, tokens that have occurred become less probable",
      minimum: 1,
      maximum: 10,
      default: 1,
    },
  };
}

/** Of models whose most probable answer is wanted. */
export const searchControls: Readonly<Record<string, Control>> = {
  beams: {
    description: "beginnings that are followed at a time (beam search); 1: tokens are drawn one by one",
    minimum: 1,
    maximum: 64,
    whole: true,
    default: 1,
  },
  lengthPenalty: {
    description: "of beam search: 0 prefers short answers, 1 those of the best mean probability",
    minimum: 0,
    maximum: 5,
    default: 1,
  },
};
