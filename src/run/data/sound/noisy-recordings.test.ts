import { expect, test } from "vitest";
import { keyFromSeed } from "../../../core/base/index.ts";
import { dialTones } from "./dial-tones.ts";
import { noisyRecordings } from "./noisy-recordings.ts";

const recordings = dialTones(keyFromSeed(3), { count: 40, shortest: 1, longest: 1 });
const key = keyFromSeed(5);
const powerOf = (samples: Float32Array): number => samples.reduce((sum, x) => sum + x * x, 0) / samples.length;

test("copies say what their recordings say, with noise of 0 to 30 dB less", () => {
  const noisy = noisyRecordings(recordings, key, 3);
  expect(noisy).toHaveLength(120);
  expect(new Set(noisy.map(({ name }) => name)).size).toBe(120);
  const ratios = noisy.map(({ samples, text, rate }, i) => {
    const own = recordings[i % 40];
    expect([text, rate, samples.length]).toEqual([own.text, own.rate, own.samples.length]);
    return 10 * Math.log10(powerOf(own.samples) / powerOf(samples.map((x, t) => x - own.samples[t])));
  });
  for (const ratio of ratios) {
    expect(ratio).toBeGreaterThan(-0.5);
    expect(ratio).toBeLessThan(30.5);
  }
  expect(Math.min(...ratios)).toBeLessThan(4);
  expect(Math.max(...ratios)).toBeGreaterThan(26);
});

test("a key makes the same copies each time they are read, another key others; silence stays silence", () => {
  const [first] = noisyRecordings(recordings, key, 1);
  expect(first.samples).toEqual(first.samples);
  expect(noisyRecordings(recordings, key, 1)[0].samples).toEqual(first.samples);
  expect(noisyRecordings(recordings, keyFromSeed(6), 1)[0].samples).not.toEqual(first.samples);
  const [silent] = noisyRecordings([{ ...recordings[0], samples: new Float32Array(9) }], key, 1);
  expect(Array.from(silent.samples, Math.abs)).toEqual(Array(9).fill(0));
});
