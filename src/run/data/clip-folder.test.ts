import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadClipFolder } from "./clip-folder.ts";
import type { DataSplits } from "./dataset.ts";
import { loadPath } from "./path.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "galatea-clips-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Colour = readonly [number, number, number];

function frame([r, g, b]: Colour, size = 4): Promise<Buffer> {
  return sharp({ create: { width: size, height: size, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
}

/** An animation whose frames have one colour each. */
async function animation(name: string, colours: readonly Colour[], size = 4): Promise<void> {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const frames = await Promise.all(colours.map((colour) => frame(colour, size)));
  const joined = sharp(frames, { join: { animated: true } });
  await (name.endsWith(".gif") ? joined.gif() : joined.webp({ lossless: true })).toFile(path);
}

async function stills(place: string, colours: readonly Colour[], names: (i: number) => string): Promise<void> {
  mkdirSync(join(folder, place), { recursive: true });
  for (const [i, colour] of colours.entries()) writeFileSync(join(folder, place, names(i)), await frame(colour));
}

/** The first value of each frame and channel of each clip, [T][C], by the label's name, in order. */
async function clipsOf({
  train,
  validation,
  test: held,
}: DataSplits): Promise<{ frames: number[][]; label?: string }[]> {
  const clips: { frames: number[][]; label?: string }[] = [];
  for (const dataset of [train, validation, held]) {
    const [frames, channels, height, width] = dataset.fields.video.shape;
    const { video, label } = await dataset.gather(Array.from({ length: dataset.count }, (_, i) => i));
    for (let i = 0; i < dataset.count; i++) {
      const valueAt = (t: number, c: number): number =>
        Number(video[((i * frames + t) * channels + c) * height * width]);
      const values = Array.from({ length: frames }, (_, t) =>
        Array.from({ length: channels }, (_, c) => valueAt(t, c)),
      );
      clips.push({ frames: values, ...(label && { label: dataset.classes?.[Number(label[i])] ?? "" }) });
    }
  }
  return clips.sort((a, b) => a.frames[0][0] - b.frames[0][0]);
}

const shades = (from: number, count: number): Colour[] =>
  Array.from({ length: count }, (_, t) => [from + t, 20 * t, 7]);

describe("what is read", () => {
  test("animated WebP and GIF files, labelled by sub-folders, and numbered pictures in the order of their numbers", async () => {
    await animation("left/a.webp", shades(10, 3));
    await animation("left/b.gif", shades(50, 4));
    await animation("right/deep/c.webp", shades(90, 3));
    await stills("right/d", shades(130, 12), (i) => `frame-${i + 1}.png`);
    const splits = await loadClipFolder(folder, { frames: 3 });
    expect(splits.train.fields).toEqual({
      video: { dtype: "uint8", shape: [3, 3, 4, 4] },
      label: { dtype: "int32", shape: [] },
    });
    expect(splits.description).toBe("4 colour clips of 3 frames of 4 x 4, 2 classes");
    expect(splits.notes).toEqual(["2 of 4 clips were longer: cut after 3 frames"]);
    const clips = await clipsOf(splits);
    expect(clips.map(({ label }) => label)).toEqual(["left", "left", "right", "right"]);
    expect(clips.map(({ frames }) => frames)).toEqual([10, 50, 90, 130].map((from) => shades(from, 3)));
  });

  test("pictures without labels; what is all grey has one channel; one size", async () => {
    const grey = (from: number): Colour[] => [0, 1, 2].map((t) => [from + t, from + t, from + t]);
    await stills("one", grey(10), (i) => `${i}.png`);
    await stills("two", grey(20), (i) => `${i}.png`);
    await animation("three.webp", grey(30), 9);
    const splits = await loadPath(folder, { frames: 3, size: [2, 2] });
    expect(splits.train.fields).toEqual({ video: { dtype: "uint8", shape: [3, 1, 2, 2] } });
    expect((await clipsOf(splits)).map(({ frames }) => frames.flat())).toEqual([
      [10, 11, 12],
      [20, 21, 22],
      [30, 31, 32],
    ]);
  });

  test("clips larger than memory come from a file, the same", async () => {
    for (let i = 0; i < 5; i++) await animation(`${i}.webp`, shades(20 * i, 4));
    const cacheFolder = join(folder, ".cache");
    const filed = await loadClipFolder(folder, { frames: 3, maxBytes: 100, cacheFolder });
    expect(filed.notes[0]).toMatch(/are kept in .*\.cache/);
    expect(await clipsOf(filed)).toEqual(await clipsOf(await loadClipFolder(folder, { frames: 3 })));
    const longer = await loadClipFolder(folder, { frames: 4, maxBytes: 100, cacheFolder });
    expect(longer.notes[0]).not.toContain("made before");
    expect((await clipsOf(longer))[1].frames).toEqual(shades(20, 4));
  });
});

describe("what is left out or refused", () => {
  test("clips that are too short, and files that are no pictures", async () => {
    for (const name of ["a", "b", "c"]) await animation(`${name}.webp`, shades(10, 3));
    await animation("short.webp", shades(10, 2));
    writeFileSync(join(folder, "spoilt.gif"), "no picture");
    const { notes, train } = await loadClipFolder(folder, { frames: 3 });
    expect(train.count).toBe(1);
    expect(notes[0]).toMatch(/^warning: skipped 1 image\(s\) that cannot be decoded: spoilt\.gif/);
    expect(notes[1]).toBe("warning: skipped 1 clip(s) of fewer than 3 frames: short.webp (2)");
    await expect(loadClipFolder(folder, { frames: 8 })).rejects.toMatchObject({
      code: "data",
      message: `${folder}: none of its 4 clip(s) has 8 frames, the longest has 3; longer clips, or frames=3 at most`,
    });
  });

  test("a folder of nothing, one of broken files, and a number of frames out of range", async () => {
    await expect(loadClipFolder(folder, { frames: 2 })).rejects.toThrow(
      "it holds no clips; put animated GIF or WebP files in it, or a sub-folder of numbered pictures per clip",
    );
    writeFileSync(join(folder, "a.gif"), "no picture");
    await expect(loadClipFolder(folder, { frames: 2 })).rejects.toThrow(/no clip can be decoded: a\.gif/);
    await expect(loadClipFolder(folder, { frames: 0 })).rejects.toMatchObject({ code: "config" });
  });
});
