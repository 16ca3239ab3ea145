import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  allocateHost,
  bytesPerElement,
  type DType,
  dtypes,
  hostArrayOverBytes,
  sizeOf,
} from "../../core/base/index.ts";
import { bytesOf, decodeSafetensors, encodeSafetensors, type SavedTensor } from "./safetensors.ts";

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

/** A file with this header as it stands and `dataBytes` zero bytes behind it. */
function fileWith(header: string | Uint8Array, dataBytes = 0): Uint8Array {
  const bytes = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return join([length, bytes, new Uint8Array(dataBytes)]);
}

const tensor: fc.Arbitrary<SavedTensor> = fc
  .record({ dtype: fc.constantFrom<DType>(...dtypes), shape: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }) })
  .chain(({ dtype, shape }) => {
    const length = sizeOf(shape) * bytesPerElement(dtype);
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => ({ dtype, shape, data: hostArrayOverBytes(dtype, bytes) }));
  });

const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "7", "", "encoder.0.weight"));

describe("round trip", () => {
  test("any tensors and metadata come back, to the bit", () => {
    fc.assert(
      fc.property(fc.dictionary(name, tensor), fc.dictionary(name, fc.string()), (tensors, metadata) => {
        const bytes = join(encodeSafetensors(tensors, metadata));
        const back = decodeSafetensors(bytes, "file");
        expect(new Map(Object.entries(back.metadata))).toEqual(new Map(Object.entries(metadata)));
        expect(Object.keys(back.tensors).sort()).toEqual(Object.keys(tensors).sort());
        for (const [key, { dtype, shape, data }] of Object.entries(tensors)) {
          const read = Object.getOwnPropertyDescriptor(back.tensors, key)?.value as SavedTensor;
          expect({ dtype: read.dtype, shape: read.shape }).toEqual({ dtype, shape });
          expect(Buffer.compare(bytesOf(read.data), bytesOf(data))).toBe(0);
        }
      }),
    );
  });

  test("the same tensors in another order give the same bytes, and the data starts at a multiple of 8", () => {
    const a: SavedTensor = { dtype: "uint8", shape: [3], data: new Uint8Array([1, 2, 3]) };
    const b: SavedTensor = { dtype: "int64", shape: [], data: new BigInt64Array([-5n]) };
    const bytes = join(encodeSafetensors({ a, b }));
    expect(bytes).toEqual(join(encodeSafetensors({ b, a })));
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(headerLength % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)))).toEqual({
      b: { dtype: "I64", shape: [], data_offsets: [0, 8] },
      a: { dtype: "U8", shape: [3], data_offsets: [8, 11] },
    });
  });

  test("half precision has the format's name and its bits", () => {
    const half: SavedTensor = { dtype: "float16", shape: [2], data: Uint16Array.of(0x3c00, 0xfc00) };
    const bytes = join(encodeSafetensors({ half }));
    expect(new TextDecoder().decode(bytes)).toContain('"half":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}');
    expect([...bytes.subarray(-4)]).toEqual([0x00, 0x3c, 0x00, 0xfc]);
  });

  test("a file as another program writes it: unpadded header, tensors in its own order", () => {
    const header =
      '{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[1,5]}}';
    const bytes = fileWith(header, 5);
    bytes.set([7, 0, 0, 0x80, 0x3f], bytes.length - 5);
    const { tensors } = decodeSafetensors(bytes, "file");
    expect([...tensors.b.data]).toEqual([7]);
    expect([...tensors.a.data]).toEqual([1]);
  });
});

test("data that does not fit its shape, or a reserved name, is refused on writing", () => {
  expect(() => encodeSafetensors({ w: { dtype: "float32", shape: [2, 3], data: new Float32Array(5) } })).toThrow(
    "w: 20 bytes of data for float32 [2, 3]; 24 would fit",
  );
  const empty: SavedTensor = { dtype: "bool", shape: [0], data: allocateHost("bool", 0) };
  expect(() => encodeSafetensors({ __metadata__: empty })).toThrow("reserved");
});

describe("damage is named", () => {
  const entry = (start: number, end: number, dtype = "U8", shape: unknown = [end - start]): string =>
    JSON.stringify({ dtype, shape, data_offsets: [start, end] });
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /0 bytes are too few/],
    ["header too large", new Uint8Array(16).fill(0xff), /above the limit of 100000000/],
    ["header beyond the end", fileWith("{}").subarray(0, 9), /the header ends at byte 10 of a file of 9/],
    ["no record", fileWith("[]"), /does not start with \{/],
    ["bad JSON", fileWith('{"a": '), /no valid JSON/],
    ["bad UTF-8", fileWith(new Uint8Array([0x7b, 0xff, 0x7d])), /no valid JSON/],
    ["unknown type", fileWith(`{"a":${entry(0, 1, "BF16")}}`, 1), /a: element type BF16 is not one of F32/],
    ["entry is no record", fileWith('{"a":3}'), /a: its entry is no record/],
    ["negative size", fileWith(`{"a":${entry(0, 1, "U8", [-1])}}`, 1), /its shape is no list of sizes/],
    ["range backwards", fileWith(`{"a":${entry(2, 1, "U8", [1])}}`, 2), /no byte range/],
    ["range does not fit", fileWith(`{"a":${entry(0, 4, "F32", [2])}}`, 4), /4 bytes for float32 \[2\], .* needs 8/],
    ["overlap", fileWith(`{"a":${entry(0, 4)},"b":${entry(3, 6)}}`, 6), /b: starts at byte 3, inside/],
    ["hole", fileWith(`{"a":${entry(0, 4)},"b":${entry(5, 6)}}`, 6), /b: starts at byte 5, 1 after the last/],
    ["beyond the end", fileWith(`{"a":${entry(0, 4)}}`, 3), /a: ends at byte 4 of 3/],
    ["bytes left over", fileWith(`{"a":${entry(0, 4)}}`, 5), /1 bytes belong to no tensor/],
    ["metadata", fileWith('{"__metadata__":{"a":1}}'), /__metadata__ is not a record of texts/],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, "some/file")).toThrow(message);
    expect(() => decodeSafetensors(bytes, "some/file")).toThrow(/^some\/file: /);
    expect(() => decodeSafetensors(bytes, "some/file")).toThrow(
      expect.objectContaining({ name: "GalateaError", code: "checkpoint" }),
    );
  });

  test("cutting a file anywhere, or changing any byte, never crashes otherwise", () => {
    const whole = join(
      encodeSafetensors({ a: { dtype: "float32", shape: [2], data: new Float32Array([1, 2]) } }, { k: "v" }),
    );
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeSafetensors(whole.slice(0, length), "cut")).toThrow(/^cut: /);
    }
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] ^= 0x55;
      try {
        decodeSafetensors(changed, "changed");
      } catch (error) {
        expect(error).toMatchObject({ code: "checkpoint" });
      }
    }
  });
});
