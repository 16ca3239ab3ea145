/** The distribution over classes. */

import { formatShape, GalateaError } from "../../core/base/index.ts";
import { randomCategorical, type Tensor } from "../../core/trace/index.ts";
import type { Distribution } from "./distribution.ts";

export interface Categorical extends Distribution {
  readonly kind: "categorical";
  /** Log-probabilities up to a constant, [..., K]. */
  readonly logits: Tensor;
  /** Log-probabilities, [..., K]. */
  readonly logProbabilities: Tensor;
  /** Probabilities, [..., K]. */
  readonly probabilities: Tensor;
}

/**
 * Independent choices among K classes.
 *
 * log p(x) = logits[x] - log sum over k of e^logits[k]; sample = argmax over k of logits[k] + g[k] with Gumbel
 * noise g = -log(-log u); entropy = -sum over k of p[k] log p[k]; mode = argmax of logits, the first at a tie
 *
 * Shapes: logits [..., K]; the distribution's shape is [...]. x is int32 or int64 of that shape; sample and mode
 * are int64 and carry no gradient.
 * Units and ranges: classes 0 to K - 1. Logits must be finite: for an impossible class take -1e9.
 * @throws GalateaError `shape`, while tracing, when logits have no axis of classes.
 *
 * Source: Gumbel, "Statistical theory of extreme values" (1954), for the sample.
 */
export function categorical({ logits }: { readonly logits: Tensor }): Categorical {
  const classes = logits.shape.at(-1);
  if (classes === undefined || classes < 1) {
    const seen = `categorical: logits have shape ${formatShape(logits.shape)}`;
    throw new GalateaError("shape", logits.path, seen, "their last axis must hold the classes");
  }
  const logProbabilities = logits.logSoftmax();
  return {
    kind: "categorical",
    shape: logits.shape.slice(0, -1),
    logits,
    logProbabilities,
    probabilities: logits.softmax(),
    logProb: (x) => logits.crossEntropy(x).neg(),
    sample: (key) => randomCategorical(key, logits),
    mode: () => logits.argMax(-1),
    entropy: () => logProbabilities.exp().mul(logProbabilities).sum(-1).neg(),
  };
}
