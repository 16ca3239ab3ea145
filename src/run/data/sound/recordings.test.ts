import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { expect, onTestFinished, test } from "vitest";
import { readRecordings } from "./recordings.ts";
import { encodeWav } from "./wav.ts";

const tone = (rate = 8000): Uint8Array =>
  encodeWav({ samples: Float32Array.from({ length: rate / 10 }, (_, i) => 0.5 * Math.sin(i)), rate });

async function folder(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "galatea-recordings-"));
  onTestFinished(() => rm(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return path;
}

test("a table says what is said; what it does not name is left out, and said", async () => {
  const table = 'file,text,split\n./a.wav,"hello, world",test\nb/c.wav,good; bye,\ngone.wav,lost,\nd.wav,,\n';
  const path = await folder({
    "clips/transcripts.csv": table,
    "clips/a.wav": tone(),
    "clips/b/c.wav": tone(),
    "clips/d.wav": tone(),
    "clips/e.wav": tone(),
    "clips/notes.txt": "",
  });
  const { recordings, rate, notes } = await readRecordings(path);
  expect(rate).toBe(8000);
  expect(recordings.map(({ name, text, split }) => [name, text, split])).toEqual([
    ["clips/a.wav", "hello, world", "test"],
    ["clips/b/c.wav", "good; bye", undefined],
  ]);
  expect(notes).toEqual([
    "warning: 1 of 4 files that clips/transcripts.csv names are not there",
    "warning: 1 transcript(s) of clips/transcripts.csv are empty: their recordings are left out",
    "warning: 1 recording(s) that clips/transcripts.csv does not name are left out",
  ]);
});

test("names of text, speaker and take: takes 0 to 4 are test; in an archive too", async () => {
  const names = ["7_ann_4.wav", "7_ann_5.wav", "0_bob_lee_12.wav"];
  const expected = [
    ["0", "bob_lee", "train"],
    ["7", "ann", "test"],
    ["7", "ann", "train"],
  ];
  const plain = await readRecordings(await folder(Object.fromEntries(names.map((name) => [name, tone()]))));
  expect(plain.recordings.map(({ text, speaker, split }) => [text, speaker, split])).toEqual(expected);
  const entries = names.map((name) => ({ header: { name: `r/${name}`, size: tone().length }, body: tone() }));
  const tar = await packTar([...entries, { header: { name: "r/._7_ann_4.wav", size: 1 }, body: "x" }]);
  const packed = await readRecordings(await folder({ "r.tar.gz": gzipSync(tar), "README.md": "words" }));
  expect(packed.recordings.map(({ text, speaker, split }) => [text, speaker, split])).toEqual(expected);
  expect(packed.recordings[0].name).toBe("r/0_bob_lee_12.wav");
  expect(packed.recordings[0].samples).toEqual(plain.recordings[0].samples);
});

test("text files beside recordings, names of folders, and nothing", async () => {
  const beside = await readRecordings(
    await folder({ "a.wav": tone(), "a.txt": "one\n", "b.wav": tone(), "b.txt": "two" }),
  );
  expect(beside.recordings.map(({ text }) => text)).toEqual(["one", "two"]);
  const folders = await readRecordings(await folder({ "train/yes/a.wav": tone(), "test/no/b.wav": tone() }));
  expect(folders.recordings.map(({ text, split }) => [text, split])).toEqual([
    ["no", "test"],
    ["yes", "train"],
  ]);
  const labels = await readRecordings(await folder({ "one_x.wav": tone(), "two_y.wav": tone() }));
  expect(labels.recordings.map(({ text }) => text)).toEqual(["one", "two"]);
  const bare = await folder({ "a.wav": tone(), "b.wav": tone() });
  expect((await readRecordings(bare)).notes).toEqual(["there are no transcripts"]);
  await expect(readRecordings(bare, { needTexts: true })).rejects.toThrow(/nothing says what its recordings say/);
});

test("one rate: that of most, or the one asked for; others are resampled and named", async () => {
  const path = await folder({ "a.wav": tone(16_000), "b.wav": tone(), "c.wav": tone() });
  const usual = await readRecordings(path);
  expect(usual.recordings.map(({ samples, rate }) => [samples.length, rate])).toEqual(new Array(3).fill([800, 8000]));
  expect(usual.notes).toContain("1 file(s) resampled from 16000 to 8000 Hz: a.wav");
  const asked = await readRecordings(path, { rate: 16_000 });
  expect(asked.recordings.every(({ samples }) => samples.length === 1600)).toBe(true);
  expect(asked.notes).toContain("2 file(s) resampled from 8000 to 16000 Hz: b.wav, c.wav");
});

test("what cannot be read is skipped and named; when nothing can, it is an error", async () => {
  const path = await folder({ "a.wav": tone(), "b.wav": "no sound", "c.wav": "" });
  const { recordings, notes } = await readRecordings(path);
  expect(recordings).toHaveLength(1);
  expect(notes.at(-1)).toMatch(/^warning: skipped 2 file\(s\): .*b\.wav: no WAV file.*c\.wav: the file is empty/);
  await expect(readRecordings(await folder({ "b.wav": "no sound" }))).rejects.toThrow(/no recording can be read: /);
  await expect(readRecordings(await folder({ "b.mp3": "x" }))).rejects.toThrow("it holds no WAV files");
  await expect(readRecordings(join(path, "gone"))).rejects.toThrow(/cannot be read: it does not exist/);
  await expect(
    readRecordings(await folder({ "r.tar": "no archive, and long enough to be read".repeat(40) })),
  ).rejects.toThrow(/r\.tar: the archive is damaged/);
});

test.each([
  ["name,text\na.wav,x\n", /transcripts\.csv: its columns are name, text; columns named file and text/],
  ["", /transcripts\.csv: it is empty; columns named file and text/],
  ["file,text\nb.wav,x\n", /none of its 1 lines has a text for a recording that is there/],
  ["file,text\na.wav,x\na.wav,y\n", /transcripts\.csv:3: a\.wav has a transcript already; one for each file/],
  ["file,text,split\na.wav,x,half\n", /transcripts\.csv:2: split is half; train, validation or test/],
])("a table that does not fit is refused (%#)", async (table, message) => {
  await expect(readRecordings(await folder({ "a.wav": tone(), "transcripts.csv": table }))).rejects.toThrow(message);
});

const digits = resolve(import.meta.dirname, "../../../../../shared/data/fsdd");

test.skipIf(!existsSync(digits))("the Free Spoken Digit Dataset, as its archive has it", async () => {
  const { recordings, rate } = await readRecordings(digits);
  expect([recordings.length, rate]).toEqual([3000, 8000]);
  expect(recordings.filter(({ split }) => split === "test")).toHaveLength(300);
  expect(new Set(recordings.map(({ text }) => text)).size).toBe(10);
  expect(new Set(recordings.map(({ speaker }) => speaker)).size).toBe(6);
  const seconds = recordings.reduce((sum, { samples }) => sum + samples.length, 0) / rate;
  expect(Math.round(seconds)).toBe(1312);
});
