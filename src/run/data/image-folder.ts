/** A folder of images as a data set; a sub-folder's name is the label of the images in and below it. */

import { basename, resolve } from "node:path";
import { foldKey, GalateaError, hashName, keyFromSeed } from "../../core/base/index.ts";
import type { DataSplits } from "./dataset.ts";
import {
  decodeImage,
  findImages,
  fingerprintOf,
  forEachConcurrently,
  type ImageFile,
  type ImageHeader,
  readHeader,
  toPlanes,
} from "./image-files.ts";
import { changeNotes, ignoredNotes, lonelyNotes, nameFailures, skippedNotes } from "./image-notes.ts";
import { pixelDataset, storePixels } from "./pixel-store.ts";
import { reasonOf } from "./pixels.ts";
import { splitInThree } from "./splits.ts";

export interface ImageFolderOptions {
  /** Pixels; default: the most common size of the images. */
  readonly size?: readonly [height: number, width: number];
  /** 1 grey, 3 RGB; default: 1 when all images are grey. */
  readonly channels?: 1 | 3;
  /** Which files belong to it, by name; all where absent. */
  readonly only?: (fileName: string) => boolean;
  /** Most bytes that the images may take in memory; default 2^31. */
  readonly maxBytes?: number;
  /** Where images that take more are kept as a file of their pixels; without it they are refused. */
  readonly cacheFolder?: string;
  /** Called after each image: images decoded so far, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The split is the same for every run, whatever its seed: what was test once is never trained on. */
const splitKey = foldKey(keyFromSeed(0), hashName("image-folder"));

/**
 * Loads a folder of PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG images into memory, in the order of their paths;
 * a shuffle with a fixed key splits them 80/10/10. Images that cannot be decoded are left out; notes name
 * them and say whatever else was done to the images. Where they take more than `maxBytes`, their pixels are
 * written to a file of the cache folder, once, and batches are read from there.
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

  const [height, width] = options.size ?? mostCommonSize(headers.values());
  const stored = options.channels ?? ([...headers.values()].every(({ grey }) => grey) ? 1 : 3);
  const readable = files.filter((file) => headers.has(file));
  const pixels = await storePixels({
    ...options,
    folder,
    what: `${readable.length} images of ${height} x ${width}`,
    count: readable.length,
    layout: { frames: 1, channels: stored, area: height * width },
    decode: async (index) => toPlanes(await decodeImage(readable[index].path, [height, width], stored), stored),
    mayBecomeGrey: options.channels === undefined,
    fingerprint: () => fingerprintOf(readable, [height, width]),
  });
  const { channels } = pixels;
  for (const [index, reason] of pixels.failures) failures.set(readable[index], reason);
  const kept = readable.flatMap((_, index) => (pixels.failures.has(index) ? [] : [index]));
  if (kept.length === 0) throw noneLeft(folder, failures);
  const good = kept.map((index) => readable[index]);

  const classes = classesOf(good);
  const all = pixelDataset(name, pixels, {
    field: "image",
    shape: [channels, height, width],
    kept,
    ...(classes && { classes, labels: labelsOf(good, classes) }),
  });
  const parts = splitInThree(all, splitKey);
  const notes = [
    ...pixels.notes,
    ...skippedNotes(failures),
    ...ignoredNotes(found, strayCount),
    ...changeNotes(
      good.flatMap((file) => headers.get(file) ?? []),
      [height, width],
      channels,
    ),
    ...(classes ? lonelyNotes(good.map(({ label = "" }) => label)) : []),
    ...parts.notes,
  ];
  const kind = `${channels === 1 ? "grey" : "colour"} images of ${height} x ${width}`;
  const description = `${good.length} ${kind}, ${classes ? `${classes.length} classes` : "no labels"}`;
  return { name, description, ...parts, notes };
}

export function checkSize(size: ImageFolderOptions["size"]): void {
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

/** The size of most images; of equally common ones the smallest. */
export function mostCommonSize(headers: Iterable<ImageHeader>): readonly [height: number, width: number] {
  const counts = new Map<string, { size: readonly [number, number]; count: number }>();
  for (const { height, width } of headers) {
    const name = `${height} x ${width}`;
    counts.set(name, { size: [height, width], count: (counts.get(name)?.count ?? 0) + 1 });
  }
  const area = ([height, width]: readonly [number, number]): number => height * width;
  const ranked = [...counts.values()].sort(
    (a, b) => b.count - a.count || area(a.size) - area(b.size) || a.size[0] - b.size[0],
  );
  return ranked[0].size;
}

export function classesOf(files: readonly Pick<ImageFile, "label">[]): readonly string[] | undefined {
  const labels = new Set(files.flatMap(({ label }) => label ?? []));
  return labels.size === 0 ? undefined : [...labels].sort();
}

export function labelsOf(files: readonly Pick<ImageFile, "label">[], classes: readonly string[] = []): Int32Array {
  const numbers = new Map(classes.map((name, index) => [name, index]));
  return Int32Array.from(files, ({ label = "" }) => numbers.get(label) ?? 0);
}

function noneLeft(folder: string, failures: ReadonlyMap<ImageFile, string>): GalateaError {
  const what = `none of its ${failures.size} images can be decoded: ${nameFailures(failures)}`;
  return new GalateaError("data", folder, what, "PNG, JPEG, WebP, GIF, AVIF, TIFF and SVG can be read");
}
