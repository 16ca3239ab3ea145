/** Made recordings with known transcripts: digits as a telephone dials them. Sound for tests and first steps; not speech.
 *
 * A digit is two tones at once (ITU-T Q.23). As on a real line, level, speed, pitch (within the 1.5% that a receiver must
 * bear, Q.24) and balance of the tones differ from call to call, and there is noise. */

import { foldKey, GalateaError, type Key, randomUniform } from "../../../core/base/index.ts";
import type { Recording } from "./recordings.ts";

const rowHz = [697, 770, 852, 941] as const;
const columnHz = [1209, 1336, 1477] as const;
const keypad = "123456789*0#";

export interface DialToneOptions {
  /** Recordings, 1 or more. */
  readonly count: number;
  /** Digits of a recording, at least and at most; default 3 and 7. */
  readonly shortest?: number;
  readonly longest?: number;
  /** Samples a second, 4,000 or more; default 8,000. */
  readonly rate?: number;
  /** Deviation of the noise as a share of the tones' amplitude; default 0.1. */
  readonly noise?: number;
}

/**
 * Recordings of dialled digits; `text` is the digits, e.g. `407`. The same key gives the same recordings, and the first of
 * many are those of few.
 *
 * @throws GalateaError `config` for options out of range.
 */
export function dialTones(key: Key, options: DialToneOptions): readonly Recording[] {
  const { count, shortest = 3, longest = 7, rate = 8000, noise = 0.1 } = options;
  whole("count", count, 1, 1_000_000);
  whole("shortest", shortest, 1, 1000);
  whole("longest", longest, shortest, 1000);
  whole("rate", rate, 4000, 192_000);
  if (!(noise >= 0 && noise <= 10)) throw new GalateaError("config", "noise", `is ${noise}`, "from 0 to 10");
  return Array.from({ length: count }, (_, index) => {
    const own = foldKey(key, index);
    let drawn = 0;
    const between = (low: number, high: number): number => low + (high - low) * randomUniform(own, drawn++);
    const digits = Array.from({ length: Math.floor(between(shortest, longest + 1)) }, () => Math.floor(between(0, 10)));
    const samples = dial(digits, rate, noise, between);
    return { name: `call-${String(index).padStart(6, "0")}.wav`, samples, rate, text: digits.join("") };
  });
}

function dial(
  digits: readonly number[],
  rate: number,
  noise: number,
  between: (low: number, high: number) => number,
): Float32Array {
  const level = between(0.1, 0.4);
  const pitch = between(0.985, 1.015);
  const balance = between(0.7, 1.4);
  const speed = between(0.7, 1.4);
  const countOf = (seconds: number): number => Math.round(seconds * rate);
  const parts = digits.map((digit) => ({
    digit,
    tone: countOf(speed * between(0.08, 0.14)),
    pause: countOf(speed * between(0.06, 0.12)),
  }));
  const lead = countOf(between(0.05, 0.15));
  const samples = new Float32Array(parts.reduce((sum, { tone, pause }) => sum + tone + pause, lead));
  let at = lead;
  for (const { digit, tone, pause } of parts) {
    const place = keypad.indexOf(String(digit));
    const radians = [rowHz[Math.floor(place / 3)], columnHz[place % 3]].map((hz) => (2 * Math.PI * pitch * hz) / rate);
    for (let n = 0; n < tone; n++) {
      samples[at + n] = level * (Math.sin(radians[0] * n) + balance * Math.sin(radians[1] * n));
    }
    at += tone + pause;
  }
  // Evenly distributed from -a to a: its deviation is a / sqrt(3).
  const reach = noise * level * Math.sqrt(3);
  return samples.map((value) => Math.max(-1, Math.min(1, value + between(-reach, reach))));
}

function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new GalateaError("config", name, `is ${value}`, `a whole number from ${least} to ${most}`);
}
