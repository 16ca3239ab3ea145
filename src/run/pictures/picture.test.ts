import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodePng, type Picture, writePicture } from "./picture.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "galatea-pictures-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function noise(width: number, height: number, channels: 1 | 3): Picture {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 2654435761) >>> 24);
  return { width, height, channels, data };
}

test.each([1, 3] as const)(
  "a PNG of %i channel(s) holds exactly the pixels, in the same bytes each time",
  async (c) => {
    const picture = noise(13, 7, c);
    const png = await encodePng(picture);
    expect(await encodePng(picture)).toEqual(png);
    expect(await sharp(png).metadata()).toMatchObject({ format: "png", width: 13, height: 7, channels: c });
    const pixels = await sharp(png)
      .toColourspace(c === 1 ? "b-w" : "srgb")
      .raw()
      .toBuffer();
    expect(new Uint8Array(pixels)).toEqual(picture.data);
  },
);

test("data that does not fit the sizes is refused", async () => {
  await expect(encodePng({ ...noise(2, 2, 3), width: 3 })).rejects.toMatchObject({
    code: "shape",
    message: "picture: 12 bytes for [2, 3, 3]; height * width * channels",
  });
});

test("a picture is written with its folders; a place that cannot be written is named", async () => {
  const path = join(folder, "samples", "step-1.png");
  await writePicture(path, noise(4, 4, 1));
  expect([...readFileSync(path).subarray(1, 4)]).toEqual([..."PNG"].map((c) => c.charCodeAt(0)));
  writeFileSync(join(folder, "plain"), "");
  const inside = join(folder, "plain", "a.png");
  await expect(writePicture(inside, noise(4, 4, 1))).rejects.toMatchObject({ code: "storage" });
  expect(existsSync(inside)).toBe(false);
});
