import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keyFromSeed } from "../../../core/base/index.ts";
import { divideRecordings } from "./divide-recordings.ts";
import { speechTeller } from "./hear-file.ts";
import { joinRecordings } from "./join-recordings.ts";
import { loadSpeech, type SpeechReading } from "./load-speech.ts";
import type { Recording } from "./recordings.ts";
import { encodeWav, type WavOptions } from "./wav.ts";

const reading: SpeechReading = {
  tokenizer: "characters",
  lowerCase: false,
  rate: 8000,
  mels: 6,
  windowMs: 25,
  hopMs: 10,
  normalize: "bands",
  frames: 40,
  places: 8,
  stride: 2,
  longer: "refuse",
  joinLeast: 2,
  joinMost: 0,
  joinCount: 5,
  noisy: 0,
};

/** So many seconds of a tone. */
function tone(seconds: number, hz = 500, rate = 8000, options: WavOptions = {}): Uint8Array {
  const samples = Float32Array.from({ length: Math.round(seconds * rate) }, (_, i) => {
    return 0.5 * Math.sin((2 * Math.PI * hz * i) / rate);
  });
  return encodeWav({ samples, rate }, options);
}

async function folder(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "galatea-speech-"));
  onTestFinished(() => rm(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return path;
}

/** Takes 5 and up of two digits, which are trained on, and take 0 of one of them. */
const digits = Object.fromEntries(
  [...Array(8)].flatMap((_, i) => [
    [`1_ann_${5 + i}.wav`, tone(0.1 + 0.01 * i)],
    [`22_ann_${5 + i}.wav`, tone(0.2, 900)],
  ]),
);

test("recordings become features and tokens, filled up, with what they say beside", async () => {
  const data = await loadSpeech(await folder({ ...digits, "1_ann_0.wav": tone(0.1) }), reading);
  expect([data.train.count, data.validation.count, data.test.count]).toEqual([15, 1, 1]);
  expect(data.notes).toEqual([
    'transcripts: names of files, before the first "_"; takes 0 to 4 are test',
    "validation: a tenth of the recordings (1), chosen at random",
  ]);
  expect(data.test.fields).toEqual({
    features: { dtype: "float32", shape: [40, 6] },
    frames: { dtype: "int32", shape: [] },
    target: { dtype: "int32", shape: [8] },
    length: { dtype: "int32", shape: [] },
  });
  expect(data.test.texts).toEqual({ target: ["1"] });
  const { vocabularies } = data.train;
  expect(vocabularies?.target).toEqual({ size: 4, pad: 0, unknown: 1 });
  const batch = await data.test.gather([0, 0]);
  // 800 samples: 1 + ceil((800 - 200) / 80) frames.
  expect(batch.frames).toEqual(Int32Array.of(9, 9));
  expect(batch.length).toEqual(Int32Array.of(1, 1));
  expect(batch.target).toEqual(Int32Array.of(2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0));
  expect(batch.features).toHaveLength(2 * 40 * 6);
  expect(batch.features.slice(9 * 6, 40 * 6).every((value) => value === 0)).toBe(true);
  const band = Array.from({ length: 9 }, (_, t) => Number(batch.features[t * 6 + 2]));
  expect(band.reduce((a, b) => a + b)).toBeCloseTo(0, 4);
  const twice = await loadSpeech(await folder({ ...digits, "1_ann_0.wav": tone(0.1) }), reading);
  expect(await twice.train.gather([0, 5, 9])).toEqual(await data.train.gather([0, 5, 9]));
});

test("what is too long is an error that says what helps, or left out with a note", async () => {
  const many = { "transcripts.csv": "file,text\na.wav,ab\nb.wav,ba\nc.wav,a\nd.wav,b\n" };
  const four = { "a.wav": tone(0.2), "b.wav": tone(0.2), "c.wav": tone(0.2), "d.wav": tone(0.2) };
  const load = async (files: Record<string, Uint8Array | string>, changes: Partial<SpeechReading> = {}) =>
    loadSpeech(await folder({ ...many, ...four, ...files }), { ...reading, ...changes }, "own");
  await expect(load({ "b.wav": tone(0.5) })).rejects.toThrow(
    "own, b.wav: it has 49 frames; at most 40 are heard: set frames=49, or longer=leave-out",
  );
  await expect(load({}, { places: 1 })).rejects.toThrow("its transcript has 2 tokens; at most 1: set places=2");
  const repeated = { "transcripts.csv": "file,text\na.wav,aabb\nb.wav,ba\nc.wav,a\nd.wav,b\n", "a.wav": tone(0.065) };
  await expect(load(repeated)).rejects.toThrow(
    "own, a.wav: its transcript needs 6 times (4 tokens, and a blank between equal ones), its 5 frames give 3",
  );
  const rest = await load(repeated, { longer: "leave-out" }).catch((error: Error) => error);
  if (rest instanceof Error) expect(rest.message).toContain("every recording is too long");
  else expect(rest.notes.at(-1)).toBe("warning: left out 1 of 4 recordings that are too long: a.wav");
  await expect(load({}, { tokenizer: "letters" })).rejects.toThrow("tokenizer: letters; characters, words");
  await expect(loadSpeech(await folder({ "a.wav": tone(0.1) }), reading)).rejects.toThrow("nothing says what");
});

test("strings: several recordings of one speaker with pauses between, the same each time", async () => {
  const data = await loadSpeech(await folder({ ...digits, "1_ann_0.wav": tone(0.1), "1_bob_0.wav": tone(0.1) }), {
    ...reading,
    frames: 120,
    joinMost: 3,
  });
  expect([data.train.count, data.validation.count, data.test.count]).toEqual([5, 1, 2]);
  const texts = data.train.texts?.target as readonly string[];
  for (const text of texts) expect(text).toMatch(/^(1|22)( (1|22)){1,2}$/);
  expect(new Set(texts.map((text) => text.length)).size).toBeGreaterThan(1);
  const parts: Recording[] = ["a", "b"].map((speaker, i) => ({
    name: speaker,
    samples: new Float32Array(100).fill(i + 1),
    rate: 1000,
    text: speaker,
    speaker,
  }));
  const strings = joinRecordings(parts, keyFromSeed(1), { count: 20, least: 3, most: 3 });
  for (const { text = "", samples, speaker } of strings) {
    expect(text).toBe(`${speaker} ${speaker} ${speaker}`);
    const level = speaker === "a" ? 1 : 2;
    expect(samples.filter((value) => value === level)).toHaveLength(300);
    const pauses = samples.length - 300;
    expect(pauses).toBeGreaterThanOrEqual(60);
    expect(pauses).toBeLessThanOrEqual(400);
    expect(Math.max(...samples.filter((value) => value !== level).map(Math.abs))).toBeLessThanOrEqual(0.001);
  }
  expect(joinRecordings(parts, keyFromSeed(1), { count: 2, least: 3, most: 3 })[1].samples).toEqual(strings[1].samples);
  expect(() => joinRecordings(parts, keyFromSeed(1), { count: 1, least: 3, most: 2 })).toThrow("joinMost: is 2");
});

test("splits that files name, whole speakers where there are many, any recordings else, and too few", () => {
  const make = (count: number, more: (i: number) => Partial<Recording>): Recording[] =>
    Array.from({ length: count }, (_, i) => ({ name: `${i}`, samples: new Float32Array(1), rate: 8000, ...more(i) }));
  const named = divideRecordings(
    make(6, (i) => ({ split: (["train", "validation", "test"] as const)[i % 3] })),
    "own",
  );
  expect([named.train, named.validation, named.test].map((part) => part.map(({ name }) => name))).toEqual([
    ["0", "3"],
    ["1", "4"],
    ["2", "5"],
  ]);
  const spoken = divideRecordings(
    make(60, (i) => ({ speaker: `${i % 12}` })),
    "own",
  );
  const speakersOf = (part: readonly Recording[]): Set<unknown> => new Set(part.map(({ speaker }) => speaker));
  expect([speakersOf(spoken.train).size, speakersOf(spoken.validation).size, speakersOf(spoken.test).size]).toEqual([
    10, 1, 1,
  ]);
  const held = speakersOf([...spoken.validation, ...spoken.test]);
  expect([...speakersOf(spoken.train)].filter((speaker) => held.has(speaker))).toEqual([]);
  const any = divideRecordings(
    make(30, () => ({})),
    "own",
  );
  expect([any.train.length, any.validation.length, any.test.length]).toEqual([24, 3, 3]);
  expect(new Set([...any.train, ...any.validation, ...any.test]).size).toBe(30);
  const few = divideRecordings(
    make(2, () => ({})),
    "own",
  );
  expect([few.train.length, few.validation.length, few.test.length, few.notes.length]).toEqual([2, 2, 2, 1]);
  expect(() =>
    divideRecordings(
      make(2, () => ({ split: "test" })),
      "own",
    ),
  ).toThrow("all 2 recordings are held out");
});

test("a person's own file: resampled, mixed, truncated and silent ones are heard, and that is said", async () => {
  const bytes = tone(0.2, 500, 16_000, { bits: 24 });
  const path = await folder({
    "own.wav": bytes,
    "cut.wav": bytes.subarray(0, 6000),
    "silent.wav": encodeWav({ samples: new Float32Array(1600), rate: 8000 }),
    "long.wav": tone(1),
    "no.wav": "RIFX no sound at all",
  });
  const hear = async (name: string) => {
    const notes: string[] = [];
    const say = (note: string): void => void notes.push(note.replace(path, ""));
    const { fields } = await speechTeller(reading).read(join(path, name), say);
    const { features, frames } = fields;
    return { features: features as Float32Array, frames, notes };
  };
  const own = await hear("own.wav");
  // 3,200 samples at 16 kHz are 1,600: 1 + ceil(1400 / 80) frames.
  expect(own.frames).toEqual(Int32Array.of(19));
  expect(own.features).toHaveLength(40 * 6);
  expect(own.notes).toEqual(["/own.wav is resampled from 16000 to 8000 Hz"]);
  expect((await hear("cut.wav")).notes[0]).toBe("/cut.wav is truncated: what is there was read");
  const silent = await hear("silent.wav");
  expect(silent.notes).toEqual(["/silent.wav is silent"]);
  expect(silent.features.every((value) => value === 0)).toBe(true);
  await expect(hear("long.wav")).rejects.toThrow("it has 99 frames (1.0 s); the model hears 40 frames at most (0.4 s)");
  await expect(hear("no.wav")).rejects.toThrow("it is a big-endian WAV file");
  await expect(hear("gone.wav")).rejects.toThrow("gone.wav");
});

test("noisy copies are trained on beside the recordings, and nothing else is changed by them", async () => {
  const path = await folder({ ...digits, "1_ann_0.wav": tone(0.1) });
  const [clean, noisy] = await Promise.all([loadSpeech(path, reading), loadSpeech(path, { ...reading, noisy: 2 })]);
  expect([noisy.train.count, noisy.validation.count, noisy.test.count]).toEqual([45, 1, 1]);
  const first = Array.from({ length: 15 }, (_, i) => i);
  const [own, same, copies] = await Promise.all([
    clean.train.gather(first),
    noisy.train.gather(first),
    noisy.train.gather(first.map((i) => 15 + i)),
  ]);
  expect(same).toEqual(own);
  expect(copies.target).toEqual(own.target);
  expect(copies.features).not.toEqual(own.features);
  expect(await noisy.test.gather([0])).toEqual(await clean.test.gather([0]));
});
