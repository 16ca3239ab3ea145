/** A folder of images as a data set; a sub-folder's name is the label of the images in and below it. */

import { basename, resolve } from "node:path";
import { foldKey, GalateaError, hashName, keyFromSeed } from "../../core/base/index.ts";
import { type DataSplits, type FieldValues, memoryDataset } from "./dataset.ts";
import {
  decodeImage,
  findImages,
  forEachConcurrently,
  type ImageFile,
  type ImageHeader,
  readHeader,
} from "./image-files.ts";
import { changeNotes, ignoredNotes, nameFailures, skippedNotes } from "./image-notes.ts";
import { splitInThree } from "./splits.ts";

export interface ImageFolderOptions {
  /** Pixels; default: the most common size of the images. */
  readonly size?: readonly [height: number, width: number];
  /** 1 grey, 3 RGB; default: 1 when all images are grey. */
  readonly channels?: 1 | 3;
  /** Two sub-folders are two domains, rather than labels; paired, images of one name belong together. */
  readonly domains?: "unpaired" | "paired";
  /** Which files belong to it, by name; all where absent. */
  readonly only?: (fileName: string) => boolean;
  /** Most bytes that the images may take in memory; default 2^31. */
  readonly maxBytes?: number;
  /** Called after each image: images decoded so far, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The split is the same for every run, whatever its seed: what was test once is never trained on. */
const splitKey = foldKey(keyFromSeed(0), hashName("image-folder"));

/**
 * Loads a folder of PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG images into memory, in the order of their paths;
 * a shuffle with a fixed key splits them 80/10/10. Images that cannot be decoded are left out; notes name
 * them and say whatever else was done to the images.
 *
 * Shapes: `image` uint8 [channels, height, width]; `label` int32, where there are sub-folders.
 *
 * @throws GalateaError `data` when no image is left, or they do not fit into memory; `config` for a size
 *   out of range.
 */
export async function loadImageFolder(
  folder: string,
  options: ImageFolderOptions = {},
  name = basename(resolve(folder)),
): Promise<DataSplits> {
  checkSize(options.size);
  const found = await findImages(folder);
  if (found.files.length === 0) {
    const seen = found.otherCount === 0 ? "it holds no images" : `none of its ${found.otherCount} files is an image`;
    throw new GalateaError(
      "data",
      folder,
      seen,
      "put PNG, JPEG or WebP files in it, or a sub-folder of them per label",
    );
  }
  const { only = () => true } = options;
  const { files, strayCount } = labelledFiles(found.files.filter(({ name: fileName }) => only(fileName)));
  const failures = new Map<ImageFile, string>();
  const headers = await readHeaders(files, failures);
  if (headers.size === 0) throw noneLeft(folder, failures);

  const [height, width] = options.size ?? mostCommonSize(headers);
  const stored = options.channels ?? ([...headers.values()].every(({ grey }) => grey) ? 1 : 3);
  const readable = files.filter((file) => headers.has(file));
  const needed = readable.length * stored * height * width;
  const limit = options.maxBytes ?? 2 ** 31;
  if (needed > limit) {
    const what = `${readable.length} images of ${height} x ${width} take ${megabytes(needed)}`;
    throw new GalateaError("data", folder, what, `at most ${megabytes(limit)} fit; choose a smaller image size`);
  }
  const pixels = new Uint8Array(needed);
  const decoded = await decodeAll(readable, pixels, [height, width], stored, failures, options.onProgress);
  const good = readable.filter((_, index) => decoded[index]);
  if (good.length === 0) throw noneLeft(folder, failures);
  compact(pixels, decoded, stored * height * width);
  const length = good.length * height * width;
  const greyAfterAll = options.channels === undefined && stored === 3 && isGrey(pixels, good.length, height * width);
  if (greyAfterAll) compact(pixels, plane(3 * good.length), height * width);
  const channels = greyAfterAll ? 1 : stored;

  const image: FieldValues = {
    dtype: "uint8",
    shape: [channels, height, width],
    data: pixels.subarray(0, channels * length),
  };
  const classes = classesOf(good);
  const label: FieldValues = { dtype: "int32", shape: [], data: labelsOf(good, classes) };
  const all = memoryDataset(name, good.length, classes ? { image, label } : { image }, classes);
  const parts = splitInThree(all, splitKey);
  const notes = [
    ...skippedNotes(failures),
    ...ignoredNotes(found, strayCount),
    ...changeNotes(
      good.flatMap((file) => headers.get(file) ?? []),
      [height, width],
      channels,
    ),
    ...parts.notes,
  ];
  const kind = `${channels === 1 ? "grey" : "colour"} images of ${height} x ${width}`;
  const description = `${good.length} ${kind}, ${classes ? `${classes.length} classes` : "no labels"}`;
  return { name, description, ...parts, notes };
}

function checkSize(size: ImageFolderOptions["size"]): void {
  if (size?.every((side) => Number.isInteger(side) && side >= 1 && side <= 16_384) === false) {
    throw new GalateaError("config", "size", `${size.join(" x ")} is out of range`, "whole numbers from 1 to 16384");
  }
}

/** Where some images lie in sub-folders, those that do not have no label and are left out. */
function labelledFiles(files: readonly ImageFile[]): { files: readonly ImageFile[]; strayCount: number } {
  const labelled = files.filter(({ label }) => label !== undefined);
  if (labelled.length === 0) return { files, strayCount: 0 };
  return { files: labelled, strayCount: files.length - labelled.length };
}

async function readHeaders(
  files: readonly ImageFile[],
  failures: Map<ImageFile, string>,
): Promise<ReadonlyMap<ImageFile, ImageHeader>> {
  const headers = new Array<ImageHeader | undefined>(files.length);
  await forEachConcurrently(files.length, async (index) => {
    try {
      headers[index] = await readHeader(files[index].path);
    } catch (error) {
      failures.set(files[index], reasonOf(error));
    }
  });
  return new Map(files.flatMap((file, index) => (headers[index] ? [[file, headers[index]]] : [])));
}

/** Decodes into `pixels` [N, C, H, W]; returns which of the images succeeded. */
async function decodeAll(
  files: readonly ImageFile[],
  pixels: Uint8Array,
  size: readonly [height: number, width: number],
  channels: 1 | 3,
  failures: Map<ImageFile, string>,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<readonly boolean[]> {
  const area = size[0] * size[1];
  const succeeded = new Array<boolean>(files.length).fill(false);
  let done = 0;
  await forEachConcurrently(files.length, async (index) => {
    try {
      const bytes = await decodeImage(files[index].path, size, channels);
      const start = index * channels * area;
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < area; i++) pixels[start + c * area + i] = bytes[i * channels + c];
      }
      succeeded[index] = true;
    } catch (error) {
      failures.set(files[index], reasonOf(error));
    }
    onProgress(++done, files.length);
  });
  return succeeded;
}

/** Moves the blocks of `size` bytes that are kept to the front. */
function compact(bytes: Uint8Array, kept: readonly boolean[], size: number): void {
  let to = 0;
  for (const [from, keep] of kept.entries()) {
    if (keep) bytes.copyWithin(size * to++, size * from, size * (from + 1));
  }
}

/** Of `count` planes every third is kept: the first channel of each image. */
function plane(count: number): readonly boolean[] {
  return Array.from({ length: count }, (_, index) => index % 3 === 0);
}

function isGrey(pixels: Uint8Array, count: number, area: number): boolean {
  for (let image = 0; image < count; image++) {
    const start = 3 * image * area;
    for (let i = start; i < start + area; i++) {
      if (pixels[i] !== pixels[i + area] || pixels[i] !== pixels[i + 2 * area]) return false;
    }
  }
  return true;
}

/** The size of most images; of equally common ones the smallest. */
function mostCommonSize(headers: ReadonlyMap<ImageFile, ImageHeader>): readonly [height: number, width: number] {
  const counts = new Map<string, { size: readonly [number, number]; count: number }>();
  for (const { height, width } of headers.values()) {
    const name = `${height} x ${width}`;
    counts.set(name, { size: [height, width], count: (counts.get(name)?.count ?? 0) + 1 });
  }
  const area = ([height, width]: readonly [number, number]): number => height * width;
  const ranked = [...counts.values()].sort(
    (a, b) => b.count - a.count || area(a.size) - area(b.size) || a.size[0] - b.size[0],
  );
  return ranked[0].size;
}

function classesOf(files: readonly ImageFile[]): readonly string[] | undefined {
  const labels = new Set(files.flatMap(({ label }) => label ?? []));
  return labels.size === 0 ? undefined : [...labels].sort();
}

function labelsOf(files: readonly ImageFile[], classes: readonly string[] = []): Int32Array {
  const numbers = new Map(classes.map((name, index) => [name, index]));
  return Int32Array.from(files, ({ label = "" }) => numbers.get(label) ?? 0);
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().replace(/\s*\n\s*/g, ", ");
}

function noneLeft(folder: string, failures: ReadonlyMap<ImageFile, string>): GalateaError {
  const what = `none of its ${failures.size} images can be decoded: ${nameFailures(failures)}`;
  return new GalateaError("data", folder, what, "PNG, JPEG, WebP, GIF, AVIF, TIFF and SVG can be read");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 3 : 0)} MB`;
}
