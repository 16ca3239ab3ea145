/** How the next token is drawn from the scores of all. */

import { constant, randomCategorical, type Tensor, where } from "../../../core/trace/index.ts";

/** Far below all scores, and finite. */
export const impossible = -1e9;

export interface DrawingOptions {
  /** Scores are divided by it; 0 takes the most probable token. */
  readonly temperature: number;
  /** Only so many of the most probable tokens; 0: all. */
  readonly topK: number;
  /** Only the most probable tokens that together have this probability; 1: all. */
  readonly topP: number;
  /** Positive scores of tokens that have occurred are divided by it, negative ones multiplied; 1: nothing. */
  readonly repetitionPenalty: number;
}

/**
 * Scores after the penalty for repetition.
 *
 * Shapes: logits [B, V]; occurred [B, V], above 0 where a token has occurred.
 *
 * Source: Keskar et al., "CTRL" (2019), section 4.1.
 */
export function penalizeRepetition(logits: Tensor, occurred: Tensor, penalty: number): Tensor {
  const lowered = where(logits.greater(0), logits.mul(1 / penalty), logits.mul(penalty));
  return where(occurred.greater(0), lowered, logits);
}

/**
 * Scores of which only the `k` highest are left, and those of tokens that belong to the `p` most probable share; the
 * most probable token always is one of them.
 *
 * Shapes: logits [B, V] -> the same.
 *
 * Source: Fan, Lewis and Dauphin, "Hierarchical neural story generation" (2018) for k; Holtzman et al., "The curious case of
 * neural text degeneration" (2020) for p.
 */
export function keepProbable(logits: Tensor, { topK, topP }: Pick<DrawingOptions, "topK" | "topP">): Tensor {
  const classes = logits.shape[1];
  let kept = logits;
  if (topK > 0 && topK < classes) {
    const least = kept.topK(topK, 1).values.slice(1, topK - 1, 1);
    kept = where(kept.less(least), constant(impossible), kept);
  }
  if (topP < 1) {
    const sorted = kept.sort(1, true); // descending
    const before = sorted.softmax(1).cumulativeSum(1, { exclusive: true });
    // The least score among those before which less than p is gathered.
    const least = where(before.less(topP), sorted, constant(-impossible)).min(1, true);
    kept = where(kept.less(least), constant(impossible), kept);
  }
  return kept;
}

/**
 * The next token of each row.
 *
 * Shapes: logits [B, V] -> int32 [B].
 * @param key random key, uint32 [2]
 * @param occurred [B, V], above 0 where a token has occurred; needed with a penalty only
 */
export function drawToken(logits: Tensor, key: Tensor, options: DrawingOptions, occurred?: Tensor): Tensor {
  const { temperature, repetitionPenalty } = options;
  const penalized =
    repetitionPenalty !== 1 && occurred ? penalizeRepetition(logits, occurred, repetitionPenalty) : logits;
  if (temperature === 0) return penalized.argMax(1).cast("int32");
  const scores = keepProbable(penalized.mul(1 / temperature), options);
  return randomCategorical(key, scores).cast("int32");
}
