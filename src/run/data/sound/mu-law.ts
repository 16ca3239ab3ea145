/** Companding: amplitudes as few numbers, fine around zero and coarse where it is loud. */

import { GalateaError } from "../../../core/base/index.ts";

/**
 * Amplitudes as whole numbers from 0 to levels - 1, zero in the middle:
 *
 *     y = sign(x) ln(1 + mu |x|) / ln(1 + mu),  mu = levels - 1
 *     code = floor((y + 1) / 2 * mu + 1/2)
 *
 * What lies outside of [-1, 1] is clipped. This is the smooth curve, as WaveNet uses it, not the line segments of
 * telephones (G.711).
 *
 * @param levels 2 to 256; default 256, 8 bits
 * @throws GalateaError `config` for levels out of range.
 *
 * Source: van den Oord et al., "WaveNet", 2016, section 2.2; ITU-T G.711.
 */
export function encodeMuLaw(samples: Float32Array, levels = 256): Uint8Array {
  const mu = checkLevels(levels) - 1;
  const scale = mu / (2 * Math.log1p(mu));
  const codes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const x = Math.max(-1, Math.min(1, samples[i]));
    codes[i] = Math.floor(Math.sign(x) * Math.log1p(mu * Math.abs(x)) * scale + mu / 2 + 0.5);
  }
  return codes;
}

/**
 * Amplitudes of codes, in [-1, 1]: the inverse of the curve in {@link encodeMuLaw},
 *
 *     y = 2 code / mu - 1,  x = sign(y) ((1 + mu)^|y| - 1) / mu
 *
 * @throws GalateaError `config` for levels out of range; `data` for a code that is none of them.
 */
export function decodeMuLaw(codes: ArrayLike<number>, levels = 256): Float32Array {
  const mu = checkLevels(levels) - 1;
  const table = Float32Array.from({ length: levels }, (_, code) => {
    const y = (2 * code) / mu - 1;
    return (Math.sign(y) * Math.expm1(Math.abs(y) * Math.log1p(mu))) / mu;
  });
  const samples = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const value = table[codes[i]];
    if (value === undefined) {
      throw new GalateaError("data", "mu-law", `code ${codes[i]} at ${i}`, `a whole number from 0 to ${levels - 1}`);
    }
    samples[i] = value;
  }
  return samples;
}

function checkLevels(levels: number): number {
  if (Number.isInteger(levels) && levels >= 2 && levels <= 256) return levels;
  throw new GalateaError("config", "levels", `is ${levels}`, "a whole number from 2 to 256");
}
