import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DataSplits, Dataset } from "./dataset.ts";
import { loadImageFolder } from "./image-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "galatea-images-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An image of one colour; grey where it is one number. */
function plain(colour: number | readonly number[], width = 4, height = 3): Sharp {
  const channels = typeof colour === "number" ? [colour] : [...colour];
  const data = Buffer.alloc(width * height * channels.length);
  for (let i = 0; i < data.length; i++) data[i] = channels[i % channels.length];
  return sharp(data, { raw: { width, height, channels: channels.length as 1 | 3 | 4 } });
}

async function save(name: string, image: Sharp): Promise<string> {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const grey = (await image.clone().png().metadata()).channels === 1 && /png$/.test(name);
  await (grey ? image.toColourspace("b-w") : image).toFile(path);
  return path;
}

/** Cuts off the second half of a file. */
function halve(path: string): void {
  truncateSync(path, Math.floor(readFileSync(path).length / 2));
}

/** Every example of all three splits, by the first pixel of its first channel. */
async function examples({ train, validation, test: held }: DataSplits): Promise<{ image: number[]; label?: number }[]> {
  const of = async (dataset: Dataset): Promise<{ image: number[]; label?: number }[]> => {
    const { image, label } = await dataset.gather(Array.from({ length: dataset.count }, (_, i) => i));
    const size = image.length / dataset.count;
    return Array.from({ length: dataset.count }, (_, i) => ({
      image: Array.from(image.subarray(i * size, (i + 1) * size), Number),
      ...(label && { label: Number(label[i]) }),
    }));
  };
  const all = [...(await of(train)), ...(await of(validation)), ...(await of(held))];
  return all.sort((a, b) => a.image[0] - b.image[0]);
}

const red = [200, 10, 20];
const blue = [10, 30, 220];

describe("what is read", () => {
  test("sub-folders are labels, at any depth; PNG, JPEG, WebP, GIF, AVIF and TIFF; channels first", async () => {
    await save("cat/a.png", plain(red));
    await save("cat/deep/er/b.webp", plain([201, 10, 20]).webp({ lossless: true }));
    await save("cat/c.tiff", plain([202, 10, 20]));
    await save("dog/a.jpg", plain([203, 10, 20]).jpeg({ quality: 100 }));
    await save("dog/b.JPEG", plain([206, 10, 20]).jpeg({ quality: 100 }));
    await save("dog/c.gif", plain([220, 10, 20]));
    await save("Zebra/a.avif", plain([240, 10, 20]).avif({ lossless: true }));
    const splits = await loadImageFolder(folder);
    expect(splits.train.fields).toEqual({
      image: { dtype: "uint8", shape: [3, 3, 4] },
      label: { dtype: "int32", shape: [] },
    });
    expect(splits.train.classes).toEqual(["Zebra", "cat", "dog"]);
    // GIFs are read with an alpha channel, whether they use it or not.
    expect(splits.notes).toEqual([
      "1 of 7 images had an alpha channel: laid on white",
      "1 class(es) have a single example, too few to be learned or held out: Zebra",
    ]);
    expect(splits.description).toBe("7 colour images of 3 x 4, 3 classes");
    const all = await examples(splits);
    expect(all.map(({ label }) => label)).toEqual([1, 1, 1, 2, 2, 2, 0]);
    expect(all[0].image).toEqual([...Array(12).fill(200), ...Array(12).fill(10), ...Array(12).fill(20)]);
    expect(all[1].image.slice(0, 13)).toEqual([...Array(12).fill(201), 10]);
  });

  test("images in the folder itself have no label", async () => {
    for (let i = 0; i < 20; i++) await save(`${i}.png`, plain(10 * i));
    const splits = await loadImageFolder(folder);
    expect([splits.train.count, splits.validation.count, splits.test.count]).toEqual([16, 2, 2]);
    expect(splits.train.fields).toEqual({ image: { dtype: "uint8", shape: [1, 3, 4] } });
    expect(splits.train.classes).toBeUndefined();
    expect((await examples(splits)).map(({ image }) => image[0])).toEqual(Array.from({ length: 20 }, (_, i) => 10 * i));
    const again = await loadImageFolder(folder);
    expect(await again.train.gather([0, 5])).toEqual(await splits.train.gather([0, 5]));
  });

  test("links are followed, once around a circle", async () => {
    await save("real/a.png", plain(1));
    await save("real/b.png", plain(2));
    symlinkSync(folder, join(folder, "real", "circle"));
    symlinkSync(join(folder, "real", "b.png"), join(folder, "real", "c.png"));
    symlinkSync(join(folder, "nowhere.png"), join(folder, "real", "dangling.png"));
    const splits = await loadImageFolder(folder);
    expect((await examples(splits)).map(({ image }) => image[0]).slice(0, 3)).toEqual([1, 2, 2]);
    expect(splits.notes).toContain("ignored 1 file(s) that are not images and 0 hidden one(s)");
  });

  test("progress counts every image", async () => {
    for (let i = 0; i < 5; i++) await save(`${i}.png`, plain(i));
    const seen: string[] = [];
    await loadImageFolder(folder, { onProgress: (done, total) => seen.push(`${done}/${total}`) });
    expect(seen).toEqual(["1/5", "2/5", "3/5", "4/5", "5/5"]);
  });
});

describe("what is changed, and said", () => {
  test("other sizes: cut around the middle and resized to the most common one", async () => {
    for (let i = 0; i < 3; i++) await save(`${i}.png`, plain(50 + i, 4, 4));
    // Black, but white at its left and right ends, which the cut removes.
    const wide = Buffer.alloc(24 * 8);
    for (let y = 0; y < 8; y++) for (const x of [0, 1, 22, 23]) wide[24 * y + x] = 255;
    await save("wide.png", sharp(wide, { raw: { width: 24, height: 8, channels: 1 } }));
    const splits = await loadImageFolder(folder);
    expect(splits.train.fields.image.shape).toEqual([1, 4, 4]);
    expect((await examples(splits))[0].image).toEqual(Array(16).fill(0));
    expect(splits.notes).toEqual([
      "1 of 4 images had another size: cut to the proportions of 4 x 4 around the middle and resized",
    ]);
    const chosen = await loadImageFolder(folder, { size: [2, 6] });
    expect(chosen.train.fields.image.shape).toEqual([1, 2, 6]);
    expect(chosen.notes[0]).toMatch(/^4 of 4 images had another size: cut to the proportions of 2 x 6/);
  });

  test("the size that is as common but smaller wins, whatever the order", async () => {
    await save("a.png", plain(1, 9, 9));
    await save("b.png", plain(2, 5, 5));
    expect((await loadImageFolder(folder)).train.fields.image.shape).toEqual([1, 5, 5]);
  });

  test("transparency is laid on white", async () => {
    await save("a.png", plain([0, 0, 0, 0]));
    await save("b.png", plain([200, 100, 0, 255]));
    const splits = await loadImageFolder(folder);
    expect((await examples(splits)).map(({ image }) => [image[0], image[12], image[24]]).slice(0, 2)).toEqual([
      [200, 100, 0],
      [200, 100, 0],
    ]);
    expect((await examples(splits)).at(-1)?.image[0]).toBe(255);
    expect(splits.notes).toContain("2 of 2 images had an alpha channel: laid on white");
  });

  test("grey and colour together become RGB; grey stored as colour becomes grey", async () => {
    await save("a.png", plain(7));
    await save("b.png", plain([9, 9, 9]));
    const grey = await loadImageFolder(folder);
    expect(grey.train.fields.image.shape).toEqual([1, 3, 4]);
    expect(grey.notes).toContain("1 of 2 images were stored in colour: turned to grey");
    expect((await examples(grey)).map(({ image }) => image[0])).toContain(9);
    await save("c.png", plain(red));
    const mixed = await loadImageFolder(folder);
    expect(mixed.train.fields.image.shape).toEqual([3, 3, 4]);
    expect(mixed.notes).toContain("1 of 3 images were grey: turned to RGB");
    expect((await examples(mixed)).map(({ image }) => [image[0], image[12], image[24]])).toEqual([
      [7, 7, 7],
      [9, 9, 9],
      red,
    ]);
    const asked = await loadImageFolder(folder, { channels: 1 });
    expect(asked.train.fields.image.shape).toEqual([1, 3, 4]);
    expect((await loadImageFolder(folder, { channels: 3 })).train.fields.image.shape).toEqual([3, 3, 4]);
  });

  test("16 bits become 8, grey and colour", async () => {
    const grey = sharp(
      Uint16Array.from({ length: 12 }, (_, i) => [0, 0x8080, 0xffff][i % 3]),
      { raw: { width: 4, height: 3, channels: 1 } },
    );
    await grey.toColourspace("grey16").toFile(join(folder, "a.png"));
    expect(await sharp(join(folder, "a.png")).metadata()).toMatchObject({ depth: "ushort", space: "grey16" });
    const splits = await loadImageFolder(folder);
    expect(splits.train.fields.image).toEqual({ dtype: "uint8", shape: [1, 3, 4] });
    expect((await examples(splits))[0].image.slice(0, 4)).toEqual([0, 0x80, 0xff, 0]);
    const data = Uint16Array.from({ length: 36 }, (_, i) => [0xffff, 0, 0x4040][i % 3]);
    const bright = sharp(data, { raw: { width: 4, height: 3, channels: 3 } });
    await bright.toColourspace("rgb16").toFile(join(folder, "a.png"));
    expect(await sharp(join(folder, "a.png")).metadata()).toMatchObject({ depth: "ushort", space: "rgb16" });
    const colour = (await examples(await loadImageFolder(folder)))[0].image;
    expect([colour[0], colour[12], colour[24]]).toEqual([0xff, 0, 0x40]);
  });

  test("a photo is turned as its EXIF says", async () => {
    const top = Buffer.concat([Buffer.alloc(16 * 8, 255), Buffer.alloc(16 * 8, 0)]); // white above black
    const photo = sharp(top, { raw: { width: 16, height: 16, channels: 1 } }).resize(16, 32, { fit: "fill" });
    await save("a.jpg", photo.jpeg({ quality: 100 }).withMetadata({ orientation: 6 })); // to be turned clockwise
    const splits = await loadImageFolder(folder);
    expect(splits.train.fields.image.shape).toEqual([1, 16, 32]);
    const [{ image }] = await examples(splits);
    expect(image[0]).toBeLessThan(10);
    expect(image[31]).toBeGreaterThan(245);
    expect(image[15 * 32]).toBeLessThan(10);
    expect(splits.notes).not.toContain(expect.stringMatching(/another size/));
  });
});

describe("what is left out, and said", () => {
  test("images that cannot be decoded are named, counted and skipped", async () => {
    for (let i = 0; i < 4; i++) await save(`good/${i}.png`, plain(blue.map((value) => value + i)));
    mkdirSync(join(folder, "bad"));
    writeFileSync(join(folder, "bad", "text.png"), "this is no image");
    halve(await save("bad/cut.jpg", plain(red, 200, 200).jpeg()));
    halve(await save("bad/cut.png", plain(red, 200, 200)));
    const splits = await loadImageFolder(folder, { size: [3, 4] });
    expect(splits.train.count + splits.validation.count + splits.test.count).toBe(4);
    expect(splits.train.classes).toEqual(["good"]);
    expect(splits.notes[0]).toMatch(/^warning: skipped 3 image\(s\) that cannot be decoded: bad\/cut.jpg \(.+\), /);
    expect(splits.notes[0]).toMatch(/bad\/cut.png \(.+\), bad\/text.png \(.+unsupported image format\)$/);
    expect((await examples(splits)).map(({ image }) => [image[0], image[12], image[24]])).toEqual(
      [0, 1, 2, 3].map((i) => blue.map((value) => value + i)),
    );
  });

  test("of many failures ten are named", async () => {
    await save("good.png", plain(1));
    for (let i = 10; i < 22; i++) writeFileSync(join(folder, `${i}.png`), "x");
    const { notes } = await loadImageFolder(folder);
    expect(notes[0]).toMatch(/skipped 12 image.*10\.png.*19\.png \([^)]*\), and 2 more$/);
    expect(notes.at(-1)).toMatch(/^1 example\(s\) are too few to hold any out/);
  });

  test("hidden files, other files, and images beside the sub-folders", async () => {
    for (const name of ["a/1.png", "a/2.png", "b/3.png", "b/4.png", "stray.png", ".hidden/5.png"]) {
      await save(name, plain(3));
    }
    for (const name of ["a/.DS_Store", "README.md", "b/labels.csv"]) writeFileSync(join(folder, name), "");
    const splits = await loadImageFolder(folder);
    expect(splits.train.classes).toEqual(["a", "b"]);
    expect(splits.train.count + splits.validation.count + splits.test.count).toBe(4);
    expect(splits.notes).toEqual([
      "warning: skipped 1 image(s) outside the sub-folders: they have no label",
      "ignored 2 file(s) that are not images and 2 hidden one(s)",
    ]);
  });
});

describe("errors", () => {
  test("an empty folder, one without images, one where none can be decoded", async () => {
    await expect(loadImageFolder(folder)).rejects.toMatchObject({
      code: "data",
      message: `${folder}: it holds no images; put PNG, JPEG or WebP files in it, or a sub-folder of them per label`,
    });
    writeFileSync(join(folder, "notes.txt"), "");
    await expect(loadImageFolder(folder)).rejects.toThrow("none of its 1 files is an image");
    writeFileSync(join(folder, "a.png"), "no image");
    await expect(loadImageFolder(folder)).rejects.toThrow(
      /none of its 1 images can be decoded: a.png \(.*unsupported image format\); PNG, JPEG/,
    );
    halve(await save("a.png", plain(red, 300, 300)));
    await expect(loadImageFolder(folder)).rejects.toThrow(/none of its 1 images can be decoded/);
    await expect(loadImageFolder(join(folder, "none"))).rejects.toThrow("cannot be read: it does not exist");
  });

  test("more than memory is to hold, and a size out of range", async () => {
    for (let i = 0; i < 3; i++) await save(`${i}.png`, plain(red, 100, 100));
    await expect(loadImageFolder(folder, { maxBytes: 60_000 })).rejects.toMatchObject({
      code: "data",
      message:
        `${folder}: 3 images of 100 x 100 take 0.090 MB; ` +
        "at most 0.060 MB fit; choose a smaller size, or give a cache folder to keep them in a file",
    });
    expect((await loadImageFolder(folder, { maxBytes: 60_000, size: [50, 50] })).train.count).toBe(1);
    for (const size of [
      [0, 4],
      [4, 1.5],
      [20_000, 1],
    ] as const) {
      await expect(loadImageFolder(folder, { size })).rejects.toMatchObject({ code: "config" });
    }
  });
});
