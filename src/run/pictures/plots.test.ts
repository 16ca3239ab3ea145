import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, onTestFinished, test } from "vitest";
import { writeAnimation } from "./animation.ts";
import { encodeSvg } from "./chart.ts";
import { drawPlots } from "./plots.ts";

/** The share of a picture's pixels in a rectangle, all in shares of its size, that have a colour. */
async function inkIn(
  png: Uint8Array,
  colour: readonly number[],
  [left, right]: readonly [number, number],
): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let count = 0;
  for (let y = 0; y < info.height; y++) {
    for (let x = Math.floor(left * info.width); x < right * info.width; x++) {
      const at = 3 * (y * info.width + x);
      if (colour.every((value, c) => Math.abs(data[at + c] - value) < 90)) count++;
    }
  }
  return count;
}

const [blue, orange] = [
  [0x1f, 0x77, 0xb4],
  [0xff, 0x7f, 0x0e],
];

describe("plots", () => {
  test("points of each panel lie in that panel, groups in colours of their own", async () => {
    const points = (x: number): Float32Array =>
      Float32Array.from({ length: 400 }, (_, i) => (i % 2 ? (i / 400) * 2 - 1 : x));
    const range = [-1, 1] as const;
    const svg = await drawPlots({
      title: "a < b & c",
      panels: [
        { kind: "points", title: "left", range, groups: [{ name: "data", points: points(0) }] },
        {
          kind: "points",
          title: "right",
          range,
          groups: [
            { name: "one", points: points(-0.5) },
            { name: "two", points: points(0.5) },
          ],
        },
      ],
    });
    expect(svg).toContain("a &lt; b &amp; c");
    const png = await encodeSvg(svg);
    expect(await inkIn(png, blue, [0.25, 0.3])).toBeGreaterThan(200);
    expect(await inkIn(png, orange, [0, 0.5])).toBe(0);
    expect(await inkIn(png, blue, [0.6, 0.75])).toBeGreaterThan(200);
    expect(await inkIn(png, orange, [0.8, 0.95])).toBeGreaterThan(200);
  });

  test("lines of one point, of none, and panels without anything are drawn all the same", async () => {
    const svg = await drawPlots({
      title: "t",
      panels: [
        {
          kind: "lines",
          title: "few",
          x: "step",
          lines: [
            { name: "a", points: [[1, 2]] },
            { name: "b", points: [] },
          ],
        },
        { kind: "points", title: "none", groups: [] },
      ],
    });
    expect((await encodeSvg(svg)).length).toBeGreaterThan(1000);
  });
});

describe("an animation", () => {
  test("holds all frames, the last one for longer", async () => {
    const folder = await mkdtemp(join(tmpdir(), "galatea-animation-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const frame = (background: string, size = 8): Promise<Buffer> =>
      sharp({ create: { width: size, height: size, channels: 3, background } })
        .png()
        .toBuffer();
    const path = join(folder, "a.webp");
    await writeAnimation(path, [await frame("red"), await frame("lime"), await frame("blue")], 100);
    const { pages, delay, loop, width } = await sharp(await readFile(path)).metadata();
    expect({ pages, delay, loop, width }).toEqual({ pages: 3, delay: [100, 100, 1000], loop: 0, width: 8 });
    const second = await sharp(path, { page: 1 }).removeAlpha().raw().toBuffer();
    expect(second[1]).toBeGreaterThan(230);
    expect(second[0]).toBeLessThan(30);

    await expect(writeAnimation(path, [])).rejects.toThrow("an animation of no frames; 1 or more");
    await expect(writeAnimation(path, [join(folder, "none.png")])).rejects.toThrow("the frames cannot be joined");
  });
});
