import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DataSplits } from "./dataset.ts";
import { loadImageFolder } from "./image-folder.ts";

let folder: string;
let images: string;
let cacheFolder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "galatea-pixels-"));
  [images, cacheFolder] = [join(folder, "images"), join(folder, "cache")];
  mkdirSync(join(images, "a"), { recursive: true });
  mkdirSync(join(images, "b"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Less than any folder here takes. */
const maxBytes = 100;

async function save(name: string, value: number, channels: 1 | 3 = 3): Promise<void> {
  const data = Uint8Array.from({ length: 12 * channels }, (_, i) => value + (i % channels));
  await sharp(data, { raw: { width: 4, height: 3, channels } })
    .png()
    .toFile(join(images, name));
}

async function saveMany(): Promise<void> {
  for (let i = 0; i < 20; i++) await save(`${i % 2 === 0 ? "a" : "b"}/${i}.png`, 10 * i);
  writeFileSync(join(images, "a", "5-spoilt.png"), "no picture");
  // Its header is whole: only decoding shows that it is cut.
  const noise = Uint8Array.from({ length: 30_000 }, (_, i) => (i * 7919) % 251);
  const cut = join(images, "b", "cut.png");
  await sharp(noise, { raw: { width: 100, height: 100, channels: 3 } })
    .png()
    .toFile(cut);
  truncateSync(cut, Math.floor(statSync(cut).size / 2));
}

const load = (options = {}): Promise<DataSplits> => loadImageFolder(images, { maxBytes, cacheFolder, ...options });
const files = (): string[] => (existsSync(join(cacheFolder, "images")) ? readdirSync(join(cacheFolder, "images")) : []);

test("batches are those of memory, in any order, repeated where repeated", async () => {
  await saveMany();
  const [memory, file] = [await loadImageFolder(images), await load()];
  expect(file.train.fields).toEqual(memory.train.fields);
  expect(file.description).toBe(memory.description);
  for (const split of ["train", "validation", "test"] as const) {
    const wanted = [0, 1, 0, memory[split].count - 1, 1];
    expect(await file[split].gather(wanted)).toEqual(await memory[split].gather(wanted));
  }
  const [note, ...others] = file.notes;
  const [name] = files();
  // 21 have a header; one of them has no pixels.
  expect(note).toBe(
    `0.001 MB of pixels, more than memory shall hold, are kept in ${join(cacheFolder, "images", name)}; ` +
      "it may be deleted when no run needs it",
  );
  // The image library words its reason now this way, now that.
  const named = (notes: readonly string[]): string[] => notes.map((line) => line.replace(/ \([^)]*\)/g, ""));
  expect(named(others)).toEqual(named(memory.notes));
  expect(named(others)[0]).toMatch(/skipped 2 image\(s\).*: a\/5-spoilt\.png, b\/cut\.png$/);
  expect(() => file.train.gather([999])).toThrow("there is no example 999");
});

test("images stored in colour that are grey have one channel, as in memory", async () => {
  const grey = Uint8Array.from({ length: 36 }, (_, i) => Math.floor(i / 3) * 9);
  for (let i = 0; i < 4; i++) {
    const shifted = grey.map((value) => value + i);
    await sharp(shifted, { raw: { width: 4, height: 3, channels: 3 } })
      .png()
      .toFile(join(images, `${i}.png`));
  }
  const [memory, file] = [await loadImageFolder(images), await load()];
  expect(file.train.fields.image.shape).toEqual([1, 3, 4]);
  expect(await file.train.gather([1, 0])).toEqual(await memory.train.gather([1, 0]));
});

test("the file is used again, until a file of the folder changes, or what is asked for", async () => {
  await saveMany();
  const first = await load();
  const [name] = files();
  const path = join(cacheFolder, "images", name);
  const written = statSync(path).mtimeMs;
  let decoded = 0;
  const again = await load({ onProgress: () => decoded++ });
  expect(decoded).toBe(0);
  expect(files()).toEqual([name]);
  expect(statSync(path).mtimeMs).toBe(written);
  expect(again.notes[0]).toContain("(made before)");
  expect(again.notes.slice(1)).toEqual(first.notes.slice(1));
  expect(await again.test.gather([0])).toEqual(await first.test.gather([0]));

  await load({ size: [2, 2] });
  expect(files()).toHaveLength(2);
  await save("a/0.png", 77);
  utimesSync(join(images, "a", "0.png"), new Date(), new Date(2000, 1, 1));
  const changed = await load();
  expect(files()).toHaveLength(3);
  const all = [changed.train, changed.validation, changed.test];
  const values = await Promise.all(all.map((one) => one.gather(Array.from({ length: one.count }, (_, i) => i))));
  expect(values.some(({ image }) => (image as Uint8Array).includes(77))).toBe(true);
});

test("a damaged file is made anew", async () => {
  await saveMany();
  await load();
  const path = join(cacheFolder, "images", files()[0]);
  const whole = readFileSync(path);
  truncateSync(path, whole.length - 3);
  expect((await load()).notes[0]).not.toContain("made before");
  expect(readFileSync(path).equals(whole)).toBe(true);
  const { train } = await load();
  truncateSync(path, 0);
  await expect(train.gather([0])).rejects.toThrow("has become shorter; delete it, and it is made anew");
});

test("what stops half-way leaves no file, and what a killed process left goes away", async () => {
  await saveMany();
  const stop = (done: number): void => {
    if (done === 7) throw new Error("stopped");
  };
  await expect(load({ onProgress: stop })).rejects.toThrow("stopped");
  expect(files()).toEqual([]);
  await load();
  const [name] = files();
  const left = join(cacheFolder, "images", `.${name}.0123abcd.tmp`);
  rmSync(join(cacheFolder, "images", name));
  writeFileSync(left, "half");
  utimesSync(left, new Date(2000, 1, 1), new Date(2000, 1, 1));
  const other = join(cacheFolder, "images", `.${name}.4567abcd.tmp`);
  writeFileSync(other, "being written");
  await load();
  expect(files().sort()).toEqual([`.${name}.4567abcd.tmp`, name].sort());
});

test("without a cache folder the error names the ways out", async () => {
  await saveMany();
  await expect(loadImageFolder(images, { maxBytes })).rejects.toMatchObject({
    code: "data",
    message: expect.stringMatching(
      /take 0\.001 MB; at most 0\.000 MB fit; choose a smaller size, or give a cache folder/,
    ),
  });
});
