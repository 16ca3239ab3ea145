/** Pixels that do not fit into memory: one file of them all, from which batches are read.
 *
 * The file holds the examples one after the other, each in its place whether it could be decoded or not, then a JSON
 * record of what decoding found, then the record's length in 8 bytes. */

import { createHash } from "node:crypto";
import { close, open as openCallback, read as readCallback } from "node:fs";
import { open, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { GalateaError } from "../../core/base/index.ts";
import { fileError, writeAtomically } from "../files.ts";
import { decodeAll, megabytes, type PixelOptions, type Pixels, sizeOfExample } from "./pixels.ts";

/** What decoding found. */
interface PixelRecord {
  readonly failures: readonly (readonly [index: number, reason: string])[];
  /** Whether no example shows colour. */
  readonly grey: boolean;
}

/** Files of another format are not found. */
const format = 1;
/** After so long without a write nobody is writing a temporary file any more. */
const abandonedAfterMs = 3_600_000;
const tailBytes = 8;

/**
 * Pixels in a file of the cache folder, `images/<hash>.raw`: made under another name and renamed when it is complete,
 * and used again as long as nothing changes that decides its bytes.
 *
 * @throws GalateaError `storage` when it cannot be written or read.
 */
export async function openPixelFile(options: PixelOptions & { readonly cacheFolder: string }): Promise<Pixels> {
  const { cacheFolder, count, layout, mayBecomeGrey } = options;
  const fingerprint = JSON.stringify([format, layout, await options.fingerprint()]);
  const name = `${createHash("sha256").update(fingerprint).digest("hex").slice(0, 32)}.raw`;
  const path = join(cacheFolder, "images", name);
  const size = sizeOfExample(layout);
  const found = await readRecord(path, count * size);
  const record = found ?? (await writePixels(path, options));
  const becomesGrey = mayBecomeGrey && record.grey && layout.channels === 3;
  const kept = `${megabytes(count * size)} of pixels, more than memory shall hold, are kept in ${path}`;
  return {
    channels: becomesGrey ? 1 : layout.channels,
    failures: new Map(record.failures),
    notes: [`${kept}${found ? " (made before)" : ""}; it may be deleted when no run needs it`],
    gather: await openReader(path, size, becomesGrey ? layout.area : undefined),
  };
}

async function writePixels(path: string, options: PixelOptions): Promise<PixelRecord> {
  const size = sizeOfExample(options.layout);
  let record: PixelRecord = { failures: [], grey: false };
  await writeAtomically(path, async (file) => {
    const { failures, grey } = await decodeAll(options, async (index, example) => {
      await file.write(example, 0, size, index * size);
    });
    record = { failures: [...failures].sort(([a], [b]) => a - b), grey };
    const text = Buffer.from(JSON.stringify(record));
    const tail = Buffer.alloc(tailBytes);
    tail.writeBigUInt64LE(BigInt(text.length));
    await file.write(Buffer.concat([text, tail]), 0, text.length + tailBytes, options.count * size);
  });
  await removeAbandoned(path);
  return record;
}

/** The record of a complete file; nothing where there is none, or a damaged one. */
async function readRecord(path: string, pixelBytes: number): Promise<PixelRecord | undefined> {
  const bytes = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (bytes < pixelBytes + tailBytes) return undefined;
  const file = await open(path, "r").catch((cause: unknown) => {
    throw fileError("storage", path, "read", cause);
  });
  try {
    const tail = Buffer.alloc(bytes - pixelBytes);
    await file.read(tail, 0, tail.length, pixelBytes);
    const length = Number(tail.readBigUInt64LE(tail.length - tailBytes));
    if (length + tailBytes !== tail.length) return undefined;
    return JSON.parse(tail.toString("utf8", 0, length)) as PixelRecord;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** Removes what killed processes left of this file: by its own time, so that no clock is asked. */
async function removeAbandoned(path: string): Promise<void> {
  const folder = dirname(path);
  const now = (await stat(path)).mtimeMs;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`.${basename(path)}.`)) continue;
    const left = join(folder, name);
    const written = (await stat(left).catch(() => undefined))?.mtimeMs ?? now;
    if (now - written > abandonedAfterMs) await rm(left, { force: true });
  }
}

const openAt = promisify(openCallback);
const readAt = promisify(readCallback);

/** Closes the file of a data set that nobody holds any more. */
const closing = new FinalizationRegistry<number>((descriptor) => close(descriptor));

/**
 * Reads examples, all of a batch at once and in the order in which they lie.
 * @param area where given, only the first of each three planes of so many bytes is kept
 */
async function openReader(path: string, size: number, area: number | undefined): Promise<Pixels["gather"]> {
  // A descriptor rather than a handle, which complains when nobody closes it.
  const descriptor = await openAt(path, "r").catch((cause: unknown) => {
    throw fileError("storage", path, "read", cause);
  });
  const keptSize = area === undefined ? size : size / 3;
  const gather = async (indices: readonly number[]): Promise<Uint8Array> => {
    const out = new Uint8Array(indices.length * keptSize);
    const order = Array.from(indices.keys()).sort((a, b) => indices[a] - indices[b]);
    await Promise.all(
      order.map(async (place) => {
        const target = out.subarray(place * keptSize, (place + 1) * keptSize);
        const whole = area === undefined ? target : new Uint8Array(size);
        const { bytesRead } = await readAt(descriptor, whole, 0, size, indices[place] * size).catch(
          (cause: unknown) => {
            throw fileError("storage", path, "read", cause);
          },
        );
        if (bytesRead !== size) {
          throw new GalateaError("storage", path, "has become shorter", "delete it, and it is made anew");
        }
        if (area === undefined) return;
        for (let at = 0; at < keptSize; at += area) target.set(whole.subarray(3 * at, 3 * at + area), at);
      }),
    );
    return out;
  };
  closing.register(gather, descriptor);
  return gather;
}
