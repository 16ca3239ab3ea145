/** Whether samples are copies of what a model was trained on. */

import { GalateaError } from "../../core/base/index.ts";
import type { Backend } from "../../engine/index.ts";
import type { Features } from "./features.ts";
import { type Neighbours, nearestNeighbours } from "./neighbours.ts";

export interface MemorizationScores {
  /** Median distance of a sample to its nearest training example, */
  readonly sampleDistance: number;
  /** and of a test example. */
  readonly testDistance: number;
  /** The first by the second: about 1 for samples as new as test examples, far below 1 for copies. */
  readonly ratio: number;
  /** Share of samples nearer to a training example than all but 1% of test examples are: about 0.01 is innocent. */
  readonly shareTooNear: number;
  /** Nearest training examples of each sample. */
  readonly neighbours: Neighbours;
}

export interface MemorizationOptions {
  readonly backend: Backend;
  /** Neighbours that are kept of each sample; 3 where absent, and never more than there are training examples. */
  readonly k?: number;
}

/** Of test examples' distances: below it, a sample is suspicious. */
const suspicious = 0.01;

/**
 * Nearest training examples of samples, beside those of test examples.
 * @throws GalateaError `data` when a set is empty or features do not belong together.
 *
 * Source: the comparison with held-out examples is that of Meehan, Chaudhuri and Dasgupta, "A non-parametric test to
 * detect data-copying in generative models" (2020), with medians in place of their rank test.
 */
export async function memorization(
  { samples, train, test }: Readonly<Record<"samples" | "train" | "test", Features>>,
  { backend, k = 3 }: MemorizationOptions,
): Promise<MemorizationScores> {
  const neighbours = await nearestNeighbours(samples, train, { backend, k: Math.min(k, train.count) });
  const held = await nearestNeighbours(test, train, { backend, k: 1 });
  const nearest = Float64Array.from({ length: samples.count }, (_, i) => neighbours.distances[i * neighbours.k]).sort();
  const usual = held.distances.toSorted();
  const threshold = quantile(usual, suspicious);
  const [sampleDistance, testDistance] = [quantile(nearest, 0.5), quantile(usual, 0.5)];
  return {
    sampleDistance,
    testDistance,
    ratio: sampleDistance / testDistance,
    shareTooNear: nearest.filter((distance) => distance < threshold).length / samples.count,
    neighbours,
  };
}

/** Of sorted numbers, with straight lines between them. */
export function quantile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) throw new GalateaError("data", "quantile", "there is no number", "it takes at least one");
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
