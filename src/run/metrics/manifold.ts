/** Precision, recall, density and coverage: how far samples and data lie in one another's neighbourhoods. */

import type { Tensor } from "../../core/trace/index.ts";
import { type Backend, type HostTensor, jit } from "../../engine/index.ts";
import { type Features, meanOf, requirePair, shifted } from "./features.ts";
import { blocksOf, nearestNeighbours, squaredDistances, upload } from "./neighbours.ts";

export interface ManifoldScores {
  /** Share of samples within the ball of an example of the data: are samples like data? */
  readonly precision: number;
  /** Share of data within the ball of a sample: can the model make all of it? */
  readonly recall: number;
  /** Mean number of data's balls that a sample lies in, by k; about 1 for equal densities, and may be above. */
  readonly density: number;
  /** Share of data's balls that a sample lies in. */
  readonly coverage: number;
}

export interface ManifoldOptions {
  readonly backend: Backend;
  /** A ball reaches to its centre's k-th nearest neighbour of the same set; 5 where absent. */
  readonly k?: number;
}

interface CrossResults {
  /** Of each sample: how many balls of the data it lies in. */
  readonly balls: HostTensor;
  /** Of each example of the data: whether a sample's ball holds it, */
  readonly held: HostTensor;
  /** and the squared distance of the nearest sample. */
  readonly nearest: HostTensor;
}

/**
 * Precision, recall, density and coverage of samples against a reference.
 *
 * @throws GalateaError `data` for k or fewer examples on a side, or features that do not belong together.
 *
 * Source: precision and recall: Kynkäänniemi et al., "Improved precision and recall metric for assessing generative
 * models" (2019); density and coverage: Naeem et al., "Reliable fidelity and diversity metrics for generative models"
 * (2020), with k = 5 for both pairs.
 */
export async function manifoldScores(
  samples: Features,
  reference: Features,
  { backend, k = 5 }: ManifoldOptions,
): Promise<ManifoldScores> {
  requirePair("precision and recall", samples, reference, k + 1);
  const sampleRadii = await squaredRadii(samples, k, backend);
  const referenceRadii = await squaredRadii(reference, k, backend);
  const origin = meanOf(reference);
  const known = await upload(backend, shifted(reference, origin));
  const compare = jit(backend, "precision and recall", (given) => {
    const { block, radii, points, pointRadii } = given as unknown as Readonly<Record<string, Tensor>>;
    const distances = squaredDistances(block, points); // [samples, reference]
    return {
      balls: distances.lessEqual(pointRadii).cast("float32").sum(1),
      held: distances.lessEqual(radii).cast("float32").max(0),
      nearest: distances.min(0),
    };
  });
  const held = new Uint8Array(reference.count);
  const nearest = new Float32Array(reference.count).fill(Number.POSITIVE_INFINITY);
  const pointRadii: HostTensor = { dtype: "float32", shape: [reference.count], data: referenceRadii };
  let [inside, ballsOfAll] = [0, 0];
  try {
    for (const { block, start, end } of blocksOf(shifted(samples, origin), reference.count)) {
      const rows = block.shape[0];
      // What fills up the last block lies far away and has no ball.
      const radii = new Float32Array(rows).fill(-1);
      radii.set(sampleRadii.subarray(start, end));
      (block.data as Float32Array).fill(farAway, (end - start) * samples.size);
      const given = { block, radii: { dtype: "float32", shape: [rows, 1], data: radii }, points: known, pointRadii };
      const found = (await compare(given as never)) as unknown as CrossResults;
      for (let i = 0; i < end - start; i++) {
        const balls = Number(found.balls.data[i]);
        ballsOfAll += balls;
        if (balls > 0) inside++;
      }
      for (let j = 0; j < reference.count; j++) {
        if (found.held.data[j]) held[j] = 1;
        nearest[j] = Math.min(nearest[j], Number(found.nearest.data[j]));
      }
    }
  } finally {
    await compare.dispose();
    await known.dispose();
  }
  const covered = nearest.reduce((sum, distance, j) => sum + (distance <= referenceRadii[j] ? 1 : 0), 0);
  return {
    precision: inside / samples.count,
    recall: held.reduce((sum, is) => sum + is, 0) / reference.count,
    density: ballsOfAll / (k * samples.count),
    coverage: covered / reference.count,
  };
}

/** Its square is finite in float32. */
const farAway = 1e15;

/** Squared distance of each vector's k-th nearest other. */
async function squaredRadii(features: Features, k: number, backend: Backend): Promise<Float32Array> {
  const { distances } = await nearestNeighbours(features, features, { backend, k, same: true });
  return Float32Array.from({ length: features.count }, (_, i) => distances[i * k + k - 1] ** 2);
}
