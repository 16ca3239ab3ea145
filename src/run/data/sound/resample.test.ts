import { expect, test } from "vitest";
import { openResampler, resampleSound } from "./resample.ts";

const tone = (hz: number, rate: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate));

/** The middle of a sound: its ends ring, as it starts and stops at once. */
function largestError(a: Float32Array, b: Float32Array): number {
  let worst = 0;
  for (let i = Math.floor(a.length / 10); i < 0.9 * a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
  return worst;
}

test.each([
  [44_100, 16_000],
  [8000, 16_000],
  [48_000, 8000],
  [11_025, 8000],
])("a tone at %d Hz is the same tone at %d Hz, sample for sample", async (from, to) => {
  const { samples, rate } = await resampleSound({ samples: tone(440, from, from), rate: from }, to);
  expect([rate, samples.length]).toEqual([to, to]);
  expect(largestError(samples, tone(440, to, to))).toBeLessThan(2e-6);
});

test("what the lower rate cannot hold is filtered out, not folded down", async () => {
  const { samples } = await resampleSound({ samples: tone(6000, 16_000, 16_000), rate: 16_000 }, 8000);
  expect(largestError(samples, new Float32Array(8000))).toBeLessThan(1e-5);
});

test("long sounds are as good as short ones, and nothing leaks into the next", async () => {
  const resampler = openResampler(8000);
  const long = { samples: tone(440, 16_000, 1_100_000), rate: 16_000 };
  const first = await resampler.resample({ samples: tone(440, 16_000, 4000), rate: 16_000 });
  expect(largestError(await resampler.resample(long), tone(440, 8000, 550_000))).toBeLessThan(2e-6);
  expect(await resampler.resample({ samples: tone(440, 16_000, 4000), rate: 16_000 })).toEqual(first);
  resampler.close();
});

test("the same rate changes nothing; no rate is refused", async () => {
  const samples = tone(100, 8000, 10);
  expect((await resampleSound({ samples, rate: 8000 }, 8000)).samples).toBe(samples);
  await expect(resampleSound({ samples, rate: 8000 }, 0)).rejects.toThrow("rate: is 0; a whole number");
  await expect(resampleSound({ samples, rate: 400_000 }, 8000)).rejects.toThrow("at most 192000");
});
