/** Feature vectors side by side: what the metrics of distributions compare. */

import { GalateaError } from "../../core/base/index.ts";

/** One vector for each example: images seen through a network, or vectors as they are. */
export interface Features {
  /** Number of vectors, N. */
  readonly count: number;
  /** Numbers in each, D. */
  readonly size: number;
  /** [N, D], row-major. */
  readonly data: Float32Array;
}

/**
 * Checks features before they are compared.
 * @throws GalateaError `data` when there are fewer than `least`, their numbers do not fill [N, D], or one is not finite.
 */
export function requireFeatures(where: string, { count, size, data }: Features, least: number): void {
  if (data.length !== count * size || size < 1) {
    throw new GalateaError("data", where, `${data.length} numbers for [${count}, ${size}]`, "N vectors of D numbers");
  }
  if (count < least) throw new GalateaError("data", where, `${count} examples`, `it takes at least ${least}`);
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const seen = `number ${i % size} of example ${Math.floor(i / size)} is ${data[i]}`;
    throw new GalateaError("data", where, seen, "features must be finite");
  }
}

/**
 * Checks two sets of features that are to be compared.
 * @throws GalateaError `data`; see {@link requireFeatures}
 */
export function requirePair(where: string, samples: Features, reference: Features, least: number): void {
  requireFeatures(`${where}, samples`, samples, least);
  requireFeatures(`${where}, reference`, reference, least);
  if (samples.size === reference.size) return;
  const seen = `samples have ${samples.size} features, the reference ${reference.size}`;
  throw new GalateaError("data", where, seen, "both must come from one extractor");
}

/** Rows `start` to `end` of features, without a copy. */
export function rowsOf({ size, data }: Features, start: number, end: number): Features {
  return { count: end - start, size, data: data.subarray(start * size, end * size) };
}

/** The rows of these indices. */
export function pickRows({ size, data }: Features, indices: ArrayLike<number>): Features {
  const picked = new Float32Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    picked.set(data.subarray(indices[i] * size, (indices[i] + 1) * size), i * size);
  }
  return { count: indices.length, size, data: picked };
}

/** The mean vector, [D]. */
export function meanOf({ count, size, data }: Features): Float64Array {
  const mean = new Float64Array(size);
  for (let i = 0, at = 0; i < count; i++) for (let d = 0; d < size; d++) mean[d] += data[at++];
  return mean.map((sum) => sum / count);
}

/** Vectors minus one vector; small numbers lose less in float32 products. */
export function shifted({ count, size, data }: Features, origin: Float64Array): Features {
  const moved = new Float32Array(data.length);
  for (let i = 0, at = 0; i < count; i++) for (let d = 0; d < size; d++, at++) moved[at] = data[at] - origin[d];
  return { count, size, data: moved };
}
