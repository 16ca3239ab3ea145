/** The session thread's hold on a device with memory of its own. */

import type { Shape } from "../../core/index.ts";
import { allocateTensor, elementTypes, freeTensor } from "./native-tensor.ts";
import { created, type OrtApi } from "./ort-library.ts";

/** OrtDeviceAllocator and OrtMemTypeDefault: plain memory of a device. */
const [deviceMemory, defaultMemory] = [0, 0];

export interface SessionDevice {
  /** Allocates a tensor of zeros and writes its OrtValue's address to `slot`. */
  allocate(elementType: number, shape: Shape, slot: bigint | BigUint64Array): void;
  /** Copies between tensors of one type. What goes to the host is there when this returns. */
  copy(from: bigint, to: bigint): void;
  /** Returns when the device has done all that it was asked to. */
  wait(): void;
  close(): void;
}

/**
 * Opens the device that a session runs on. The session must outlive it.
 * @param memoryName the runtime's name for the device's memory
 */
export function openDevice(api: OrtApi, environment: bigint, session: bigint, memoryName: string): SessionDevice {
  const memory = created((out) => api.CreateMemoryInfo(memoryName, deviceMemory, 0, defaultMemory, out));
  const allocator = created((out) => {
    try {
      api.CreateAllocator(session, memory, out);
    } finally {
      api.ReleaseMemoryInfo(memory);
    }
  });
  const allocate: SessionDevice["allocate"] = (elementType, shape, slot) => {
    api.CreateTensorAsOrtValue(allocator, BigInt64Array.from(shape, BigInt), shape.length, elementType, slot);
  };
  const copy: SessionDevice["copy"] = (from, to) => {
    api.CopyTensors(environment, BigUint64Array.of(from), BigUint64Array.of(to), null, 1);
  };
  // One number that is read to wait: it comes after everything before it.
  const fence = created((out) => allocate(elementTypes.float32, [1], out));
  const here = allocateTensor(api, { dtype: "float32", shape: [1] });
  return {
    allocate,
    copy,
    wait: () => copy(fence, here.value),
    close: () => {
      freeTensor(api, here);
      api.ReleaseValue(fence);
      api.ReleaseAllocator(allocator);
    },
  };
}
