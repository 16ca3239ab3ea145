/** Element types of tensors, and the typed arrays that carry them on the host.
 *
 * float16 is for storage and transfer: it is moved and cast, all arithmetic is float32. */

import { float16Bits, float16FromBits } from "./float16.ts";

export type DType = "float32" | "float16" | "int32" | "int64" | "uint32" | "uint8" | "bool";

/** Host storage of each element type; `bool` is one byte, 0 or 1, `float16` its bits. */
export interface TypedArrayOf {
  float32: Float32Array;
  float16: Uint16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint32: Uint32Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

export type HostArray = TypedArrayOf[DType];

const constructors = {
  float32: Float32Array,
  float16: Uint16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

export const dtypes = Object.keys(constructors) as readonly DType[];

/** Bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return constructors[dtype].BYTES_PER_ELEMENT;
}

export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float16";
}

/** A zero-filled host array of `size` elements. */
export function allocateHost<D extends DType>(dtype: D, size: number): TypedArrayOf[D] {
  return new constructors[dtype](size) as TypedArrayOf[D];
}

/** A host array from ordinary numbers; floats are rounded, integers truncated, `bool` becomes 0 or 1. */
export function hostArrayFrom<D extends DType>(dtype: D, values: ArrayLike<number>): TypedArrayOf[D] {
  const out = allocateHost(dtype, values.length);
  if (out instanceof BigInt64Array) {
    for (let i = 0; i < out.length; i++) out[i] = BigInt(Math.trunc(values[i]));
  } else {
    const stored = storedAs(dtype);
    for (let i = 0; i < out.length; i++) out[i] = stored(values[i]);
  }
  return out;
}

function storedAs(dtype: DType): (number: number) => number {
  if (dtype === "bool") return (number) => Number(number !== 0);
  return dtype === "float16" ? float16Bits : (number) => number;
}

/** The numbers that a host array holds; int64 is rounded to float64. */
export function numbersOf(dtype: DType, data: HostArray): ArrayLike<number> {
  if (dtype === "float16") return Float32Array.from(data as Uint16Array, float16FromBits);
  return data instanceof BigInt64Array ? Float64Array.from(data, Number) : data;
}

/** Reinterprets bytes as a host array without a copy where alignment allows it. */
export function hostArrayOverBytes<D extends DType>(dtype: D, bytes: Uint8Array): TypedArrayOf[D] {
  const width = bytesPerElement(dtype);
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return new constructors[dtype](
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / width,
  ) as TypedArrayOf[D];
}
