/** The CPU backend: ONNX Runtime's C API on a thread of its own, over memory that both threads see. */

import {
  encodeModel,
  GalateaError,
  type Graph,
  lowerGraph,
  type OnnxModel,
  optimize,
  overwritesOf,
  type TensorType,
} from "../../core/index.ts";
import {
  type Backend,
  type CompileOptions,
  type DeviceBuffer,
  evaluateConstants,
  type RecordedProgram,
  type Recording,
} from "../../engine/index.ts";
import { CpuProgram, type ProgramHost } from "./cpu-program.ts";
import {
  allocateTensor,
  checkNumbers,
  copyOfTensor,
  fillTensor,
  freeTensor,
  type NativeTensor,
} from "./native-tensor.ts";
import { ortLibrary } from "./ort-library.ts";
import { createRecordFolder } from "./record-folder.ts";
import { readRecording } from "./recording.ts";
import { SessionThread } from "./session-thread.ts";
import type { RecordPaths } from "./session-worker.ts";

export interface CpuOptions {
  /** Threads that one operator may use; sums are added in an order that depends on it. */
  readonly threads: number;
}

/** What a session is made of. */
interface Opening extends CompileOptions {
  readonly model: OnnxModel;
  /** The model, encoded. */
  readonly file: Uint8Array;
  readonly record?: RecordPaths;
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
  /** The owner of all buffers and programs that are not yet disposed. */
  const buffers = new Map<DeviceBuffer, NativeTensor>();
  const programs = new Set<CpuProgram>();
  let sessions = 0;
  let disposed = false;

  const requireAlive = (label: string): void => {
    if (disposed) throw new GalateaError("backend", label, "the backend was disposed");
  };
  const tensorOf = (buffer: DeviceBuffer, label: string): NativeTensor => {
    requireAlive(label);
    const tensor = buffers.get(buffer);
    if (!tensor) throw new GalateaError("backend", label, "the buffer was disposed or is of another backend");
    return tensor;
  };
  const host: ProgramHost = { api, thread, programs, tensorOf };

  const lower = (graph: Graph, label: string): OnnxModel => {
    requireAlive(label);
    return lowerGraph(optimize(graph, evaluateConstants), { contrib: true }, label);
  };
  const open = async (graph: Graph, label: string, { model, file, once = false, record }: Opening) => {
    const session = sessions++;
    const counts = { inputs: graph.inputs.length, outputs: graph.outputs.length };
    const how = { threads, once, ...counts, ...(record && { record }) };
    await thread.request({ kind: "create", session, model: file, ...how }, label);
    const typeOf = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape });
    const [inputs, outputs] = [graph.inputs.map(typeOf), graph.outputs.map(({ value }) => typeOf(value))];
    const program = new CpuProgram(host, { session, label, inputs, outputs, overwrites: overwritesOf(model) });
    programs.add(program);
    return { program, session };
  };

  const compileRecorded = async (graph: Graph, label: string): Promise<RecordedProgram> => {
    const model = lower(graph, label);
    const file = encodeModel(model);
    const folder = await createRecordFolder();
    try {
      const { program, session } = await open(graph, label, { model, file, record: folder.paths });
      const finish = async (): Promise<Recording> => {
        try {
          await thread.request({ kind: "finish", session }, label);
          return readRecording(label, model, await folder.read());
        } finally {
          await folder.remove();
        }
      };
      return { program, file, finish };
    } catch (error) {
      await folder.remove();
      throw error;
    }
  };

  const free = async (buffer: DeviceBuffer): Promise<void> => {
    const tensor = buffers.get(buffer);
    buffers.delete(buffer);
    if (tensor) await thread.between(() => freeTensor(api, tensor));
  };

  return {
    name: "cpu",
    threads,
    description: `ONNX Runtime ${version} on CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    compile: async (graph, label, options = {}) => {
      const model = lower(graph, label);
      const { program } = await open(graph, label, { ...options, model, file: encodeModel(model) });
      return program;
    },
    compileRecorded,
    allocate: async ({ dtype, shape }) => {
      requireAlive("allocate");
      const buffer: DeviceBuffer = { dtype, shape, dispose: () => free(buffer) };
      buffers.set(buffer, allocateTensor(api, buffer));
      return buffer;
    },
    write: async (buffer, data) => {
      const tensor = tensorOf(buffer, "write");
      checkNumbers("write", "the array", buffer, data);
      // The caller may change its array before the runs in flight are done with the buffer.
      const numbers = thread.isIdle ? data : data.slice();
      await thread.between(() => fillTensor(tensor, numbers));
    },
    read: async (buffer) => {
      const tensor = tensorOf(buffer, "read");
      return thread.between(() => copyOfTensor(tensor));
    },
    dispose: async () => {
      if (disposed) return;
      disposed = true;
      await thread.close();
      for (const program of programs) program.abandon();
      for (const tensor of buffers.values()) freeTensor(api, tensor);
      programs.clear();
      buffers.clear();
    },
  };
}
