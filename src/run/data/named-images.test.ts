import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { holdsImages, readNamedImages } from "./named-images.ts";

const folder = mkdtempSync(join(tmpdir(), "galatea-named-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function writeColour(path: string, background: string, width = 4, height = 4): Promise<void> {
  await sharp({ create: { width, height, channels: 4, background } })
    .png()
    .toFile(path);
}

beforeAll(async () => {
  for (const name of ["good", "empty", "broken", "idx"]) mkdirSync(join(folder, name));
  await writeColour(join(folder, "good", "red.png"), "#f00");
  await writeColour(join(folder, "good", "clear.png"), "#00000000", 8, 4);
  await writeColour(join(folder, "stray.png"), "#00f");
  writeFileSync(join(folder, "good", "torn.png"), "no image");
  writeFileSync(join(folder, "broken", "torn.png"), "no image");
  writeFileSync(join(folder, "idx", "train-images-idx3-ubyte"), "");
});

describe("a folder", () => {
  test("gives names, labels by sub-folder, planes of colour at one size, and says what it leaves out", async () => {
    const seen: number[] = [];
    const found = await readNamedImages(folder, [3, 2, 2], (done) => seen.push(done));
    expect(found.names).toEqual(["good/clear.png", "good/red.png", "stray.png"]);
    expect(found.labels).toEqual(["good", "good", undefined]);
    expect(found.shape).toEqual([3, 3, 2, 2]);
    const planes = [
      [255, 255, 255],
      [255, 0, 0],
      [0, 0, 255],
    ];
    expect(Array.from(found.data)).toEqual(planes.flat().flatMap((value) => [value, value, value, value]));
    expect(found.notes).toHaveLength(2);
    expect(found.notes.join()).toContain("good/torn.png cannot be decoded and is left out");
    expect(seen).toHaveLength(5);
  });

  test("without any that can be decoded is refused, and so are channels that images have not", async () => {
    await expect(readNamedImages(join(folder, "broken"), [1, 2, 2])).rejects.toThrow(
      "none of its images can be decoded",
    );
    await expect(readNamedImages(join(folder, "empty"), [1, 2, 2])).rejects.toThrow("it holds no images");
    await expect(readNamedImages(join(folder, "none"), [1, 2, 2])).rejects.toMatchObject({ code: "data" });
    await expect(readNamedImages(folder, [2, 2, 2])).rejects.toThrow("the model must read 1 or 3");
  });
});

test("one image goes by its own name", async () => {
  const found = await readNamedImages(join(folder, "good", "red.png"), [1, 2, 2]);
  expect([found.names, found.labels, found.shape]).toEqual([["red.png"], [undefined], [1, 1, 2, 2]]);
});

test("what holds images, by names alone", async () => {
  const answers = ["good", "broken", "stray.png", "empty", "idx", "none", "good/none.png"].map((name) =>
    holdsImages(join(folder, name)),
  );
  expect(await Promise.all(answers)).toEqual([true, true, true, false, false, false, false]);
});
