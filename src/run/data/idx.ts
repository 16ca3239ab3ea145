/** IDX files, the format of MNIST: two zero bytes, the element type, the number of axes, their sizes
 * (u32), then the elements; all big-endian; the whole plain or in gzip.
 *
 * Source: LeCun, Cortes, Burges, "The MNIST database", section "File formats". */

import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type DType, formatShape, GalateaError, type HostArray, type Shape, sizeOf } from "../../core/base/index.ts";
import { readBytes } from "../files.ts";

export interface IdxArray {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Flat, row-major. Bytes are a view of the file's content. */
  readonly data: HostArray;
}

const uint8Code = 0x08;
const readers: Readonly<
  Record<number, { width: number; read: (view: DataView, size: number) => Int32Array | Float32Array }>
> = {
  9: { width: 1, read: (view, size) => Int32Array.from({ length: size }, (_, i) => view.getInt8(i)) },
  11: { width: 2, read: (view, size) => Int32Array.from({ length: size }, (_, i) => view.getInt16(2 * i)) },
  12: { width: 4, read: (view, size) => Int32Array.from({ length: size }, (_, i) => view.getInt32(4 * i)) },
  13: { width: 4, read: (view, size) => Float32Array.from({ length: size }, (_, i) => view.getFloat32(4 * i)) },
};

export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Whether unpacked content starts like an IDX file of a known element type. */
export function looksLikeIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] >= 0x08 && bytes[2] <= 0x0e && bytes[3] > 0;
}

/**
 * The content of a file, unpacked when it is gzip.
 *
 * @throws GalateaError `data` when it is missing, or truncated or damaged gzip.
 */
export async function readUnpacked(path: string): Promise<Uint8Array> {
  const bytes = await readBytes("data", path);
  if (!isGzip(bytes)) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const what = code === "Z_BUF_ERROR" ? "the gzip data ends too early" : `the gzip data is damaged (${message})`;
    throw new GalateaError("data", path, what, "copy or download the file again", { cause });
  }
}

/**
 * Reads an IDX file, plain or gzip.
 *
 * @throws GalateaError `data` when it is missing, truncated, damaged or of another kind.
 */
export async function readIdx(path: string): Promise<IdxArray> {
  return decodeIdx(await readUnpacked(path), path);
}

/**
 * The array in an unpacked IDX file: bytes as uint8; smaller integers as int32; float32. Not doubles.
 *
 * @param path Named in errors.
 * @throws GalateaError `data` when the content is truncated, too long, or no IDX.
 */
export function decodeIdx(bytes: Uint8Array, path: string): IdxArray {
  if (!looksLikeIdx(bytes)) {
    const seen = bytes.length === 0 ? "the file is empty" : `it starts with ${hex(bytes.subarray(0, 4))}`;
    throw new GalateaError("data", path, `no IDX file: ${seen}`, "IDX starts with 00 00, e.g. 00 00 08 03 for images");
  }
  const code = bytes[2];
  const reader = readers[code];
  if (code !== uint8Code && reader === undefined) {
    const right = "bytes (08, 09), 16 and 32 bit integers (0b, 0c) and 32 bit floats (0d) can be read";
    throw new GalateaError("data", path, `IDX element type ${hex(bytes.subarray(2, 3))} is not supported`, right);
  }
  const rank = bytes[3];
  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength) {
    throw truncated(path, `${bytes.length} bytes, where the header alone has ${headerLength}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = sizeOf(shape);
  const expected = headerLength + size * (reader?.width ?? 1);
  if (bytes.length < expected) {
    throw truncated(path, `${bytes.length} bytes, where ${formatShape(shape)} needs ${expected}`);
  }
  if (bytes.length > expected) {
    const what = `${bytes.length - expected} bytes too many for ${formatShape(shape)}`;
    throw new GalateaError("data", path, what, `exactly ${expected} bytes; copy or download the file again`);
  }
  if (reader === undefined) return { dtype: "uint8", shape, data: bytes.subarray(headerLength) };
  const data = reader.read(new DataView(bytes.buffer, bytes.byteOffset + headerLength), size);
  return { dtype: data instanceof Float32Array ? "float32" : "int32", shape, data };
}

function truncated(path: string, what: string): GalateaError {
  return new GalateaError("data", path, `the file is truncated: ${what}`, "copy or download the file again");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
