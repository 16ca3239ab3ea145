/** What metrics are called and counted in, for people. */

export interface MetricTitle {
  readonly title: string;
  /** Empty where the number has none. */
  readonly unit: string;
}

const titles: Readonly<Record<string, MetricTitle>> = {
  loss: { title: "loss", unit: "" },
  negativeElbo: { title: "negative ELBO", unit: "nats" },
  reconstruction: { title: "reconstruction", unit: "nats" },
  kl: { title: "KL divergence", unit: "nats" },
  importanceWeightedBound: { title: "importance-weighted bound", unit: "nats" },
  negativeLogLikelihood: { title: "-log p", unit: "nats" },
  bitsPerDim: { title: "-log p", unit: "bits/dim" },
  crossEntropy: { title: "cross-entropy", unit: "nats/token" },
  bitsPerCharacter: { title: "bits per character", unit: "bits" },
  bitsPerToken: { title: "cross-entropy", unit: "bits/token" },
  perplexity: { title: "perplexity", unit: "" },
  accuracy: { title: "next tokens that are right", unit: "" },
  bleu: { title: "BLEU", unit: "" },
  bleuLowerCase: { title: "BLEU, whatever the case", unit: "" },
  chrf: { title: "chrF", unit: "" },
  rouge1: { title: "ROUGE-1", unit: "" },
  rouge2: { title: "ROUGE-2", unit: "" },
  rougeL: { title: "ROUGE-L", unit: "" },
  exactMatch: { title: "answers that are right", unit: "%" },
  answerF1: { title: "F1 of answers", unit: "%" },
  wordErrorRate: { title: "word error rate (WER)", unit: "%" },
  characterErrorRate: { title: "character error rate (CER)", unit: "%" },
  phoneErrorRate: { title: "phone error rate (PER)", unit: "%" },
  sequenceErrorRate: { title: "answers with an error in them", unit: "%" },
  sequenceAccuracy: { title: "answers that are right in every token", unit: "%" },
  fid: { title: "Fréchet distance (FID)", unit: "" },
  fidOfTraining: { title: "the same of training examples", unit: "" },
  kid: { title: "kernel distance (KID)", unit: "" },
  inceptionScore: { title: "inception score", unit: "" },
  precision: { title: "precision", unit: "" },
  recall: { title: "recall", unit: "" },
  density: { title: "density", unit: "" },
  coverage: { title: "coverage", unit: "" },
  nearestNeighbourRatio: { title: "nearest training example, samples : test", unit: "" },
  shareTooNear: { title: "samples too near to training examples", unit: "" },
  nearestPixelRatio: { title: "the same in pixels, samples : test", unit: "" },
  shareTooNearPixels: { title: "samples too near in pixels", unit: "" },
  conditionalAccuracy: { title: "samples read as what they were told to be", unit: "" },
  modesCovered: { title: "modes covered", unit: "" },
  squaredError: { title: "mean squared error (MSE)", unit: "" },
  absoluteError: { title: "mean absolute error (MAE)", unit: "" },
  rankedProbabilityScore: { title: "CRPS", unit: "" },
  coverage90: { title: "values within the interval of 90%", unit: "" },
  symmetricPercentageError: { title: "sMAPE", unit: "%" },
  scaledError: { title: "MASE", unit: "" },
  shareWithinModes: { title: "samples within 3 sigma of a mode", unit: "" },
};

/** A metric's title and unit; one that is not known keeps its name and has no unit. */
export function metricTitle(name: string): MetricTitle {
  return titles[name] ?? { title: name, unit: "" };
}
