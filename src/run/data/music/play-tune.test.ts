import FFT from "fft.js";
import { expect, test } from "vitest";
import type { Tune } from "./notes.ts";
import { playTune } from "./play-tune.ts";

const tuneOf = (...pitches: readonly number[]): Tune => ({
  ...{ name: "t", ticksPerBeat: 1, beatsPerBar: 4, tempos: [{ start: 0, beatsPerMinute: 60 }] },
  notes: pitches.map((pitch, i) => ({ pitch, start: 2 * i, duration: 2, velocity: 100, voice: 0 })),
});

/** Frequency of the highest peak within a semitone of `hz`: the top of a parabola through three logarithms. */
function peakNear(samples: Float32Array, rate: number, hz: number): number {
  const size = 32_768;
  const hann = (i: number): number => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
  const fft = new FFT(size);
  const spectrum: number[] = fft.createComplexArray();
  fft.realTransform(
    spectrum,
    Array.from({ length: size }, (_, i) => (samples[i] ?? 0) * hann(i)),
  );
  const logAt = (k: number): number => Math.log(Math.hypot(spectrum[2 * k], spectrum[2 * k + 1]));
  let best = Math.ceil((hz * 0.945 * size) / rate);
  for (let k = best; k < (hz * 1.059 * size) / rate; k++) if (logAt(k) > logAt(best)) best = k;
  const [before, at, after] = [logAt(best - 1), logAt(best), logAt(best + 1)];
  return ((best + (0.5 * (before - after)) / (before - 2 * at + after)) * rate) / size;
}

test.each([28, 45, 60, 69, 81, 96, 105])("pitch %d is in tune, within a cent", (pitch) => {
  const { samples, rate } = playTune(tuneOf(pitch));
  const hz = 440 * 2 ** ((pitch - 69) / 12);
  expect(Math.abs(1200 * Math.log2(peakNear(samples, rate, hz) / hz))).toBeLessThan(1);
});

test("a note starts when it should, rings off, and ends soon after it is let go", () => {
  const { samples, rate } = playTune({ ...tuneOf(60, 64), notes: tuneOf(60, 64).notes.slice(1) });
  const loudness = (from: number, to: number): number =>
    Math.max(...samples.subarray(from * rate, to * rate).map((value) => Math.abs(value)));
  expect(samples.length / rate).toBeCloseTo(4.24, 2);
  expect(loudness(0, 2)).toBe(0);
  expect(loudness(2, 2.2)).toBeCloseTo(0.8, 6);
  expect(loudness(3, 3.2)).toBeLessThan(0.4);
  expect(loudness(3, 3.2)).toBeGreaterThan(0.001);
  expect(loudness(4.2, 4.24)).toBeLessThan(1e-4);
});

test("the same tune is the same sound; notes beyond the rate are silent", () => {
  expect(playTune(tuneOf(60, 67))).toEqual(playTune(tuneOf(60, 67)));
  expect(playTune(tuneOf(127), { rate: 8000 }).samples.every((value) => value === 0)).toBe(true);
});

test("what cannot be played is refused", () => {
  expect(() => playTune(tuneOf())).toThrow("t: there are no notes to play; 1 or more");
  expect(() => playTune(tuneOf(60), { rate: 100 })).toThrow("rate: is 100");
  expect(() => playTune(tuneOf(60), { peak: 0 })).toThrow("peak: is 0");
  const [note] = tuneOf(60).notes;
  const long = { ...tuneOf(), notes: [{ ...note, start: 4000 }] };
  expect(() => playTune(long)).toThrow("t: it lasts 4002 seconds; at most 3600");
});
