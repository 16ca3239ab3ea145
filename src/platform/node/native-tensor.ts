/** Tensors in memory that ONNX Runtime owns, so that runs read and write them in place. */

import koffi from "koffi";
import {
  allocateHost,
  bytesPerElement,
  type DType,
  formatShape,
  GalateaError,
  type HostArray,
  hostArrayOverBytes,
  sizeOf,
} from "../../core/base/index.ts";
import type { TensorType } from "../../core/index.ts";
import { created, type OrtApi } from "./ort-library.ts";

/** ONNXTensorElementDataType of the C API. */
export const elementTypes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  uint32: 12,
};

/** An OrtValue that owns its memory, which is aligned to 64 bytes. */
export interface NativeTensor {
  /** Address of the OrtValue. */
  readonly value: bigint;
  /** The memory itself: never hand it out, as it is gone once the tensor is freed. */
  readonly view: HostArray;
}

/**
 * Allocates a tensor of zeros; {@link freeTensor} frees it.
 * @throws GalateaError `backend` when memory is short.
 */
export function allocateTensor(api: OrtApi, { dtype, shape }: TensorType): NativeTensor {
  const dims = BigInt64Array.from(shape, BigInt);
  const bytes = sizeOf(shape) * bytesPerElement(dtype);
  try {
    const allocator = created((out) => api.GetAllocatorWithDefaultOptions(out));
    const value = created((out) => {
      api.CreateTensorAsOrtValue(allocator, dims, shape.length, elementTypes[dtype], out);
    });
    const address = created((out) => api.GetTensorMutableData(value, out));
    // The address of an empty tensor may be null.
    const memory = bytes === 0 ? new Uint8Array(0) : new Uint8Array(koffi.view(address, bytes));
    return { value, view: hostArrayOverBytes(dtype, memory.fill(0)) };
  } catch (error) {
    throw new GalateaError("backend", "memory", `${bytes} bytes: ${(error as Error).message}`);
  }
}

export function freeTensor(api: OrtApi, { value }: NativeTensor): void {
  api.ReleaseValue(value);
}

/**
 * Checks that an array carries numbers of a type.
 * @throws GalateaError `backend`
 */
export function checkNumbers(where: string, what: string, { dtype, shape }: TensorType, data: HostArray): void {
  const wanted = allocateHost(dtype, 0).constructor;
  if (data.constructor === wanted && data.length === sizeOf(shape)) return;
  const seen = `${what} has ${data.length} numbers in ${data.constructor.name}`;
  throw new GalateaError(
    "backend",
    where,
    seen,
    `${dtype}${formatShape(shape)} needs ${sizeOf(shape)} in ${wanted.name}`,
  );
}

/** Copies numbers into a tensor, after {@link checkNumbers}. */
export function fillTensor({ view }: NativeTensor, data: HostArray): void {
  (view as Float32Array).set(data as Float32Array);
}

/** The tensor's numbers in memory of their own. */
export function copyOfTensor({ view }: NativeTensor): HostArray {
  return view.slice();
}
