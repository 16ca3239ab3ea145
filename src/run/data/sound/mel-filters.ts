/** The mel scale, and triangular filters spaced evenly on it. */

import { GalateaError } from "../../../core/base/index.ts";

/**
 * - `htk`: m = 2595 log10(1 + f / 700)
 * - `slaney`: linear below 1,000 Hz (3 mels for 200 Hz), logarithmic above (27 mels for a factor of 6.4)
 *
 * Source: Young et al., "The HTK Book", 5.4; Slaney, "Auditory Toolbox", 1998.
 */
export type MelScale = "htk" | "slaney";

const slaneyHzPerMel = 200 / 3;
const slaneyKneeHz = 1000;
const slaneyKneeMel = slaneyKneeHz / slaneyHzPerMel;
const slaneyLogStep = Math.log(6.4) / 27;

/** A frequency in hertz on the mel scale. */
export function melOfHz(hz: number, scale: MelScale): number {
  if (scale === "htk") return 2595 * Math.log10(1 + hz / 700);
  return hz < slaneyKneeHz ? hz / slaneyHzPerMel : slaneyKneeMel + Math.log(hz / slaneyKneeHz) / slaneyLogStep;
}

/** The inverse of {@link melOfHz}. */
export function hzOfMel(mel: number, scale: MelScale): number {
  if (scale === "htk") return 700 * (10 ** (mel / 2595) - 1);
  return mel < slaneyKneeMel ? mel * slaneyHzPerMel : slaneyKneeHz * Math.exp((mel - slaneyKneeMel) * slaneyLogStep);
}

export interface MelFilter {
  /** The first bin of the spectrum that it weighs. */
  readonly first: number;
  readonly weights: Float64Array;
}

export interface MelFilterOptions {
  /** Samples a second. */
  readonly rate: number;
  /** Points of the Fourier transform; a spectrum has half as many bins, and one. */
  readonly fftSize: number;
  readonly mels: number;
  readonly lowestHz: number;
  readonly highestHz: number;
  readonly scale: MelScale;
}

/**
 * Filters over the bins f_k = k rate / fftSize. With edges e_0 to e_(mels+1), evenly spaced in mel from the lowest to
 * the highest frequency, filter i is the triangle
 *
 *     max(0, min((f - e_i) / (e_(i+1) - e_i), (e_(i+2) - f) / (e_(i+2) - e_(i+1))))
 *
 * of height 1; on the `slaney` scale times 2 / (e_(i+2) - e_i), of equal area.
 *
 * @throws GalateaError `config` when a filter is narrower than the bins are apart, so that it would hear nothing.
 */
export function melFilters(options: MelFilterOptions): readonly MelFilter[] {
  const { rate, fftSize, mels, lowestHz, highestHz, scale } = options;
  const [low, high] = [melOfHz(lowestHz, scale), melOfHz(highestHz, scale)];
  const edges = Array.from({ length: mels + 2 }, (_, i) => hzOfMel(low + ((high - low) * i) / (mels + 1), scale));
  const binHz = rate / fftSize;
  return Array.from({ length: mels }, (_, i) => {
    const [start, peak, end] = edges.slice(i, i + 3);
    const first = Math.floor(start / binHz) + 1;
    const last = Math.min(Math.ceil(end / binHz) - 1, fftSize / 2);
    if (last < first) {
      const seen = `filter ${i} of ${mels}, ${start.toFixed(0)} to ${end.toFixed(0)} Hz, falls between two bins`;
      const right = `fewer filters than ${mels}, or fftSize above ${fftSize}: bins are ${binHz.toFixed(1)} Hz apart`;
      throw new GalateaError("config", "mels", seen, right);
    }
    const height = scale === "slaney" ? 2 / (end - start) : 1;
    const weights = Float64Array.from({ length: last - first + 1 }, (_, k) => {
      const hz = (first + k) * binHz;
      return height * Math.max(0, Math.min((hz - start) / (peak - start), (end - hz) / (end - peak)));
    });
    return { first, weights };
  });
}
