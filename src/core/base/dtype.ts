/** Element types of tensors, and the typed arrays that carry them on the host. */

export type DType = "float32" | "int32" | "int64" | "uint32" | "uint8" | "bool";

/** Host storage of each element type; `bool` is one byte, 0 or 1. */
export interface TypedArrayOf {
  float32: Float32Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint32: Uint32Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

export type HostArray = TypedArrayOf[DType];

const constructors = {
  float32: Float32Array,
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
  return dtype === "float32";
}

/** A zero-filled host array of `size` elements. */
export function allocateHost<D extends DType>(dtype: D, size: number): TypedArrayOf[D] {
  return new constructors[dtype](size) as TypedArrayOf[D];
}

/** A host array from ordinary numbers; integers are truncated, `bool` becomes 0 or 1. */
export function hostArrayFrom<D extends DType>(dtype: D, values: ArrayLike<number>): TypedArrayOf[D] {
  const out = allocateHost(dtype, values.length);
  if (out instanceof BigInt64Array) {
    for (let i = 0; i < out.length; i++) out[i] = BigInt(Math.trunc(values[i]));
  } else {
    for (let i = 0; i < out.length; i++) out[i] = dtype === "bool" ? Number(values[i] !== 0) : values[i];
  }
  return out;
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
