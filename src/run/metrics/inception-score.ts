/** The inception score, from what a classifier says of samples. */

import { GalateaError } from "../../core/base/index.ts";

export interface InceptionScore {
  /** Mean over splits, 1 to the number of classes. */
  readonly value: number;
  /** Standard deviation over splits, as the score is usually told. */
  readonly standardDeviation: number;
  readonly splits: number;
}

/**
 * exp of the mean KL divergence between p(y|x) of each sample and p(y), their mean, over equal parts of the samples.
 *
 * Shapes: probabilities [N, K], row-major.
 * Units and ranges: 1, where all samples look alike to the classifier, to K, where it is sure of each and all classes
 * are as frequent. It does not know the data: a model that draws one perfect digit of each class has the best score.
 * @throws GalateaError `data` when rows are no probabilities; `config` when there are more splits than samples.
 *
 * Source: Salimans et al., "Improved techniques for training GANs" (2016), section 4.
 */
export function inceptionScore(probabilities: Float32Array, classes: number, splits = 10): InceptionScore {
  const count = probabilities.length / classes;
  if (!Number.isInteger(count) || count < 1) {
    const seen = `${probabilities.length} probabilities of ${classes} classes`;
    throw new GalateaError("data", "inceptionScore", seen, "it takes [N, classes]");
  }
  if (!Number.isInteger(splits) || splits < 1 || splits > count) {
    throw new GalateaError("config", "inceptionScore", `${splits} splits of ${count} samples`, `1 to ${count}`);
  }
  for (let i = 0; i < count; i++) {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    const sum = row.reduce((total, p) => total + p, 0);
    if (Math.abs(sum - 1) < sumTolerance && row.every((p) => p >= 0)) continue;
    throw new GalateaError("data", "inceptionScore", `row ${i} sums to ${sum}`, "it must hold probabilities");
  }
  const scores = Array.from({ length: splits }, (_, split) => {
    const start = Math.floor((split * count) / splits);
    const end = Math.floor(((split + 1) * count) / splits);
    return scoreOf(probabilities.subarray(start * classes, end * classes), classes);
  });
  const mean = scores.reduce((sum, score) => sum + score, 0) / splits;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / splits;
  return { value: mean, standardDeviation: Math.sqrt(variance), splits };
}

/** Softmax in float32 over a thousand classes stays within it. */
const sumTolerance = 1e-3;

function scoreOf(probabilities: Float32Array, classes: number): number {
  const count = probabilities.length / classes;
  const marginal = new Float64Array(classes);
  probabilities.forEach((p, i) => {
    marginal[i % classes] += p / count;
  });
  let divergence = 0;
  probabilities.forEach((p, i) => {
    if (p > 0) divergence += (p * Math.log(p / marginal[i % classes])) / count;
  });
  return Math.exp(divergence);
}
