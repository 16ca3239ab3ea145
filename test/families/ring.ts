/** The ring of 8 normal densities: radius 2, standard deviation 0.1. */

import { foldKey, keyFromSeed, randomUniform } from "../../src/core/base/index.ts";

const key = keyFromSeed(5);
export const ringSigma = 0.1;

export const ringCentres: readonly (readonly [number, number])[] = Array.from({ length: 8 }, (_, i) => [
  2 * Math.cos((Math.PI * i) / 4),
  2 * Math.sin((Math.PI * i) / 4),
]);

/** Points number `start` to `start + count - 1`, [count, 2]. */
export function ringPoints(start: number, count: number): Float32Array {
  const points = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const own = foldKey(key, start + i);
    const [x, y] = ringCentres[Math.floor(8 * randomUniform(own, 0))];
    const length = ringSigma * Math.sqrt(-2 * Math.log(randomUniform(own, 1)));
    const angle = 2 * Math.PI * randomUniform(own, 2);
    points.set([x + length * Math.cos(angle), y + length * Math.sin(angle)], 2 * i);
  }
  return points;
}

/** Modes with at least `least` points within 3 standard deviations, and the share of points that are within any. */
export function coverage(points: Float32Array, least: number): { readonly modes: number; readonly quality: number } {
  const counts = ringCentres.map(() => 0);
  for (let i = 0; i < points.length / 2; i++) {
    const mode = ringCentres.findIndex(
      ([x, y]) => Math.hypot(points[2 * i] - x, points[2 * i + 1] - y) < 3 * ringSigma,
    );
    if (mode >= 0) counts[mode]++;
  }
  const within = counts.reduce((sum, count) => sum + count, 0);
  return { modes: counts.filter((count) => count >= least).length, quality: within / (points.length / 2) };
}
