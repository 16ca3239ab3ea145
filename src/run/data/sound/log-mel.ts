/** Log-mel features: what speech recognizers hear, the energy of a sound in bands over time. */

import FFT from "fft.js";
import { GalateaError } from "../../../core/base/index.ts";
import { type MelScale, melFilters } from "./mel-filters.ts";
import type { Sound } from "./wav.ts";

/** Defaults are those of speech recognition: 25 ms every 10 ms, 40 bands. */
export interface LogMelOptions {
  /** Length of a frame, milliseconds; default 25. */
  readonly frameMs?: number;
  /** From the start of a frame to that of the next, milliseconds; default 10. */
  readonly hopMs?: number;
  /** Bands, 1 or more; default 40. 80 are usual at 16 kHz. */
  readonly mels?: number;
  /** Default `htk`. */
  readonly scale?: MelScale;
  /** Default 20. */
  readonly lowestHz?: number;
  /** Default: half of the rate. */
  readonly highestHz?: number;
  /** Points of the Fourier transform, a power of two; default: the next from the frame's length. */
  readonly fftSize?: number;
  /** Energies below are raised to it before the logarithm; default 1e-10. */
  readonly floor?: number;
}

export interface LogMel {
  /** [frames, mels], row-major. */
  readonly values: Float32Array;
  readonly frames: number;
  readonly mels: number;
}

/**
 * The logarithm of the energy in mel bands, frame by frame. Frame t starts at sample t * hop; the last one that holds a
 * sample beyond the frame before it is filled with zeros. With w the periodic Hann window:
 *
 *     X_t(k) = sum_n w(n) x(t hop + n) exp(-2 pi i k n / fftSize),  w(n) = (1 - cos(2 pi n / frame)) / 2
 *     value(t, m) = ln max(floor, sum_k filter_m(k) |X_t(k)|^2)
 *
 * Shapes: [1 + ceil(max(0, samples - frame) / hop), mels].
 *
 * @throws GalateaError `config` for options out of range; `data` for a sound without samples.
 *
 * Source: Davis and Mermelstein, "Comparison of parametric representations", 1980; the HTK Book, 5.4.
 */
export function logMel({ samples, rate }: Sound, options: LogMelOptions = {}): LogMel {
  return logMelsAt(rate, options)(samples);
}

/** {@link logMel} for many sounds of one rate: tables are made once. */
export function logMelsAt(rate: number, options: LogMelOptions = {}): (samples: Float32Array) => LogMel {
  const { frame, hop, fftSize, mels, lowestHz, highestHz, scale, floor } = checkOptions(rate, options);
  const filters = melFilters({ rate, fftSize, mels, lowestHz, highestHz, scale });
  const window = Float64Array.from({ length: frame }, (_, n) => (1 - Math.cos((2 * Math.PI * n) / frame)) / 2);
  const fft = new FFT(fftSize);
  const input = new Array<number>(fftSize).fill(0);
  const spectrum: number[] = fft.createComplexArray();
  const power = new Float64Array(fftSize / 2 + 1);
  return (samples) => {
    if (samples.length === 0) throw new GalateaError("data", "sound", "it has no samples", "1 or more");
    const frames = 1 + Math.ceil(Math.max(0, samples.length - frame) / hop);
    const values = new Float32Array(frames * mels);
    for (let t = 0; t < frames; t++) {
      const start = t * hop;
      for (let n = 0; n < frame; n++) input[n] = window[n] * (start + n < samples.length ? samples[start + n] : 0);
      fft.realTransform(spectrum, input);
      for (let k = 0; k < power.length; k++) power[k] = spectrum[2 * k] ** 2 + spectrum[2 * k + 1] ** 2;
      for (const [m, { first, weights }] of filters.entries()) {
        let energy = 0;
        for (let k = 0; k < weights.length; k++) energy += weights[k] * power[first + k];
        values[t * mels + m] = Math.log(Math.max(floor, energy));
      }
    }
    return { values, frames, mels };
  };
}

/** What gets mean 0 and deviation 1: each band of a recording, or the whole recording. */
export const normalizations = ["bands", "whole"] as const;

export type Normalization = (typeof normalizations)[number];

/**
 * Features with mean 0 and deviation 1. Over each band of a recording neither microphone nor loudness counts, and neither
 * does which of the bands are loud throughout; over the whole recording, loudness does not. What does not change is 0.
 */
export function normalizeFeatures({ values, frames, mels }: LogMel, over: Normalization = "bands"): LogMel {
  const out = new Float32Array(values.length);
  const [groups, count, stride] = over === "bands" ? [mels, frames, mels] : [1, values.length, 1];
  for (let group = 0; group < groups; group++) {
    let sum = 0;
    for (let t = 0; t < count; t++) sum += values[t * stride + group];
    const mean = sum / count;
    let squares = 0;
    for (let t = 0; t < count; t++) squares += (values[t * stride + group] - mean) ** 2;
    const deviation = Math.sqrt(squares / count);
    // Rounding leaves what is constant a deviation that is no signal.
    if (!(deviation > 1e-6 * Math.max(1, Math.abs(mean)))) continue;
    for (let t = 0; t < count; t++) out[t * stride + group] = (values[t * stride + group] - mean) / deviation;
  }
  return { values: out, frames, mels };
}

interface CheckedOptions extends Required<Omit<LogMelOptions, "frameMs" | "hopMs">> {
  /** Samples. */
  readonly frame: number;
  readonly hop: number;
}

function checkOptions(rate: number, options: LogMelOptions): CheckedOptions {
  const { frameMs = 25, hopMs = 10, mels = 40, scale = "htk", lowestHz = 20, floor = 1e-10 } = options;
  const highestHz = options.highestHz ?? rate / 2;
  const require = (ok: boolean, name: string, value: number, right: string): void => {
    if (!ok) throw new GalateaError("config", name, `is ${value}`, right);
  };
  require(Number.isFinite(rate) && rate > 0, "rate", rate, "samples a second, above 0");
  const [frame, hop] = [frameMs, hopMs].map((ms) => Math.round((ms * rate) / 1000));
  require(frame >= 2, "frameMs", frameMs, `2 samples or more at ${rate} Hz`);
  require(hop >= 1 && hop <= frame, "hopMs", hopMs, `from one sample at ${rate} Hz to frameMs`);
  require(Number.isInteger(mels) && mels >= 1, "mels", mels, "a whole number, 1 or more");
  require(lowestHz >= 0 && lowestHz < highestHz, "lowestHz", lowestHz, "from 0 to below highestHz");
  require(highestHz <= rate / 2, "highestHz", highestHz, `at most half of the rate, ${rate / 2}`);
  require(floor > 0, "floor", floor, "above 0");
  const fftSize = options.fftSize ?? 2 ** Math.ceil(Math.log2(frame));
  const powerOfTwo = Number.isInteger(Math.log2(fftSize));
  require(powerOfTwo && fftSize >= frame, "fftSize", fftSize, `a power of two, at least the frame's ${frame} samples`);
  return { frame, hop, fftSize, mels, scale, lowestHz, highestHz, floor };
}
