/** What language models and translators are trained on and judged by: how probable each token is, padding left out. */

import { concat, full, ones, type Tensor } from "../../../core/trace/index.ts";

export interface TokenScores {
  /** -log p of each sequence, summed over its tokens: [B], in nats. */
  readonly negativeLogLikelihood: Tensor;
  /** Tokens of each sequence that count, [B]. */
  readonly tokens: Tensor;
  /** Those of them that the network would have chosen, [B]. */
  readonly right: Tensor;
}

/**
 * Scores of sequences.
 *
 * Shapes: logits [B, T, V], targets int32 [B, T].
 * @param pad the token that does not count; all count where absent
 */
export function tokenScores(logits: Tensor, targets: Tensor, pad: number | undefined): TokenScores {
  const counts = countsOf(targets, pad);
  const right = logits.argMax(2).cast("int32").equal(targets).cast("float32");
  return {
    negativeLogLikelihood: logits.crossEntropy(targets).mul(counts).sum(1),
    tokens: counts.sum(1),
    right: right.mul(counts).sum(1),
  };
}

/** 1 where a token counts: float32 [B, T]. */
function countsOf(targets: Tensor, pad: number | undefined): Tensor {
  return pad === undefined ? ones(targets.shape) : targets.notEqual(pad).cast("float32");
}

/**
 * The mean loss of a token, in nats: cross-entropy with a distribution that gives the right token 1 - s and all tokens
 * s / V each.
 *
 * Source: Szegedy et al., "Rethinking the Inception architecture" (2016), section 7, for the smoothing.
 */
export function tokenLoss(logits: Tensor, targets: Tensor, pad: number | undefined, smoothing = 0): Tensor {
  const plain = logits.crossEntropy(targets);
  const losses = smoothing === 0 ? plain : plain.mul(1 - smoothing).add(logits.logSoftmax(2).mean(2).mul(-smoothing));
  return meanOverTokens(losses, targets, pad);
}

/** The mean of numbers [B, T] over the tokens that count. */
export function meanOverTokens(numbers: Tensor, targets: Tensor, pad: number | undefined): Tensor {
  if (pad === undefined) return numbers.mean();
  const counts = countsOf(targets, pad);
  return numbers.mul(counts).sum().div(counts.sum().maximum(1));
}

/** Sequences as a decoder reads them: a first token, then all but the last: int32 [B, T]. */
export function shiftedRight(targets: Tensor, begin: number): Tensor {
  const [batch, count] = targets.shape;
  const first = full([batch, 1], begin, "int32");
  return count === 1 ? first : concat([first, targets.slice(1, 0, count - 1)], 1);
}

/** Share of tokens that are right, a scalar. */
export function accuracyOf({ right, tokens }: TokenScores): Tensor {
  return right.sum().div(tokens.sum().maximum(1));
}
