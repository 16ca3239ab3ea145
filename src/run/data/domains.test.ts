import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Dataset } from "./dataset.ts";
import { memoryDataset } from "./dataset.ts";
import { joinDomains, loadDomains } from "./domains.ts";
import { paintDigit, paintedDigits } from "./painted-digits.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "galatea-domains-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An image of one colour, or of one grey. */
async function save(name: string, colour: readonly number[], size = 4): Promise<void> {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const channels = colour.length as 1 | 3;
  const data = Buffer.alloc(size * size * channels);
  for (let i = 0; i < data.length; i++) data[i] = colour[i % channels];
  const image = sharp(data, { raw: { width: size, height: size, channels } });
  await (channels === 1 ? image.toColourspace("b-w") : image).png().toFile(path);
}

async function saveMany(domain: string, count: number, base: number, size?: number): Promise<void> {
  for (let i = 0; i < count; i++) await save(`${domain}/${String(i).padStart(2, "0")}.png`, [base + i, 5, 9], size);
}

/** The first pixel of each image of a field. */
async function firstPixels(dataset: Dataset, field: string): Promise<number[]> {
  const batch = await dataset.gather(Array.from({ length: dataset.count }, (_, i) => i));
  const size = batch[field].length / dataset.count;
  return Array.from({ length: dataset.count }, (_, i) => Number(batch[field][i * size]));
}

describe("a folder of two domains", () => {
  test("gives image and target; the smaller domain is repeated in another order, the same each time", async () => {
    await saveMany("a", 30, 100);
    await saveMany("b", 10, 200);
    const data = await loadDomains(folder);
    expect(data.train.fields).toEqual({
      image: { dtype: "uint8", shape: [3, 4, 4] },
      target: { dtype: "uint8", shape: [3, 4, 4] },
    });
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([24, 3, 3]);
    const [images, targets] = [await firstPixels(data.train, "image"), await firstPixels(data.train, "target")];
    expect(new Set(images).size).toBe(24);
    // Eight targets, each three times, not in the same order.
    const rounds = [0, 8, 16].map((start) => targets.slice(start, start + 8));
    for (const round of rounds) expect([...round].sort()).toEqual([...rounds[0]].sort());
    expect(new Set(rounds[0]).size).toBe(8);
    expect(rounds[1]).not.toEqual(rounds[0]);
    expect(await firstPixels((await loadDomains(folder)).train, "target")).toEqual(targets);
    expect(data.notes).toEqual(["a has 30 images and b 10: the fewer are repeated"]);
  });
  test("of different sizes and colours becomes one size in colour, and says so", async () => {
    for (const i of [1, 2, 3]) await save(`grey/${i}.png`, [i * 10], 8);
    await saveMany("colour", 3, 50, 4);
    const data = await loadDomains(folder);
    expect(data.train.fields.image.shape).toEqual([3, 4, 4]);
    expect(data.train.fields.target.shape).toEqual([3, 4, 4]);
    expect(data.notes.filter((note) => note.startsWith("grey: "))).toEqual([
      "grey: 3 of 3 images had another size: cut to the proportions of 4 x 4 around the middle and resized",
      "grey: 3 of 3 images were grey: turned to RGB",
    ]);
  });
  test("of pairs keeps what belongs together", async () => {
    for (let i = 0; i < 12; i++) {
      await save(`day/${String(i).padStart(2, "0")}.png`, [100 + i, 0, 1]);
      await save(`night/${String(i).padStart(2, "0")}.png`, [i, 0, 1]);
    }
    const data = await loadDomains(folder, { paired: true });
    for (const split of [data.train, data.validation, data.test]) {
      const targets = await firstPixels(split, "target");
      expect((await firstPixels(split, "image")).map((pixel) => pixel - 100)).toEqual(targets);
    }
    await save("night/99.png", [1, 2, 3]);
    await expect(loadDomains(folder, { paired: true })).rejects.toThrow("99: is in one of the two folders only");
  });
  test("is refused with other than two sub-folders, or one image in one of them", async () => {
    await saveMany("a", 3, 1);
    await expect(loadDomains(folder)).rejects.toThrow(
      "its sub-folders are a; two domains need exactly two sub-folders of images, such as photos and paintings",
    );
    await saveMany("b", 1, 1);
    await expect(loadDomains(folder)).rejects.toThrow(
      "b: holds 1 image that can be read; at least 2 are needed to learn how they look",
    );
    await saveMany("c", 3, 1);
    await expect(loadDomains(folder)).rejects.toThrow("its sub-folders are a, b, c");
    await expect(loadDomains(join(folder, "none"))).rejects.toThrow("none");
  });
});

describe("painted digits", () => {
  const count = 20;
  const data = Uint8Array.from({ length: count * 784 }, (_, i) => (i % 28 > 10 && i % 28 < 15 ? 255 : 0));
  const digits = memoryDataset("digits", count, { image: { dtype: "uint8", shape: [1, 28, 28], data } });
  const splits = { name: "digits", description: "", train: digits, validation: digits, test: digits, notes: [] };

  test("are half of the digits on black, and the other half in dark colours on light paper", async () => {
    const painted = await paintedDigits(splits, { train: 8, validation: 2, test: 2 });
    expect([painted.train.count, painted.test.count]).toEqual([8, 2]);
    const { image, target } = await painted.train.gather([0, 1]);
    expect(painted.train.fields.target).toEqual({ dtype: "uint8", shape: [3, 32, 32] });
    const at = (numbers: typeof image, example: number, channel: number, row: number, column: number): number =>
      Number(numbers[((example * 3 + channel) * 32 + row) * 32 + column]);
    for (const channel of [0, 1, 2]) {
      expect(at(image, 0, channel, 16, 14)).toBe(255);
      expect(at(image, 0, channel, 16, 5)).toBe(0);
      expect(at(target, 0, channel, 16, 5)).toBeGreaterThan(170);
    }
    // Ink has a hue: at least one of its channels is dark.
    expect(Math.min(...[0, 1, 2].map((channel) => at(target, 0, channel, 16, 14)))).toBeLessThan(80);
    const inks = [0, 1].map((example) => [0, 1, 2].map((channel) => at(target, example, channel, 16, 14)).join());
    expect(inks[0]).not.toBe(inks[1]);
  });
  test("are the same for the same key, and wider than they were", () => {
    const grey = new Uint8Array(1024);
    grey[16 * 32 + 16] = 255;
    const [first, again, other] = [1, 1, 2].map((seed) => paintDigit(grey, [seed, 7]));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const inked = Array.from({ length: 1024 }, (_, i) => i).filter(
      (i) => first[i] + first[1024 + i] + first[2048 + i] < 560,
    );
    expect(inked).toHaveLength(9);
  });
  test("images of two shapes are not joined", async () => {
    const other = memoryDataset("wide", 3, { image: { dtype: "uint8", shape: [1, 2, 2], data: new Uint8Array(12) } });
    const wide = { ...splits, train: other, validation: other, test: other };
    expect(() => joinDomains("both", splits, wide)).toThrow("both: images of 1 x 28 x 28 and 1 x 2 x 2; one size");
  });
});
