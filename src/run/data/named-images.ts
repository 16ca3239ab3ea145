/** Images to be worked on, rather than learned from: each with its name, read at one size. */

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { GalateaError } from "../../core/base/index.ts";
import { fileError } from "../files.ts";
import { idxImageFiles } from "./idx-images.ts";
import { decodeImage, findImages, forEachConcurrently, type ImageFile, isImageName } from "./image-files.ts";

export interface NamedImages {
  /** Path of each below the folder, or the file's own name. */
  readonly names: readonly string[];
  /** Sub-folder that each lies in or below, where it does. */
  readonly labels: readonly (string | undefined)[];
  /** [N, C, H, W]. */
  readonly shape: readonly [count: number, channels: number, height: number, width: number];
  /** Row-major, 0 to 255. */
  readonly data: Uint8Array;
  /** Images that cannot be decoded, each in a line. */
  readonly notes: readonly string[];
}

/**
 * Reads one image, or all in and below a folder, resized to what a model reads: the middle is cut out in its
 * proportions, transparent parts are laid on white.
 *
 * @throws GalateaError `data` when there is none that can be decoded.
 */
export async function readNamedImages(
  path: string,
  [channels, height, width]: readonly number[],
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<NamedImages> {
  if (channels !== 1 && channels !== 3) {
    throw new GalateaError("data", path, `images of ${channels} channels are asked for`, "the model must read 1 or 3");
  }
  const files = await filesAt(path);
  const decoded: (Uint8Array | undefined)[] = files.map(() => undefined);
  const notes: string[] = [];
  let done = 0;
  await forEachConcurrently(files.length, async (index) => {
    try {
      decoded[index] = await decodeImage(files[index].path, [height, width], channels);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      notes.push(`${files[index].name} cannot be decoded and is left out: ${reason.trim().replace(/\s*\n\s*/g, ", ")}`);
    }
    onProgress(++done, files.length);
  });
  const good = files.flatMap((file, index) => (decoded[index] ? [{ file, bytes: decoded[index] }] : []));
  if (good.length === 0) {
    const seen = notes.length > 0 ? `none of its images can be decoded: ${notes[0]}` : "it holds no images";
    throw new GalateaError("data", path, seen, "an image, or a folder of PNG, JPEG or WebP files");
  }
  const size = channels * height * width;
  const data = new Uint8Array(good.length * size);
  for (const [index, { bytes }] of good.entries()) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < height * width; i++) data[index * size + c * height * width + i] = bytes[i * channels + c];
    }
  }
  return {
    names: good.map(({ file }) => file.name),
    labels: good.map(({ file }) => file.label),
    shape: [good.length, channels, height, width],
    data,
    notes,
  };
}

/** Whether a path is an image by its name, or a folder of images rather than of IDX files; decodes nothing. */
export async function holdsImages(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found !== undefined && isImageName(path);
  if ((await idxImageFiles(path)).length > 0) return false;
  return (await findImages(path)).files.length > 0;
}

async function filesAt(path: string): Promise<readonly Pick<ImageFile, "path" | "name" | "label">[]> {
  try {
    if ((await stat(path)).isDirectory()) return (await findImages(path)).files;
  } catch (cause) {
    throw fileError("data", path, "read", cause);
  }
  return [{ path, name: basename(path), label: undefined }];
}
