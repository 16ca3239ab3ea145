/** Decoding the examples of a folder into pixels, wherever they are kept. */

import { forEachConcurrently } from "./image-files.ts";

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

/** Bytes of an example. */
export function sizeOfExample({ frames, channels, area }: PixelLayout): number {
  return frames * channels * area;
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
