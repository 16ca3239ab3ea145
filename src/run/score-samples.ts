/** From samples and a reference to scores, each with what stands behind it. */

import { GalateaError, type Key } from "../core/index.ts";
import type { Backend } from "../engine/index.ts";
import {
  type Extracted,
  type FeatureRecord,
  frechetFeatureDistance,
  inceptionScore,
  kernelDistance,
  type MemorizationScores,
  manifoldScores,
  memorization,
  pickRows,
  rowsOf,
} from "./metrics/index.ts";

/** What a score was made of. */
export interface Provenance {
  readonly sampleCount: number;
  readonly referenceCount: number;
  /** Such as `test`. */
  readonly referenceSplit: string;
  /** Training examples that were compared, where there were any. */
  readonly trainingCount?: number;
  readonly features?: FeatureRecord;
}

/** One number, and what stands behind it. */
export interface Score {
  readonly value: number;
  /** Where it has one. */
  readonly standardError?: number;
  readonly provenance: Provenance;
}

/** Scores of samples against a reference, by name. */
export const distributionMetrics = [
  "fid",
  "fidOfTraining",
  "kid",
  "inceptionScore",
  "precision",
  "recall",
  "density",
  "coverage",
  "nearestNeighbourRatio",
  "shareTooNear",
] as const;

export type DistributionMetric = (typeof distributionMetrics)[number];

export interface ScoreSamplesOptions {
  readonly backend: Backend;
  /** Decides what is random about scores, such as subsets. */
  readonly key: Key;
  readonly metrics: readonly DistributionMetric[];
  readonly samples: Extracted;
  readonly reference: Extracted;
  /** For the metrics that compare with training examples. */
  readonly training?: Extracted;
  /** Which split the reference is of. */
  readonly referenceSplit: string;
  readonly features?: FeatureRecord;
  readonly onMemorization?: (scores: MemorizationScores) => Promise<void>;
}

const manifoldMetrics = ["precision", "recall", "density", "coverage"] as const;
const memorizationMetrics = { nearestNeighbourRatio: "ratio", shareTooNear: "shareTooNear" } as const;

/**
 * Scores features of samples against those of a reference.
 * @throws GalateaError `data` when there are too few examples or features do not belong together; `usage` for a metric
 *   whose needs are not given.
 */
export async function scoreSamples(options: ScoreSamplesOptions): Promise<ReadonlyMap<string, Score>> {
  const { backend, key, metrics, referenceSplit, features, training } = options;
  const [samples, reference] = [options.samples.features, options.reference.features];
  const provenance: Provenance = {
    sampleCount: samples.count,
    referenceCount: reference.count,
    referenceSplit,
    ...(features && { features }),
  };
  const scores = new Map<string, Score>();
  const needTraining = (metric: string): Extracted["features"] => {
    if (training) return training.features;
    throw new GalateaError("usage", metric, "got no training examples", "give some to compare with");
  };
  if (metrics.includes("fid")) {
    scores.set("fid", { value: await frechetFeatureDistance(samples, reference, backend), provenance });
  }
  if (metrics.includes("fidOfTraining")) {
    const all = needTraining("fidOfTraining");
    // As many as there are samples: the distance depends on the count.
    const count = Math.min(all.count, samples.count);
    const some = pickRows(
      all,
      Array.from({ length: count }, (_, i) => Math.floor((i * all.count) / count)),
    );
    const value = await frechetFeatureDistance(some, reference, backend);
    scores.set("fidOfTraining", { value, provenance: { ...provenance, sampleCount: count } });
  }
  if (metrics.includes("kid")) {
    const { value, standardError } = await kernelDistance(samples, reference, { backend, key });
    scores.set("kid", { value, standardError, provenance });
  }
  if (metrics.includes("inceptionScore")) {
    const { probabilities } = options.samples;
    if (!probabilities) {
      throw new GalateaError("usage", "inceptionScore", "the features come without probabilities", "use a classifier");
    }
    const splits = Math.min(10, samples.count);
    const { value, standardDeviation } = inceptionScore(probabilities.data, probabilities.classes, splits);
    scores.set("inceptionScore", { value, standardError: standardDeviation / Math.sqrt(splits), provenance });
  }
  // Coverage counts which balls are hit, and medians need no more: as many test examples as samples, at most.
  const referenceCount = Math.min(samples.count, reference.count);
  const equalReference = rowsOf(reference, 0, referenceCount);
  if (manifoldMetrics.some((name) => metrics.includes(name))) {
    const found = await manifoldScores(samples, equalReference, { backend });
    const compared: Provenance = { ...provenance, referenceCount };
    for (const name of manifoldMetrics) {
      if (metrics.includes(name)) scores.set(name, { value: found[name], provenance: compared });
    }
  }
  const wanted = Object.entries(memorizationMetrics).filter(([name]) => metrics.includes(name as DistributionMetric));
  if (wanted.length > 0) {
    const train = needTraining(wanted[0][0]);
    const found = await memorization({ samples, train, test: equalReference }, { backend });
    const compared: Provenance = { ...provenance, referenceCount, trainingCount: train.count };
    for (const [name, part] of wanted) scores.set(name, { value: found[part], provenance: compared });
    await options.onMemorization?.(found);
  }
  return scores;
}
