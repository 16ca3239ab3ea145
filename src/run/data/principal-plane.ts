/** The plane in which points of many dimensions differ most. */

import { keyFromSeed, randomUniform } from "../../core/base/index.ts";

export interface PrincipalPlane {
  /** [count, 2], row-major. */
  readonly points: Float32Array;
  /** Variance in the plane as a share of all. */
  readonly share: number;
}

const iterations = 50;

/**
 * Points projected on their two directions of largest variance; two-dimensional ones stay as they are.
 *
 * By power iteration: libraries decompose all dimensions, which takes minutes where there are thousands, and two are
 * needed.
 * @param points [count, dimensions], row-major; two dimensions at least
 */
export function principalPlane(points: Float32Array, count: number, dimensions: number): PrincipalPlane {
  if (dimensions === 2) return { points, share: 1 };
  const centred = centre(points, count, dimensions);
  const total = squaredLength(centred);
  const rest = Float64Array.from(centred);
  const projected = new Float32Array(2 * count);
  let explained = 0;
  for (const axis of [0, 1]) {
    const scores = leadingScores(rest, count, dimensions, axis);
    for (let i = 0; i < count; i++) projected[2 * i + axis] = scores[i];
    explained += squaredLength(scores);
  }
  return { points: projected, share: total > 0 ? explained / total : 1 };
}

function centre(points: Float32Array, count: number, dimensions: number): Float64Array {
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < points.length; i++) mean[i % dimensions] += points[i] / count;
  return Float64Array.from(points, (value, i) => value - mean[i % dimensions]);
}

function squaredLength(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

/** Coordinates along the direction of largest variance, which is then taken out of the points. */
function leadingScores(points: Float64Array, count: number, dimensions: number, stream: number): Float64Array {
  const key = keyFromSeed(stream);
  const direction = Float64Array.from({ length: dimensions }, (_, i) => randomUniform(key, i) - 0.5);
  const scores = new Float64Array(count);
  for (let iteration = 0; iteration <= iterations; iteration++) {
    const length = Math.sqrt(squaredLength(direction)) || 1;
    for (let d = 0; d < dimensions; d++) direction[d] /= length;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += points[i * dimensions + d] * direction[d];
      scores[i] = sum;
    }
    if (iteration === iterations) break;
    direction.fill(0);
    for (let i = 0; i < count; i++) {
      for (let d = 0; d < dimensions; d++) direction[d] += points[i * dimensions + d] * scores[i];
    }
  }
  for (let i = 0; i < count; i++) {
    for (let d = 0; d < dimensions; d++) points[i * dimensions + d] -= scores[i] * direction[d];
  }
  return scores;
}
