import { describe, expect, test } from "vitest";
import {
  allocateHost,
  bytesPerElement,
  dtypes,
  hostArrayFrom,
  hostArrayOverBytes,
  isFloat,
  numbersOf,
} from "./dtype.ts";

test("every element type has its width and its array", () => {
  expect(dtypes.map((dtype) => [dtype, bytesPerElement(dtype), allocateHost(dtype, 2).constructor.name])).toEqual([
    ["float32", 4, "Float32Array"],
    ["float16", 2, "Uint16Array"],
    ["int32", 4, "Int32Array"],
    ["int64", 8, "BigInt64Array"],
    ["uint32", 4, "Uint32Array"],
    ["uint8", 1, "Uint8Array"],
    ["bool", 1, "Uint8Array"],
  ]);
  expect(dtypes.filter(isFloat)).toEqual(["float32", "float16"]);
});

test("host arrays from numbers: integers are truncated, bool becomes 0 or 1", () => {
  expect(hostArrayFrom("float32", [0.5, -1])).toEqual(Float32Array.of(0.5, -1));
  expect(hostArrayFrom("float16", [1, -0.1])).toEqual(Uint16Array.of(0x3c00, 0xae66));
  expect(hostArrayFrom("int32", [2.9, -2.9])).toEqual(Int32Array.of(2, -2));
  expect(hostArrayFrom("int64", [2.9, -2.9, 2 ** 40])).toEqual(BigInt64Array.of(2n, -2n, 2n ** 40n));
  expect(hostArrayFrom("uint32", [4294967295])).toEqual(Uint32Array.of(4294967295));
  expect(hostArrayFrom("bool", [0, -0, 0.25, 7])).toEqual(Uint8Array.of(0, 0, 1, 1));
});

test("numbers from host arrays of every type", () => {
  for (const dtype of dtypes) {
    const numbers = dtype === "bool" ? [1, 0] : [100, 0];
    expect([...Array.from(numbersOf(dtype, hostArrayFrom(dtype, numbers)))]).toEqual(numbers);
  }
  expect(numbersOf("float16", Uint16Array.of(0x3555, 0xfc00))).toEqual(
    Float32Array.of(0.333251953125, Number.NEGATIVE_INFINITY),
  );
});

describe("host arrays over bytes", () => {
  const numbers = Float32Array.of(1.5, -2);
  const bytes = new Uint8Array(numbers.buffer);

  test("share aligned memory", () => {
    const view = hostArrayOverBytes("float32", bytes);
    expect(view).toEqual(numbers);
    expect(view.buffer).toBe(numbers.buffer);
  });
  test.each([
    ["Uint8Array", (shifted: Uint8Array) => shifted],
    // A Buffer's slice shares memory where a Uint8Array's copies.
    ["Buffer", (shifted: Uint8Array) => Buffer.from(shifted.buffer, shifted.byteOffset, shifted.byteLength)],
  ])("copy unaligned memory of a %s", (_, make) => {
    const shifted = new Uint8Array(new ArrayBuffer(12), 1, 8);
    shifted.set(bytes);
    expect(hostArrayOverBytes("float32", make(shifted))).toEqual(numbers);
  });
  test("read every type", () => {
    for (const dtype of dtypes) {
      const array = hostArrayFrom(dtype, [1, 0, 1]);
      const copy = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      expect(hostArrayOverBytes(dtype, copy)).toEqual(array);
    }
  });
});
