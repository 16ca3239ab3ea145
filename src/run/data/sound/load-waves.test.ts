import { expect, test } from "vitest";
import { type WaveReading, waveSplits } from "./load-waves.ts";
import { encodeMuLaw } from "./mu-law.ts";
import type { Recording } from "./recordings.ts";

const reading: WaveReading = { rate: 1000, levels: 16, places: 10, longer: "windows" };

/** A sound that rises from -1 to 1. */
const rising = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => (2 * i) / (count - 1) - 1);

/** One recording for each split. */
function recordings(counts: readonly number[], texts: readonly (string | undefined)[]): Recording[] {
  return counts.map((count, i) => ({
    name: `${i}.wav`,
    samples: rising(count),
    rate: 1000,
    ...(texts[i] !== undefined && { text: texts[i] }),
    split: (["train", "validation", "test"] as const)[Math.min(i, 2)],
  }));
}

test("windows of levels: what came before, the samples, the end, and padding", async () => {
  const data = waveSplits("own", recordings([25, 7, 10], []), reading);
  const { train, validation, test: held } = data;
  expect(train.vocabularies?.tokens).toEqual({ kind: "levels", size: 18, begin: 8, end: 16, pad: 17 });
  expect([train.count, validation.count, held.count]).toEqual([3, 1, 1]);
  expect(train.fields).toEqual({ tokens: { dtype: "int32", shape: [11] } });
  const codes = [...encodeMuLaw(rising(25), 16)];
  const { tokens } = await train.gather([0, 1, 2]);
  expect([...tokens].map(Number)).toEqual([
    ...[8, ...codes.slice(0, 10)],
    ...[codes[9], ...codes.slice(10, 20)],
    ...[codes[19], ...codes.slice(20, 25), 16, 17, 17, 17, 17],
  ]);
  // One that fills its window has no end in it.
  expect([...(await held.gather([0])).tokens].map(Number)).toEqual([8, ...encodeMuLaw(rising(10), 16)]);
  expect(data.notes).toEqual([
    "there are no labels: transcripts are missing, or nearly all differ",
    "2 of 3 recordings are longer and are cut into windows of 0.01 s",
  ]);
});

test("texts that repeat are labels; of labelled recordings the beginning may be all that is used", async () => {
  const counts = [25, 7, 10, 5, 5, 5];
  const data = waveSplits("own", recordings(counts, ["10", "9", "10", "9", "10", "9"]), {
    ...reading,
    longer: "beginning",
  });
  expect(data.train.classes).toEqual(["9", "10"]);
  expect(data.train.count).toBe(1);
  expect((await data.train.gather([0])).label).toEqual(Int32Array.of(1));
  expect((await data.test.gather([0, 1, 2, 3])).label).toEqual(Int32Array.of(1, 0, 1, 0));
  const different = waveSplits("own", recordings(counts, ["a", "b", "c", "d", "e", "e"]), {
    ...reading,
    longer: "beginning",
  });
  expect(different.train.classes).toBeUndefined();
  expect(different.train.count).toBe(3);
  expect(() => waveSplits("own", [], reading)).toThrow("there are no recordings");
});
