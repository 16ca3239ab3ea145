/** Image files of a folder: found, looked at, and decoded to bytes of one size. */

import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { fileError } from "../files.ts";

const endings = /\.(png|jpe?g|webp|gif|avif|tiff?|svg)$/i;

/** Whether a file's name says that it is an image of a kind that can be decoded. */
export function isImageName(name: string): boolean {
  return endings.test(name);
}

export interface ImageFile {
  readonly path: string;
  /** Path below the folder, with `/` between its parts on every system. */
  readonly name: string;
  /** The sub-folder that it lies in or below; `undefined` for an image in the folder itself. */
  readonly label: string | undefined;
}

export interface FoundImages {
  /** Sorted by name, in the order of UTF-16 units. */
  readonly files: readonly ImageFile[];
  /** Files and folders left out because their names start with a dot. */
  readonly hiddenCount: number;
  /** Files left out because their names do not end like an image's. */
  readonly otherCount: number;
}

export interface ImageHeader {
  /** After rotation as the file asks for. */
  readonly height: number;
  readonly width: number;
  readonly grey: boolean;
  readonly transparent: boolean;
  /** Pictures in the file: more than one in an animation. */
  readonly pages: number;
}

/**
 * All image files in and below a folder; links are followed, each folder is entered once.
 *
 * @throws GalateaError `data` when a folder cannot be read.
 */
export async function findImages(folder: string): Promise<FoundImages> {
  const files: ImageFile[] = [];
  const entered = new Set<string>();
  let hiddenCount = 0;
  let otherCount = 0;
  const enter = async (path: string, parts: readonly string[]): Promise<void> => {
    const real = await realpath(path);
    if (entered.has(real)) return;
    entered.add(real);
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const below = [...parts, entry.name];
      const at = join(path, entry.name);
      if (entry.name.startsWith(".")) hiddenCount++;
      else if (await leadsTo("folder", entry, at)) await enter(at, below);
      else if (!endings.test(entry.name) || !(await leadsTo("file", entry, at))) otherCount++;
      else files.push({ path: at, name: below.join("/"), label: below.length > 1 ? below[0] : undefined });
    }
  };
  try {
    await enter(folder, []);
  } catch (cause) {
    throw fileError("data", folder, "read", cause);
  }
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { files, hiddenCount, otherCount };
}

async function leadsTo(kind: "file" | "folder", entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return kind === "file" ? entry.isFile() : entry.isDirectory();
  const target = await stat(path).catch(() => undefined);
  return (kind === "file" ? target?.isFile() : target?.isDirectory()) ?? false;
}

/** What the header of an image file says. Throws what the image library throws. */
export async function readHeader(path: string): Promise<ImageHeader> {
  const { default: sharp } = await import("sharp");
  const { autoOrient, space, hasAlpha, pages = 1 } = await sharp(path).metadata();
  return { ...autoOrient, grey: space === "b-w" || space === "grey16", transparent: hasAlpha, pages };
}

/**
 * An image's bytes, [height, width, channels]: turned as the file asks for, laid on white, 8 bits, the
 * middle cut out in the wanted proportions and resized. Throws what the image library throws.
 *
 * @param page which picture of an animation, from 0
 */
export async function decodeImage(
  path: string,
  [height, width]: readonly [height: number, width: number],
  channels: 1 | 3,
  page = 0,
): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const { data, info } = await sharp(path, { failOn: "error", ...(page > 0 && { page }) })
    .autoOrient()
    .flatten({ background: "white" })
    .resize(width, height, { fit: "cover", position: "centre" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === channels) return data;
  throw new Error(`decoded to ${info.channels} channels, not ${channels}`);
}

/** [height, width, channels] -> [channels, height, width]. */
export function toPlanes(bytes: Uint8Array, channels: number): Uint8Array {
  if (channels === 1) return bytes;
  const area = bytes.length / channels;
  const planes = new Uint8Array(bytes.length);
  for (let c = 0; c < channels; c++) for (let i = 0; i < area; i++) planes[c * area + i] = bytes[i * channels + c];
  return planes;
}

/** What changes when one of the files does, or the size that they are wanted in. */
export async function fingerprintOf(
  files: readonly Pick<ImageFile, "path">[],
  size: readonly [height: number, width: number],
): Promise<unknown> {
  const seen: unknown[] = new Array(files.length);
  await forEachConcurrently(files.length, async (index) => {
    const { path } = files[index];
    const { size: bytes, mtimeMs } = await stat(path);
    seen[index] = [resolve(path), bytes, mtimeMs];
  });
  return { size, files: seen };
}

/** Runs `work` for 0 to count - 1, as many at a time as there are processors. */
export async function forEachConcurrently(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, availableParallelism()) }, worker));
}
