/** Recordings with noise: what a recognizer learns from to hear through it. */

import { foldKey, type Key, randomUniform } from "../../../core/base/index.ts";
import type { Recording } from "./recordings.ts";

/** How far noise is below the recording, dB: from what nearly covers a voice to what is hardly heard. */
const [least, most] = [0, 30];

/**
 * Copies of recordings to which white noise is added, its mean power 0 to 30 dB below the recording's, evenly drawn. The same
 * key gives the same copies. Samples are made when they are read, each time anew.
 */
export function noisyRecordings(recordings: readonly Recording[], key: Key, copies: number): readonly Recording[] {
  return Array.from({ length: copies }, (_, copy) =>
    recordings.map((one, index): Recording => {
      const own = foldKey(foldKey(key, copy), index);
      const decibels = least + (most - least) * randomUniform(own, 0);
      return {
        ...one,
        name: `${one.name} (noisy ${copy + 1})`,
        get samples() {
          return withNoise(one.samples, decibels, own);
        },
      };
    }),
  ).flat();
}

function withNoise(samples: Float32Array, decibels: number, key: Key): Float32Array {
  const power = samples.reduce((sum, x) => sum + x * x, 0) / Math.max(1, samples.length);
  // Uniform noise from -r to r has the power r^2 / 3.
  const reach = Math.sqrt(3 * power * 10 ** (-decibels / 10));
  return samples.map((x, i) => x + reach * (2 * randomUniform(key, i + 1) - 1));
}
