/** Notes as sound: plucked strings.
 *
 * Made by hand: kept synthesizers for JavaScript need a browser's audio or files of sampled instruments; this is a delay
 * line and a mean, and gives the same bytes everywhere it runs. */

import { foldKey, GalateaError, keyFromSeed, randomUniform } from "../../../core/base/index.ts";
import type { Sound } from "../sound/index.ts";
import { secondsAtTick, type Tune, ticksOf } from "./notes.ts";

export interface PlayOptions {
  /** Samples a second, 8,000 to 96,000; default 22,050. */
  readonly rate?: number;
  /** Loudest amplitude, above 0, at most 1; default 0.8. */
  readonly peak?: number;
}

/** Seconds after which a string has lost 60 dB: of the lowest strings, and of one three octaves and more above middle C. */
const [lowRing, highRing] = [4, 0.8];
/** Seconds in which a string that is let go loses 60 dB. */
const damping = 0.12;
/** Seconds; longer tunes are refused, rather than fill memory. */
const longestSeconds = 3600;

/**
 * The sound of a tune, each note a plucked string (Karplus-Strong): a line of one period, filled with noise, that is fed
 * back through a filter that dulls it and an all-pass filter that tunes it:
 *
 *     x(n) = g ((1 - s) line(n - N) + s line(n - N - 1)),   s = min(1/2, 110 Hz / frequency)
 *     line(n) = c x(n) + x(n - 1) - c line(n - 1),          c = sin(w (1 - p) / 2) / sin(w (1 + p) / 2)
 *
 * with w = 2 pi frequency / rate; N and p fill what the first filter leaves of a period, 1/2 <= p < 3/2; with g such that a string loses 60 dB in 4 seconds when it is low, in 0.8 when it is high. Loud notes are brighter.
 *
 * @throws GalateaError `data` for a tune without notes or of more than an hour; `config` for options out of range.
 *
 * Source: Karplus and Strong, "Digital synthesis of plucked-string and drum timbres", 1983; Jaffe and Smith, "Extensions
 * of the Karplus-Strong plucked-string algorithm", 1983 (tuning, and decay that does not get too short for high notes).
 */
export function playTune(tune: Tune, { rate = 22_050, peak = 0.8 }: PlayOptions = {}): Sound {
  if (!(Number.isInteger(rate) && rate >= 8000 && rate <= 96_000)) {
    throw new GalateaError("config", "rate", `is ${rate}`, "a whole number from 8000 to 96000");
  }
  if (!(peak > 0 && peak <= 1)) throw new GalateaError("config", "peak", `is ${peak}`, "above 0, at most 1");
  const where = tune.name || "tune";
  if (tune.notes.length === 0) throw new GalateaError("data", where, "there are no notes to play", "1 or more");
  const secondsAt = secondsAtTick(tune);
  const seconds = secondsAt(ticksOf(tune)) + 2 * damping;
  if (!(seconds <= longestSeconds)) {
    throw new GalateaError("data", where, `it lasts ${Math.round(seconds)} seconds`, `at most ${longestSeconds}`);
  }
  const mix = new Float32Array(Math.ceil(seconds * rate));
  for (const [index, { pitch, start, duration, velocity }] of tune.notes.entries()) {
    const from = Math.round(secondsAt(start) * rate);
    const held = Math.round((secondsAt(start + duration) - secondsAt(start)) * rate);
    const length = Math.min(held + Math.round(damping * rate), mix.length - from);
    pluck(mix.subarray(from, from + length), { pitch, velocity, held, rate, index });
  }
  const loudest = mix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // All notes may lie above what the rate can hold.
  const gain = loudest > 0 ? peak / loudest : 0;
  return { samples: mix.map((value) => value * gain), rate };
}

interface Pluck {
  readonly pitch: number;
  readonly velocity: number;
  /** Samples until the string is let go. */
  readonly held: number;
  readonly rate: number;
  /** Of the note: its noise is its own. */
  readonly index: number;
}

/** Adds the sound of one string. */
function pluck(out: Float32Array, { pitch, velocity, held, rate, index }: Pluck): void {
  const hz = 440 * 2 ** ((pitch - 69) / 12);
  const period = rate / hz;
  // Not three samples: the rate holds no such tone with an overtone.
  if (period < 3) return;
  const dulling = Math.min(0.5, 110 / hz);
  const radians = (2 * Math.PI) / period;
  // Samples that the dulling filter delays the tone by.
  const dullingDelay = Math.atan2(dulling * Math.sin(radians), 1 - dulling + dulling * Math.cos(radians)) / radians;
  // An all-pass filter does well with a delay of about half a sample to one and a half.
  const delay = Math.floor(period - dullingDelay - 0.5);
  const tuning = period - dullingDelay - delay;
  const allPass = Math.sin((radians * (1 - tuning)) / 2) / Math.sin((radians * (1 + tuning)) / 2);
  const line = noise(delay, velocity, index);
  const ring = lowRing + (highRing - lowRing) * Math.max(0, Math.min(1, (pitch - 40) / 56));
  const loss = 10 ** (-3 / (hz * ring));
  const release = 10 ** (-3 / (damping * rate));
  let gain = (velocity / 127) ** 1.5;
  let [oldBefore, filteredBefore, tunedBefore] = [0, 0, 0];
  for (let n = 0, at = 0; n < out.length; n++) {
    const old = line[at];
    const filtered = loss * ((1 - dulling) * old + dulling * oldBefore);
    const tuned = allPass * filtered + filteredBefore - allPass * tunedBefore;
    [oldBefore, filteredBefore, tunedBefore] = [old, filtered, tuned];
    line[at] = tuned;
    at = at + 1 === delay ? 0 : at + 1;
    if (n >= held) gain *= release;
    out[n] += gain * tuned;
  }
}

/** Noise without its mean (which would stay as a click), the softer the note the duller. */
function noise(length: number, velocity: number, index: number): Float64Array {
  const key = foldKey(keyFromSeed(0), index);
  const brightness = 0.35 + (0.55 * velocity) / 127;
  const line = new Float64Array(length);
  let before = 0;
  for (let i = 0; i < length; i++) {
    before += brightness * (2 * randomUniform(key, i) - 1 - before);
    line[i] = before;
  }
  const mean = line.reduce((sum, value) => sum + value, 0) / length;
  return line.map((value) => value - mean);
}
