/** The CPU backend: ONNX Runtime's C API on a thread of its own, over memory that both threads see. */

import { GalateaError, type LoweringTarget, type TensorType } from "../../core/index.ts";
import type { Backend } from "../../engine/index.ts";
import { findConvolutionBlock } from "./convolution-block.ts";
import { allocateTensor, copyOfTensor, fillTensor, freeTensor } from "./native-tensor.ts";
import { type OrtApi, ortLibrary } from "./ort-library.ts";
import { type BufferMemory, createSessionBackend, type LoadModel } from "./session-backend.ts";
import { SessionThread } from "./session-thread.ts";

export interface CpuOptions {
  /** Threads that one operator may use; sums are added in an order that depends on it. */
  readonly threads: number;
}

async function findTarget(load: LoadModel): Promise<LoweringTarget> {
  const convolutionBlock = await findConvolutionBlock(load);
  return { contrib: true, ...(convolutionBlock !== undefined && { convolutionBlock }) };
}

/**
 * Starts the CPU backend. Without `dispose` it lives as long as the process, which it does not hold open.
 * @throws GalateaError `config` when `threads` is no positive integer; `backend` when there is no ONNX
 *   Runtime for this machine.
 */
export function createCpuBackend({ threads }: CpuOptions): Backend {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new GalateaError("config", "threads", `is ${threads}`, "it must be a whole number of at least 1");
  }
  const { api, version } = ortLibrary();
  const thread = new SessionThread();
  return createSessionBackend({
    name: "cpu",
    threads,
    description: `ONNX Runtime ${version} on CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    api,
    thread,
    findTarget,
    close: () => thread.close(),
    allocate: async (type) => hostMemory(api, thread, type),
  });
}

/** Memory that programs read and write in place, and the main thread between two of their runs. */
function hostMemory(api: OrtApi, thread: SessionThread, type: TensorType): BufferMemory {
  const tensor = allocateTensor(api, type);
  return {
    value: tensor.value,
    write: (data) => {
      // The caller may change its array before the runs in flight are done with the buffer.
      const numbers = thread.isIdle ? data : data.slice();
      return thread.between(() => fillTensor(tensor, numbers));
    },
    read: () => thread.between(() => copyOfTensor(tensor)),
    free: () => thread.between(() => freeTensor(api, tensor)),
  };
}
