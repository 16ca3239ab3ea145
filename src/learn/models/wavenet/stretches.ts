/** What a sound is like, one stretch of time after the other: the energies of its bands. */

import { GalateaError } from "../../../core/base/index.ts";
import {
  frame,
  hannWindow,
  hertzOf,
  melFilterbank,
  melOf,
  realFourier,
  spectrumPower,
  type Tensor,
  where,
} from "../../../core/trace/index.ts";

export interface StretchOptions {
  /** Levels of mu-law; tokens from it on are silence. */
  readonly levels: number;
  /** Samples of a stretch, even. */
  readonly span: number;
  /** Samples a second. */
  readonly rate: number;
  readonly bands: number;
}

/** Of a window's mean power in a band, below which is silence: what 8 bits can just tell from it. */
const floor = 1e-7;

/**
 * Amplitudes of mu-law's levels; 0 for tokens that are none, such as an end.
 *
 *     y = 2 level / mu - 1,  x = sign(y) ((1 + mu)^|y| - 1) / mu,  mu = levels - 1
 *
 * Shapes: int32 [...] -> the same, in [-1, 1].
 *
 * Source: van den Oord et al., "WaveNet" (2016), section 2.2.
 */
export function muLawAmplitudes(tokens: Tensor, levels: number): Tensor {
  const mu = levels - 1;
  const y = tokens
    .cast("float32")
    .mul(2 / mu)
    .sub(1);
  const size = y.abs().mul(Math.log1p(mu)).exp().sub(1).div(mu);
  return where(tokens.less(0).or(tokens.greaterEqual(levels)), 0, size.mul(y.sign()));
}

/** @throws GalateaError `config` when stretches have no even number of samples, or the lowest band lies between two frequencies. */
export function requireStretches({ span, rate, bands }: StretchOptions): void {
  if (span % 2 !== 0) throw new GalateaError("config", "span", `is ${span}`, "it must be even");
  // Bands grow wider from the lowest on; that one reaches from 0 to two steps of mel.
  const widest = hertzOf((2 * melOf(rate / 2, "htk")) / (bands + 1), "htk");
  const apart = rate / (2 * span);
  if (widest > apart) return;
  const seen = `of ${bands} bands the lowest reaches to ${widest.toFixed(0)} Hz, and ${span} samples tell frequencies ${apart.toFixed(0)} Hz apart`;
  throw new GalateaError("config", "bands", seen, "fewer bands, or a longer span");
}

/**
 * Log-energies of mel bands of each stretch. A window is two stretches long, and its middle is that of its stretch; what is
 * before the beginning or behind the end is silence.
 *
 * Shapes: tokens int32 [B, T] -> [B, ceil(T / span), bands].
 */
export function stretchBands(tokens: Tensor, { levels, span, rate, bands }: StretchOptions): Tensor {
  const count = Math.ceil(tokens.shape[1] / span);
  const size = 2 * span;
  const [before, behind] = [span / 2, (count + 0.5) * span - tokens.shape[1]];
  const windows = frame(muLawAmplitudes(tokens, levels).pad([0, before], [0, behind]), size, span);
  const power = spectrumPower(realFourier(windows, hannWindow(size))).mul(1 / size);
  const energies = power.matmul(melFilterbank({ sampleRate: rate, size, bands, scale: "htk", areaNormalized: false }));
  return energies.maximum(floor).log();
}
