/** Whether samples find all the separate places of a mixture. */

import { GalateaError } from "../../core/base/index.ts";
import type { Features } from "./features.ts";

/** Separate places of a density, each a normal density. */
export interface ModeCentres {
  /** Each as many numbers as a sample has. */
  readonly centres: readonly (readonly number[])[];
  /** Standard deviation of each, the same in all directions. */
  readonly sigma: number;
}

export interface ModeScores {
  /** Modes that at least one sample lies within 3 sigma of. */
  readonly covered: number;
  readonly modes: number;
  /** Share of samples within 3 sigma of a mode: 98.9% of perfect ones in the plane. */
  readonly within: number;
  /** Samples within 3 sigma of each mode, which are counted for the nearest only. */
  readonly counts: readonly number[];
}

/** Distance, in standard deviations, up to which a sample belongs to a mode. */
const reach = 3;

/**
 * Counts the modes that samples reach.
 * @throws GalateaError `data` when samples and centres differ in size.
 *
 * Source: the measure of Metz et al., "Unrolled generative adversarial networks" (2017), and Lin et al., "PacGAN" (2018):
 * high-quality samples and recovered modes.
 */
export function modeScores({ count, size, data }: Features, { centres, sigma }: ModeCentres): ModeScores {
  const odd = centres.find((centre) => centre.length !== size);
  if (odd) {
    throw new GalateaError("data", "modes", `a centre of ${odd.length} numbers`, `samples have ${size}`);
  }
  const counts = centres.map(() => 0);
  for (let i = 0; i < count; i++) {
    const squares = centres.map((centre) => centre.reduce((sum, at, d) => sum + (data[i * size + d] - at) ** 2, 0));
    const least = Math.min(...squares);
    if (least <= (reach * sigma) ** 2) counts[squares.indexOf(least)]++;
  }
  const inside = counts.reduce((sum, number) => sum + number, 0);
  return {
    covered: counts.filter((number) => number > 0).length,
    modes: centres.length,
    within: inside / count,
    counts,
  };
}
