import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Dataset } from "../dataset.ts";
import { loadTunes, type MusicReading, readBeginning, tokenizerOf, tuneOfTokens, tuneSplits } from "./load-tunes.ts";
import { madeTunes } from "./made-tunes.ts";
import { encodeMidi } from "./midi.ts";
import type { Tune } from "./notes.ts";

const reading: MusicReading = {
  ...{ stepsPerBeat: 4, lowestPitch: 40, highestPitch: 80, loudnesses: 1, transpositions: 0, places: 8 },
  ...{ chords: false, drums: false },
};

/** Quarter notes one after another. */
function tuneOf(pitches: readonly number[], name = "tune"): Tune {
  const notes = pitches.map((pitch, i) => ({ pitch, start: 4 * i, duration: 4, velocity: 80, voice: 0 }));
  return { name, ticksPerBeat: 4, tempos: [{ start: 0, beatsPerMinute: 120 }], beatsPerBar: 4, notes };
}

async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "galatea-tunes-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

async function rowsOf(dataset: Dataset): Promise<number[][]> {
  const { tokens } = await dataset.gather(Array.from({ length: dataset.count }, (_, i) => i));
  return Array.from({ length: dataset.count }, (_, i) => Array.from(tokens.slice(i * 9, i * 9 + 9), Number));
}

describe("tunes as examples", () => {
  test("every token is foretold once: an example begins with the last token of the one before", async () => {
    const { train, notes } = tuneSplits("one", "", [tuneOf([60, 62, 64, 65])], reading);
    expect(notes[0]).toContain("too few to hold any out");
    const { pad, begin, end, encode } = tokenizerOf(reading);
    // 4 pitches and durations, 3 shifts, the end: 12 to foretell, 8 at a time.
    const [first, second] = await rowsOf(train);
    const whole = [begin, ...encode(tuneOf([60, 62, 64, 65])), end];
    expect(first).toEqual(whole.slice(0, 9));
    expect(second).toEqual([...whole.slice(8), pad, pad, pad, pad]);
    expect(train.vocabularies?.tokens).toEqual({ size: tokenizerOf(reading).size, pad, begin, end });
  });
  test("training tunes alone are transposed, as far as the vocabulary reaches", () => {
    const tunes = Array.from({ length: 10 }, (_, i) => tuneOf([78, 60 + i]));
    const splits = tuneSplits("ten", "", tunes, { ...reading, transpositions: 4 });
    // From 4 down to 2 up: 80 is the highest pitch.
    expect([splits.train, splits.validation, splits.test].map(({ count }) => count)).toEqual([8 * 7, 1, 1]);
  });
  test("tunes that are alike count once, so that none is trained on and tested", () => {
    const { train, notes } = tuneSplits("two", "", [tuneOf([60]), tuneOf([60], "again"), tuneOf([61])], reading);
    expect(train.count).toBe(2);
    expect(notes[0]).toBe("1 tune(s) are like others: left out");
  });
  test("folders named train and test are splits", async () => {
    const path = await folderOf({
      "train/a.mid": encodeMidi(tuneOf([60, 61])),
      "train/b.abc": "X:1\nK:C\nCDEF|\n",
      "test/c.mid": encodeMidi(tuneOf([70])),
    });
    const splits = await loadTunes(path, reading);
    expect([splits.train.count, splits.validation.count, splits.test.count]).toEqual([3, 1, 1]);
  });
  test("a pitch outside the vocabulary is named, and so is a file without notes", async () => {
    const high = await folderOf({ "a.mid": encodeMidi(tuneOf([90])) });
    await expect(loadTunes(high, reading)).rejects.toThrow("it has the pitch 90; 40 to 80");
    const silent = await folderOf({ "a.abc": "X:1\nK:C\nz4|\n" });
    await expect(loadTunes(silent, reading)).rejects.toThrow("its tunes have no notes");
  });
});

describe("what a tune begins with", () => {
  test("the whole of a file, or its first beats, and the rest is free", async () => {
    const path = join(await folderOf({ "a.mid": encodeMidi(tuneOf([60, 62])) }), "a.mid");
    const { encode } = tokenizerOf(reading);
    expect([...(await readBeginning(path, reading))]).toEqual([...encode(tuneOf([60, 62])), -1, -1, -1]);
    expect([...(await readBeginning(`${path}#beats=1`, reading))].slice(0, 3)).toEqual([...encode(tuneOf([60])), -1]);
  });
  test("what is too long, or no number of beats, is refused with what would do", async () => {
    const path = join(await folderOf({ "a.mid": encodeMidi(tuneOf([60, 62, 64, 65])) }), "a.mid");
    await expect(readBeginning(path, reading)).rejects.toThrow("begin with fewer, such as");
    await expect(readBeginning(`${path}#beats=0`, reading)).rejects.toThrow("a number above 0");
    await expect(readBeginning(join(path, "no.mid"), reading)).rejects.toThrow(/no\.mid/);
  });
});

describe("made tunes", () => {
  const tunes = madeTunes(60);
  const whole = { ...reading, stepsPerBeat: 12, lowestPitch: 0, highestPitch: 127, places: 256 };

  test("are the same each time, differ from one another and come back from their tokens", () => {
    expect(madeTunes(3)).toEqual(tunes.slice(0, 3));
    const { encode } = tokenizerOf(whole);
    expect(new Set(tunes.map((tune) => encode(tune).join(" "))).size).toBe(60);
    const again = tuneOfTokens("again", encode(tunes[0]), whole);
    expect(again.notes.map(({ pitch, start }) => [pitch, start / 12])).toEqual(
      tunes[0].notes
        .toSorted((a, b) => a.start - b.start || a.pitch - b.pitch)
        .map(({ pitch, start }) => [pitch, start / 4]),
    );
  });
  test("have sixteen bars, come home at the end and fit into an example", () => {
    for (const tune of tunes) {
      const bar = tune.beatsPerBar * tune.ticksPerBeat;
      expect(Math.max(...tune.notes.map(({ start, duration }) => start + duration))).toBe(16 * bar);
      const [bass, melody] = [1, 0].map((voice) => tune.notes.findLast((note) => note.voice === voice)?.pitch ?? 0);
      // The last bass note is the root, the last melody note the same an octave or more above.
      expect((melody - bass) % 12).toBe(0);
      expect(tokenizerOf(whole).encode(tune).length).toBeLessThan(257);
    }
  });
});
