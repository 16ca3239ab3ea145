import { expect, test } from "vitest";
import { logMel, normalizeFeatures } from "./log-mel.ts";
import { computeLogMels } from "./log-mels.ts";
import { hzOfMel, melOfHz } from "./mel-filters.ts";

const rate = 8000;
const samples = Float32Array.from(
  { length: 1000 },
  (_, n) =>
    0.5 * Math.sin((2 * Math.PI * 440 * n) / rate) + 0.25 * Math.sin((2 * Math.PI * (500 + 1.5 * n) * n) / rate),
);
/** Samples are float32 here and float64 in PyTorch: energies near zero differ most. */
const tolerance = 2e-4;

// Places, values and sums that PyTorch 1.13 gives: torch.stft (n_fft 256, win_length 200, hop 80, hann_window) and the
// matrix of filters written in Python.
test.each([
  [
    { mels: 40 },
    [
      [0, 0, -8.439341],
      [0, 5, -5.410646],
      [3, 10, 5.285758],
      [5, 17, -10.666477],
      [10, 39, -6.957052],
      [9, 7, 0.814227],
    ],
    -2954.0131332128967,
  ],
  [
    { mels: 20, scale: "slaney", lowestHz: 0, highestHz: 3800 },
    [
      [0, 0, -11.801043],
      [0, 5, -0.829128],
      [3, 10, -3.63454],
      [5, 17, -13.881002],
      [10, 19, -1.019043],
      [9, 7, -14.064334],
    ],
    -2191.5591400990224,
  ],
] as const)("features are those that PyTorch computes (%#)", (options, places, sum) => {
  const { values, frames, mels } = logMel({ samples, rate }, options);
  expect([frames, mels]).toEqual([11, options.mels]);
  for (const [t, m, value] of places) expect(Math.abs(values[t * mels + m] - value)).toBeLessThan(tolerance);
  expect(Math.abs(values.reduce((a, b) => a + b, 0) - sum)).toBeLessThan(values.length * tolerance);
});

test("mel scales pass through the points that define them, and back", () => {
  expect(melOfHz(1000, "htk")).toBeCloseTo(999.98554, 5);
  expect(melOfHz(440, "slaney")).toBeCloseTo(6.6, 12);
  expect(melOfHz(6400, "slaney")).toBeCloseTo(42, 12);
  for (const scale of ["htk", "slaney"] as const) {
    for (const hz of [0, 60, 999, 1001, 7999]) expect(hzOfMel(melOfHz(hz, scale), scale)).toBeCloseTo(hz, 8);
  }
});

test("frames reach over the whole sound: one for a short one, one more for each hop begun", () => {
  const framesOf = (count: number): number => logMel({ samples: new Float32Array(count).fill(0.1), rate }).frames;
  expect([1, 200, 201, 280, 281].map(framesOf)).toEqual([1, 1, 2, 2, 3]);
});

test("normalized bands have mean 0 and deviation 1; a silent recording is 0", () => {
  const { values, frames, mels } = normalizeFeatures(logMel({ samples, rate }));
  for (let m = 0; m < mels; m++) {
    const band = Array.from({ length: frames }, (_, t) => values[t * mels + m]);
    expect(band.reduce((a, b) => a + b, 0) / frames).toBeCloseTo(0, 5);
    expect(band.reduce((a, b) => a + b * b, 0) / frames).toBeCloseTo(1, 4);
  }
  expect(normalizeFeatures(logMel({ samples: new Float32Array(500), rate })).values.every((v) => v === 0)).toBe(true);
});

test.each([
  [{ mels: 200 }, /^mels: filter \d+ of 200, .* falls between two bins; fewer filters than 200, or fftSize above 256/],
  [{ mels: 0 }, "mels: is 0; a whole number, 1 or more"],
  [{ frameMs: 0.1 }, /^frameMs: is 0\.1/],
  [{ hopMs: 30 }, /^hopMs: is 30/],
  [{ fftSize: 250 }, /^fftSize: is 250; a power of two/],
  [{ fftSize: 128 }, /^fftSize: is 128; .*at least the frame's 200 samples/],
  [{ highestHz: 5000 }, "highestHz: is 5000; at most half of the rate, 4000"],
  [{ lowestHz: 4000 }, /^lowestHz: is 4000/],
])("%j is refused", (options, message) => {
  expect(() => logMel({ samples, rate }, options)).toThrow(message);
});

test("200 bands at 8 kHz with a longer transform", () => {
  expect(logMel({ samples, rate }, { mels: 200, fftSize: 2048 }).mels).toBe(200);
});

test("a worker computes what the function computes, in order, and tells how far it is", async () => {
  const sounds = Array.from({ length: 20 }, (_, i) => ({ samples: samples.subarray(0, 300 + 20 * i), rate }));
  const seen: number[] = [];
  const features = await computeLogMels(sounds, { mels: 20, onProgress: (done) => seen.push(done) });
  expect(features).toEqual(sounds.map((sound) => normalizeFeatures(logMel(sound, { mels: 20 }))));
  expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(await computeLogMels(sounds.slice(0, 1), { normalize: false })).toEqual([logMel(sounds[0])]);
});

test("the worker's errors come back, and it can be stopped", async () => {
  const sound = { samples, rate };
  const empty = { samples: new Float32Array(0), rate };
  await expect(computeLogMels([sound, empty])).rejects.toThrow("recording 1: sound: it has no samples");
  await expect(computeLogMels([sound, { samples, rate: 16_000 }])).rejects.toThrow(
    "recordings: recording 1 has 16000 Hz, the first 8000 Hz; one rate: resample them",
  );
  await expect(computeLogMels([])).rejects.toThrow("recordings: there are none");
  await expect(computeLogMels([sound], { mels: -1 })).rejects.toThrow("mels: is -1");
  const stop = new AbortController();
  const work = computeLogMels(new Array(50).fill(sound), { signal: stop.signal, onProgress: () => stop.abort() });
  await expect(work).rejects.toThrow(/aborted/);
});
