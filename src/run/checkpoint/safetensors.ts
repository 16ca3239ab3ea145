/** The safetensors format: named tensors in one file, as PyTorch and others read and write them.
 *
 * Layout: the header's length (u64, little-endian), the header (JSON: name to type, shape and byte
 * range; padded with spaces so that the data starts at a multiple of 8), the tensors' bytes without
 * gaps. Numbers are little-endian, as on every machine that Node 20 is built for but s390x.
 *
 * Hand-written because no kept npm package writes it: `safetensors` there is a single 0.0.1 and
 * `@huggingface/hub` reads headers only.
 *
 * Source: https://github.com/huggingface/safetensors, README "Format" and its validation rules. */

import {
  bytesPerElement,
  type DType,
  formatShape,
  GalateaError,
  type HostArray,
  hostArrayOverBytes,
  type Shape,
  sizeOf,
} from "../../core/base/index.ts";

/** A tensor's values on the host, row-major. */
export interface SavedTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: HostArray;
}

export type NamedTensors = Readonly<Record<string, SavedTensor>>;

export interface SafetensorsFile {
  readonly tensors: NamedTensors;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's limit, bytes: a longer header is a damaged length. */
const longestHeader = 100_000_000;

const formatNames = {
  float32: "F32",
  float16: "F16",
  int32: "I32",
  int64: "I64",
  uint32: "U32",
  uint8: "U8",
  bool: "BOOL",
} as const satisfies Record<DType, string>;

const dtypeOf = new Map<string, DType>(Object.entries(formatNames).map(([dtype, name]) => [name, dtype as DType]));

/** The bytes behind a host array, without a copy. */
export function bytesOf(data: HostArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * A file's content in pieces to be written one after the other. The pieces are views of the tensors'
 * own memory: leave it unchanged until they are written.
 *
 * Widest element type first, then by name, so that every tensor is aligned for its type.
 *
 * @throws GalateaError `internal` when a tensor's data does not fit its shape.
 */
export function encodeSafetensors(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
): readonly Uint8Array[] {
  const entries = Object.entries(tensors).sort(
    ([a, { dtype: dtypeA }], [b, { dtype: dtypeB }]) =>
      bytesPerElement(dtypeB) - bytesPerElement(dtypeA) || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push(["__metadata__", metadata]);
  let offset = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    if (name === "__metadata__") throw new GalateaError("internal", name, "this name is reserved in safetensors");
    const bytes = sizeOf(shape) * bytesPerElement(dtype);
    if (data.byteLength !== bytes) {
      throw new GalateaError(
        "internal",
        name,
        `${data.byteLength} bytes of data for ${dtype} ${formatShape(shape)}`,
        `${bytes} would fit`,
      );
    }
    header.push([name, { dtype: formatNames[dtype], shape, data_offsets: [offset, offset + bytes] }]);
    offset += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / 8) * 8;
  const start = new Uint8Array(8 + length).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(length), true);
  start.set(json, 8);
  return [start, ...entries.map(([, { data }]) => bytesOf(data))];
}

/**
 * Reads a file's content. Tensors are views of `bytes` where alignment allows it.
 *
 * @param path Named in errors.
 * @throws GalateaError `checkpoint` when anything deviates from the format: a truncated file, a header
 *   that is no valid JSON, an unknown type, ranges that overlap, leave holes or end outside the file.
 */
export function decodeSafetensors(bytes: Uint8Array, path: string): SafetensorsFile {
  const right = "the file is damaged or no safetensors file";
  const fail = (what: string): never => {
    throw new GalateaError("checkpoint", path, what, right);
  };
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for a header's length`);
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (headerLength > longestHeader) fail(`a header of ${headerLength} bytes is above the limit of ${longestHeader}`);
  const dataStart = 8 + Number(headerLength);
  if (dataStart > bytes.length) fail(`the header ends at byte ${dataStart} of a file of ${bytes.length}`);
  const header = parseHeader(bytes.subarray(8, dataStart), fail);

  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
  const ranges = entries.map(([name, value]) => ({ name, ...checkEntry(name, value, fail) }));
  const data = bytes.subarray(dataStart);
  let end = 0;
  for (const range of ranges.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (range.start < end) fail(`${range.name}: starts at byte ${range.start}, inside the tensor before it`);
    if (range.start > end) fail(`${range.name}: starts at byte ${range.start}, ${range.start - end} after the last`);
    end = range.end;
    if (end > data.length) fail(`${range.name}: ends at byte ${end} of ${data.length}`);
  }
  if (end < data.length) fail(`${data.length - end} bytes belong to no tensor`);

  const tensors = ranges.map(({ name, dtype, shape, start, end }): [string, SavedTensor] => [
    name,
    { dtype, shape, data: hostArrayOverBytes(dtype, data.subarray(start, end)) },
  ]);
  // Not by assignment: a tensor may be called `__proto__`.
  return { tensors: Object.fromEntries(tensors), metadata: checkMetadata(header, fail) };
}

type Fail = (what: string) => never;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  if (bytes[0] !== 0x7b) fail("the header does not start with {");
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    fail(`the header is no valid JSON (${(cause as Error).message})`);
  }
  return header as Record<string, unknown>;
}

function checkMetadata(header: Record<string, unknown>, fail: Fail): Readonly<Record<string, string>> {
  if (!Object.hasOwn(header, "__metadata__")) return {};
  const metadata = header.__metadata__;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    return fail("__metadata__ is not a record of texts");
  }
  return metadata as Record<string, string>;
}

function checkEntry(name: string, value: unknown, fail: Fail): { dtype: DType; shape: Shape } & Range {
  if (!isRecord(value)) return fail(`${name}: its entry is no record`);
  const dtype = dtypeOf.get(String(value.dtype));
  if (dtype === undefined) {
    return fail(`${name}: element type ${String(value.dtype)} is not one of ${[...dtypeOf.keys()].join(", ")}`);
  }
  const { shape, data_offsets: offsets } = value;
  if (!Array.isArray(shape) || !shape.every(isCount)) return fail(`${name}: its shape is no list of sizes`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    return fail(`${name}: its data_offsets are no byte range`);
  }
  const [start, end] = offsets as [number, number];
  const needed = sizeOf(shape) * bytesPerElement(dtype);
  if (end - start !== needed) {
    return fail(`${name}: ${end - start} bytes for ${dtype} ${formatShape(shape)}, which needs ${needed}`);
  }
  return { dtype, shape, start, end };
}

interface Range {
  readonly start: number;
  readonly end: number;
}
