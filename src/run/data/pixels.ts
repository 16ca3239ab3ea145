/** The pixels of all examples of a folder: decoded once, kept in memory where they fit, else in a file. */

import { GalateaError, type Shape } from "../../core/base/index.ts";
import { type Batch, checkIndices, type Dataset } from "./dataset.ts";
import { forEachConcurrently } from "./image-files.ts";
import { openPixelFile } from "./pixel-file.ts";

/** How the bytes of an example lie: [frames, channels, area], of one frame where it is an image. */
export interface PixelLayout {
  readonly frames: number;
  readonly channels: 1 | 3;
  /** Pixels of a frame. */
  readonly area: number;
}

export interface PixelOptions {
  /** Names the data in errors. */
  readonly folder: string;
  /** What there are so many of, e.g. `40 images of 8 x 8`. */
  readonly what: string;
  readonly count: number;
  readonly layout: PixelLayout;
  /** The bytes of example `index`, as `layout` says. What it throws leaves the example out. */
  decode(index: number): Promise<Uint8Array>;
  /** Whether examples that are colour, but show none, become grey. */
  readonly mayBecomeGrey: boolean;
  /** All that decides the bytes, so that a file made before is found again. */
  fingerprint(): Promise<unknown>;
  /** Most bytes in memory; 2^31 where absent. */
  readonly maxBytes?: number;
  /** Where files of what does not fit are kept; without it that is an error. */
  readonly cacheFolder?: string;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Pixels {
  readonly channels: 1 | 3;
  /** Why examples could not be decoded, by their number. */
  readonly failures: ReadonlyMap<number, string>;
  readonly notes: readonly string[];
  /** The bytes of these examples, side by side. */
  gather(indices: readonly number[]): Uint8Array | Promise<Uint8Array>;
}

/**
 * Decodes all examples; a file that an earlier call made of the same ones is used as it is.
 *
 * @throws GalateaError `data` when they do not fit into memory and there is no folder for them; `storage` when the file
 *   cannot be written.
 */
export async function storePixels(options: PixelOptions): Promise<Pixels> {
  const { folder, what, count, layout, cacheFolder, maxBytes = 2 ** 31 } = options;
  const needed = count * sizeOfExample(layout);
  if (needed <= maxBytes) return inMemory(options);
  if (cacheFolder !== undefined) return openPixelFile({ ...options, cacheFolder });
  const right = `at most ${megabytes(maxBytes)} fit; choose a smaller size, or give a cache folder to keep them in a file`;
  throw new GalateaError("data", folder, `${what} take ${megabytes(needed)}`, right);
}

export interface PixelFields {
  /** Name of the field that the pixels are. */
  readonly field: "image" | "video";
  readonly shape: Shape;
  /** Which examples could be decoded, in order. */
  readonly kept: readonly number[];
  readonly classes?: readonly string[];
  /** Of each that is kept. */
  readonly labels?: Int32Array;
}

/** Pixels, with labels where there are any, as a data set. */
export function pixelDataset(
  name: string,
  pixels: Pixels,
  { field, shape, kept, classes, labels }: PixelFields,
): Dataset {
  const gather = async (indices: Uint32Array | readonly number[]): Promise<Batch> => {
    checkIndices(name, kept.length, indices);
    const wanted = Array.from(indices);
    return {
      [field]: await pixels.gather(wanted.map((index) => kept[index])),
      ...(labels && { label: Int32Array.from(wanted, (index) => labels[index]) }),
    };
  };
  const fields: Dataset["fields"] = {
    [field]: { dtype: "uint8", shape },
    ...(labels && { label: { dtype: "int32", shape: [] } }),
  };
  return { name, count: kept.length, fields, gather, ...(classes && { classes }) };
}

/** Bytes of an example. */
export function sizeOfExample({ frames, channels, area }: PixelLayout): number {
  return frames * channels * area;
}

async function inMemory(options: PixelOptions): Promise<Pixels> {
  const { count, layout, mayBecomeGrey } = options;
  const size = sizeOfExample(layout);
  const bytes = new Uint8Array(count * size);
  const { failures, grey } = await decodeAll(options, (index, example) => {
    bytes.set(example, index * size);
  });
  const becomesGrey = mayBecomeGrey && grey && layout.channels === 3;
  if (becomesGrey) {
    const planes = count * layout.frames;
    for (let i = 0; i < planes; i++) bytes.copyWithin(i * layout.area, 3 * i * layout.area, (3 * i + 1) * layout.area);
  }
  const kept = becomesGrey ? bytes.slice(0, bytes.length / 3) : bytes;
  const keptSize = becomesGrey ? size / 3 : size;
  return {
    channels: becomesGrey ? 1 : layout.channels,
    failures,
    notes: [],
    gather: (indices) => {
      const out = new Uint8Array(indices.length * keptSize);
      for (const [i, index] of indices.entries()) {
        out.set(kept.subarray(index * keptSize, (index + 1) * keptSize), i * keptSize);
      }
      return out;
    },
  };
}

/** Decodes every example and hands it on; says which failed, and whether all others are grey. */
export async function decodeAll(
  { count, layout, decode, onProgress = () => undefined }: PixelOptions,
  keep: (index: number, example: Uint8Array) => void | Promise<void>,
): Promise<{ readonly failures: ReadonlyMap<number, string>; readonly grey: boolean }> {
  const failures = new Map<number, string>();
  let grey = true;
  let done = 0;
  await forEachConcurrently(count, async (index) => {
    let example: Uint8Array | undefined;
    try {
      example = await decode(index);
    } catch (error) {
      failures.set(index, reasonOf(error));
    }
    if (example) {
      grey &&= isGrey(example, layout);
      await keep(index, example);
    }
    onProgress(++done, count);
  });
  return { failures, grey };
}

function isGrey(example: Uint8Array, { frames, channels, area }: PixelLayout): boolean {
  if (channels === 1) return true;
  for (let frame = 0; frame < frames; frame++) {
    const start = 3 * frame * area;
    for (let i = start; i < start + area; i++) {
      if (example[i] !== example[i + area] || example[i] !== example[i + 2 * area]) return false;
    }
  }
  return true;
}

/** What went wrong, in one line. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().replace(/\s*\n\s*/g, ", ");
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 3 : 0)} MB`;
}
