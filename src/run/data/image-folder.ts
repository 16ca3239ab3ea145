/** A folder of images as a data set; a sub-folder's name is the label of the images in and below it. */

import { basename, resolve } from "node:path";
import { foldKey, GalateaError, hashName, keyFromSeed } from "../../core/base/index.ts";
import type { DataSplits } from "./dataset.ts";
import { findImages, type ImageFile } from "./image-files.ts";
import { ignoredNotes, lonelyNotes } from "./image-notes.ts";
import { pixelDataset } from "./pixel-store.ts";
import { splitInThree } from "./splits.ts";
import { type StoreImagesOptions, storeImages } from "./stored-images.ts";

export interface ImageFolderOptions extends StoreImagesOptions {
  /** Which files belong to it, by name; all where absent. */
  readonly only?: (fileName: string) => boolean;
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
  const { pixels, size, readable, kept, notes: imageNotes } = await storeImages(folder, files, options);
  const [height, width] = size;
  const { channels } = pixels;
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
    ...imageNotes,
    ...ignoredNotes(found, strayCount),
    ...(classes ? lonelyNotes(good.map(({ label = "" }) => label)) : []),
    ...parts.notes,
  ];
  const kind = `${channels === 1 ? "grey" : "colour"} images of ${height} x ${width}`;
  const description = `${good.length} ${kind}, ${classes ? `${classes.length} classes` : "no labels"}`;
  return { name, description, ...parts, notes };
}

/** Where some images lie in sub-folders, those that do not have no label and are left out. */
function labelledFiles(files: readonly ImageFile[]): { files: readonly ImageFile[]; strayCount: number } {
  const labelled = files.filter(({ label }) => label !== undefined);
  if (labelled.length === 0) return { files, strayCount: 0 };
  return { files: labelled, strayCount: files.length - labelled.length };
}

export function classesOf(files: readonly Pick<ImageFile, "label">[]): readonly string[] | undefined {
  const labels = new Set(files.flatMap(({ label }) => label ?? []));
  return labels.size === 0 ? undefined : [...labels].sort();
}

export function labelsOf(files: readonly Pick<ImageFile, "label">[], classes: readonly string[] = []): Int32Array {
  const numbers = new Map(classes.map((name, index) => [name, index]));
  return Int32Array.from(files, ({ label = "" }) => numbers.get(label) ?? 0);
}
