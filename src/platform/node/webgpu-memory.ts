/** Buffers in the memory of a graphics device. */

import koffi from "koffi";
import { bytesPerElement, GalateaError, type HostArray, sizeOf, type TensorType } from "../../core/index.ts";
import { allocateTensor, copyOfTensor, elementTypes, fillTensor, freeTensor } from "./native-tensor.ts";
import { created, type OrtApi } from "./ort-library.ts";
import type { BufferMemory } from "./session-backend.ts";
import { deviceMemoryName, type WebgpuDevice } from "./webgpu-device.ts";

/** WebGPU says nothing when memory is short: it gives a buffer that fails when it is used. Smaller ones than this
 * are taken for good, as using each once would take a start some tenths of a second. */
const smallestTried = 2 ** 26;

const scalar: TensorType = { dtype: "float32", shape: [1] };

/**
 * Allocates zeros.
 * @throws GalateaError `backend` when memory is short.
 */
export async function deviceMemory(api: OrtApi, device: WebgpuDevice, type: TensorType): Promise<BufferMemory> {
  const { thread } = device;
  const { dtype, shape } = type;
  const slot = new BigUint64Array(1);
  const request = { kind: "allocate", elementType: elementTypes[dtype], shape, slot: koffi.address(slot) } as const;
  await thread.request(request, "memory");
  const [value] = slot;
  const free = (): Promise<void> => thread.request({ kind: "free", value }, "memory");
  const bytes = sizeOf(shape) * bytesPerElement(dtype);
  if (bytes >= smallestTried) {
    try {
      await useOnce(api, device, value);
    } catch (cause) {
      await free();
      const right = "use smaller batches or a smaller model";
      throw new GalateaError("backend", "memory", `${bytes} bytes: the device does not have them`, right, { cause });
    }
  }
  const copy = async (from: bigint, to: bigint): Promise<void> => {
    if (bytes > 0) await thread.request({ kind: "copy", from, to }, "memory");
  };
  const write = async (data: HostArray): Promise<void> => {
    const staged = allocateTensor(api, type);
    try {
      fillTensor(staged, data);
      await copy(staged.value, value);
    } finally {
      freeTensor(api, staged);
    }
  };
  const read = async (): Promise<HostArray> => {
    const staged = allocateTensor(api, type);
    try {
      await copy(value, staged.value);
      return copyOfTensor(staged);
    } finally {
      freeTensor(api, staged);
    }
  };
  return { value, write, read, free };
}

/** Runs the device's own program on the first number of a tensor. */
async function useOnce(api: OrtApi, { thread, session }: WebgpuDevice, value: bigint): Promise<void> {
  const memory = created((out) => api.CreateMemoryInfo(deviceMemoryName, 0, 0, 0, out));
  const data = created((out) => api.GetTensorMutableData(value, out));
  const first = created((out) => {
    const { length } = scalar.shape;
    const bytes = bytesPerElement(scalar.dtype);
    const dims = BigInt64Array.from(scalar.shape, BigInt);
    api.CreateTensorWithDataAsOrtValue(memory, data, bytes, dims, length, elementTypes[scalar.dtype], out);
  });
  api.ReleaseMemoryInfo(memory);
  const result = allocateTensor(api, scalar);
  const [inputs, outputs] = [BigUint64Array.of(first), BigUint64Array.of(result.value)];
  const addresses = { inputs: koffi.address(inputs), outputs: koffi.address(outputs) };
  try {
    await thread.request({ kind: "run", session, onDevice: false, ...addresses }, "memory");
  } finally {
    api.ReleaseValue(first);
    freeTensor(api, result);
  }
}
