/** The WebGPU backend: ONNX Runtime's C API on a thread of its own, over memory of the graphics device. */

import { findWideNumber, GalateaError, type HostArray, webgpuTarget } from "../../core/index.ts";
import type { Backend } from "../../engine/index.ts";
import { ortLibrary } from "./ort-library.ts";
import { createSessionBackend } from "./session-backend.ts";
import { requireAdapter } from "./webgpu-adapter.ts";
import { acquireDevice, releaseDevice, webgpuProvider } from "./webgpu-device.ts";
import { deviceMemory } from "./webgpu-memory.ts";

/**
 * Starts the WebGPU backend. Without `dispose` it lives as long as the process, which it does not hold open.
 * @throws GalateaError `backend` when there is no graphics device, or no ONNX Runtime for this machine.
 */
export async function createWebgpuBackend(): Promise<Backend> {
  const { api, version } = ortLibrary();
  const adapter = requireAdapter();
  const device = await acquireDevice();
  return createSessionBackend({
    name: "webgpu",
    // Sums are added by the device in an order of its own, whatever the processor's threads.
    threads: 1,
    description: `ONNX Runtime ${version} on WebGPU, ${adapter}`,
    api,
    thread: device.thread,
    findTarget: async () => webgpuTarget,
    provider: webgpuProvider,
    allocate: (type) => deviceMemory(api, device, type),
    close: releaseDevice,
    requireCarried: requireNarrow,
  });
}

/** {@link webgpuTarget} lets programs make no int64 number beyond 32 bits; nor may one come from the host. */
function requireNarrow(where: string, data: HostArray): void {
  const wide = findWideNumber(data);
  if (wide === undefined) return;
  const right = "on WebGPU int64 numbers must lie between -2^31 and 2^31 - 1";
  throw new GalateaError("backend", where, `holds the int64 number ${wide}`, right);
}
