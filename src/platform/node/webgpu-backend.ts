/** The WebGPU backend: ONNX Runtime's C API on a thread of its own, over memory of the graphics device. */

import koffi from "koffi";
import {
  encodeModel,
  findWideNumber,
  GalateaError,
  type HostArray,
  lowerGraph,
  sizeOf,
  type TensorType,
  trace,
  webgpuTarget,
} from "../../core/index.ts";
import type { Backend } from "../../engine/index.ts";
import { allocateTensor, copyOfTensor, elementTypes, fillTensor, freeTensor } from "./native-tensor.ts";
import { type OrtApi, ortLibrary } from "./ort-library.ts";
import { type BufferMemory, createSessionBackend } from "./session-backend.ts";
import { SessionThread } from "./session-thread.ts";
import type { ExecutionProvider } from "./session-worker.ts";
import { requireAdapter } from "./webgpu-adapter.ts";

/** With 64-bit integers, which are stored whole and computed with in 32 bits. */
const provider: ExecutionProvider = { name: "WebGPU", options: { enableInt64: "1" } };

/**
 * Starts the WebGPU backend. Without `dispose` it lives as long as the process, which it does not hold open.
 * @throws GalateaError `backend` when there is no graphics device, or no ONNX Runtime for this machine.
 */
export async function createWebgpuBackend(): Promise<Backend> {
  const { api, version } = ortLibrary();
  const adapter = requireAdapter();
  const thread = new SessionThread();
  try {
    await openDevice(thread);
  } catch (error) {
    await thread.close();
    throw error;
  }
  return createSessionBackend({
    name: "webgpu",
    // Sums are added by the device in an order of its own, whatever the processor's threads.
    threads: 1,
    description: `ONNX Runtime ${version} on WebGPU, ${adapter}`,
    api,
    thread,
    findTarget: async () => webgpuTarget,
    provider,
    allocate: (type) => deviceMemory(api, thread, type),
    requireCarried: requireNarrow,
  });
}

/** Device memory belongs to a session: one that does nothing else, and lives as long as the thread. */
async function openDevice(thread: SessionThread): Promise<void> {
  const { graph } = trace({ x: { dtype: "float32", shape: [1] } }, ({ x }) => x.neg());
  const model = encodeModel(lowerGraph(graph, webgpuTarget, "device"));
  const session = await thread.createSession({ model, inputs: 1, outputs: 1, threads: 1, provider }, "webgpu");
  await thread.request({ kind: "open", session, memory: "WebGPU_Buf" }, "webgpu");
}

async function deviceMemory(api: OrtApi, thread: SessionThread, type: TensorType): Promise<BufferMemory> {
  const { dtype, shape } = type;
  const slot = new BigUint64Array(1);
  const request = { kind: "allocate", elementType: elementTypes[dtype], shape, slot: koffi.address(slot) } as const;
  await thread.request(request, "memory");
  const [value] = slot;
  const isEmpty = sizeOf(shape) === 0;
  const copy = (from: bigint, to: bigint): Promise<void> =>
    isEmpty ? Promise.resolve() : thread.request({ kind: "copy", from, to }, "memory");
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
  return { value, write, read, free: () => thread.request({ kind: "free", value }, "memory") };
}

/** {@link webgpuTarget} lets programs make no int64 number beyond 32 bits; nor may one come from the host. */
function requireNarrow(where: string, data: HostArray): void {
  const wide = findWideNumber(data);
  if (wide === undefined) return;
  const right = "on WebGPU int64 numbers must lie between -2^31 and 2^31 - 1";
  throw new GalateaError("backend", where, `holds the int64 number ${wide}`, right);
}
