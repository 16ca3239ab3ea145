/** Images of a folder, decoded to one size and kept: what every data set of image files begins with. */

import { GalateaError } from "../../core/base/index.ts";
import {
  decodeImage,
  fingerprintOf,
  forEachConcurrently,
  type ImageFile,
  type ImageHeader,
  readHeader,
  toPlanes,
} from "./image-files.ts";
import { changeNotes, nameFailures, skippedNotes } from "./image-notes.ts";
import { storePixels } from "./pixel-store.ts";
import { type Pixels, reasonOf } from "./pixels.ts";

export interface StoreImagesOptions {
  /** Pixels; default: the most common size of the images. */
  readonly size?: readonly [height: number, width: number];
  /** 1 grey, 3 RGB; default: 1 when all images are grey. */
  readonly channels?: 1 | 3;
  /** Most bytes that the images may take in memory; default 2^31. */
  readonly maxBytes?: number;
  /** Where images that take more are kept as a file of their pixels; without it they are refused. */
  readonly cacheFolder?: string;
  /** Called after each image: images decoded so far, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Images that could be decoded. */
export interface StoredImages {
  readonly pixels: Pixels;
  readonly size: readonly [height: number, width: number];
  /** Files with a readable header, in the order of the pixels, and which of them were decoded. */
  readonly readable: readonly ImageFile[];
  readonly kept: readonly number[];
  /** What was done to them: skipped, resized, turned to grey or colour. */
  readonly notes: readonly string[];
}

/**
 * Decodes images to one size and keeps their pixels, in memory or in a file. What cannot be decoded is left out.
 *
 * Shapes: uint8 [channels, height, width] each; one channel where all images are grey and nobody says otherwise.
 * @throws GalateaError `data` when no image is left, or they do not fit into memory; `config` for a size out of range.
 */
export async function storeImages(
  folder: string,
  files: readonly ImageFile[],
  options: StoreImagesOptions,
): Promise<StoredImages> {
  checkSize(options.size);
  const failures = new Map<ImageFile, string>();
  const headers = await readHeaders(files, failures);
  if (headers.size === 0) throw noneLeft(folder, failures);
  const size = options.size ?? mostCommonSize(headers.values());
  const [height, width] = size;
  const stored = options.channels ?? ([...headers.values()].every(({ grey }) => grey) ? 1 : 3);
  const readable = files.filter((file) => headers.has(file));
  const pixels = await storePixels({
    ...options,
    folder,
    what: `${readable.length} images of ${height} x ${width}`,
    count: readable.length,
    layout: { frames: 1, channels: stored, area: height * width },
    decode: async (index) => toPlanes(await decodeImage(readable[index].path, size, stored), stored),
    mayBecomeGrey: options.channels === undefined,
    fingerprint: () => fingerprintOf(readable, size),
  });
  for (const [index, reason] of pixels.failures) failures.set(readable[index], reason);
  const kept = readable.flatMap((_, index) => (pixels.failures.has(index) ? [] : [index]));
  if (kept.length === 0) throw noneLeft(folder, failures);
  const decoded = kept.flatMap((index) => headers.get(readable[index]) ?? []);
  const notes = [...pixels.notes, ...skippedNotes(failures), ...changeNotes(decoded, size, pixels.channels)];
  return { pixels, size, readable, kept, notes };
}

export function checkSize(size: StoreImagesOptions["size"]): void {
  if (size?.every((side) => Number.isInteger(side) && side >= 1 && side <= 16_384) === false) {
    throw new GalateaError("config", "size", `${size.join(" x ")} is out of range`, "whole numbers from 1 to 16384");
  }
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

function noneLeft(folder: string, failures: ReadonlyMap<ImageFile, string>): GalateaError {
  const what = `none of its ${failures.size} images can be decoded: ${nameFailures(failures)}`;
  return new GalateaError("data", folder, what, "PNG, JPEG, WebP, GIF, AVIF, TIFF and SVG can be read");
}
