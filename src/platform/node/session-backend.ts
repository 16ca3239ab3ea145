/** What backends on ONNX Runtime's C API have in common: buffers and programs of one session thread. */

import {
  type DType,
  encodeModel,
  GalateaError,
  type Graph,
  type HostArray,
  type LoweringTarget,
  lowerGraph,
  type OnnxModel,
  type OnnxValue,
  optimize,
  overwritesOf,
  type TensorType,
} from "../../core/index.ts";
import {
  type Backend,
  type CompileOptions,
  type DeviceBuffer,
  evaluateConstants,
  type Program,
  type RecordedProgram,
  type Recording,
} from "../../engine/index.ts";
import { checkNumbers } from "./native-tensor.ts";
import type { OrtApi } from "./ort-library.ts";
import { createRecordFolder } from "./record-folder.ts";
import { readRecording } from "./recording.ts";
import { type ProgramHost, SessionProgram } from "./session-program.ts";
import type { SessionThread } from "./session-thread.ts";
import type { ExecutionProvider, RecordPaths } from "./session-worker.ts";

/** Memory of one buffer. What is asked of it keeps its place among the session thread's requests. */
export interface BufferMemory {
  /** Address of the OrtValue. */
  readonly value: bigint;
  /** Copies numbers, after {@link checkNumbers}; the caller may change its array at once. */
  write(data: HostArray): Promise<void>;
  /** The numbers in memory of their own. */
  read(): Promise<HostArray>;
  free(): Promise<void>;
}

/** Starts a session of a model. */
export type LoadModel = (model: OnnxModel, label: string) => Promise<Program>;

export interface SessionBackendOptions extends Pick<Backend, "name" | "description" | "threads"> {
  readonly api: OrtApi;
  readonly thread: SessionThread;
  /** What programs are lowered for; asked once, before the first program. */
  readonly findTarget: (load: LoadModel) => Promise<LoweringTarget>;
  /** What runs the programs; the runtime's own CPU kernels where absent. */
  readonly provider?: ExecutionProvider;
  /** Memory of zeros. */
  readonly allocate: (type: TensorType) => Promise<BufferMemory>;
  /** Ends the use of the thread, once everything of this backend has been given back. */
  readonly close: () => Promise<void>;
  /** Throws when the device cannot carry these numbers of the host. */
  readonly requireCarried?: (where: string, data: HostArray) => void;
}

/** What a session is made of. */
interface Opening {
  readonly model: OnnxModel;
  /** The model, encoded. */
  readonly file: Uint8Array;
  readonly record?: RecordPaths;
}

function typeOf({ dtype, shape }: OnnxValue): TensorType {
  return { dtype: dtype as DType, shape };
}

/** A backend over a session thread. */
export function createSessionBackend(options: SessionBackendOptions): Backend {
  const { api, thread, provider, threads, name, description } = options;
  const requireCarried = options.requireCarried ?? (() => {});
  /** The owner of all buffers and programs that are not yet disposed. */
  const buffers = new Map<DeviceBuffer, BufferMemory>();
  const programs = new Set<SessionProgram>();
  let disposed = false;

  const requireAlive = (label: string): void => {
    if (disposed) throw new GalateaError("backend", label, "the backend was disposed");
  };
  const memoryOf = (buffer: DeviceBuffer, label: string): BufferMemory => {
    requireAlive(label);
    const memory = buffers.get(buffer);
    if (!memory) throw new GalateaError("backend", label, "the buffer was disposed or is of another backend");
    return memory;
  };
  const host: ProgramHost = {
    api,
    thread,
    programs,
    valueOf: (buffer, label) => memoryOf(buffer, label).value,
    requireCarried,
  };

  const open = async (label: string, { model, file, record }: Opening) => {
    const nameOf = ({ name: given }: OnnxValue): string => given;
    const names = { inputs: model.inputs.map(nameOf), outputs: model.outputs.map(nameOf) };
    const how = { threads, ...names, ...(provider && { provider }), ...(record && { record }) };
    const session = await thread.createSession({ model: file, ...how }, label);
    const [inputs, outputs] = [model.inputs.map(typeOf), model.outputs.map(typeOf)];
    // Kernels of a device may not be given the same memory to read and to write.
    const overwrites = provider ? () => false : overwritesOf(model);
    const program = new SessionProgram(host, { session, label, inputs, outputs, overwrites });
    programs.add(program);
    return { program, session };
  };
  const load: LoadModel = async (model, label) => (await open(label, { model, file: encodeModel(model) })).program;
  let target: Promise<LoweringTarget> | undefined;
  const lower = async (graph: Graph, label: string, { once }: CompileOptions = {}): Promise<OnnxModel> => {
    requireAlive(label);
    target ??= options.findTarget(load);
    const forThis = { ...(await target), ...(once && { runsOnce: true }) };
    return lowerGraph(optimize(graph, evaluateConstants, forThis), forThis, label);
  };
  const compileRecorded = async (graph: Graph, label: string): Promise<RecordedProgram> => {
    const model = await lower(graph, label);
    const file = encodeModel(model);
    const folder = await createRecordFolder();
    try {
      const { program, session } = await open(label, { model, file, record: folder.paths });
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
    const memory = buffers.get(buffer);
    buffers.delete(buffer);
    await memory?.free();
  };

  return {
    name,
    threads,
    description,
    compile: async (graph, label, how) => load(await lower(graph, label, how), label),
    compileRecorded,
    allocate: async ({ dtype, shape }) => {
      requireAlive("allocate");
      const buffer: DeviceBuffer = { dtype, shape, dispose: () => free(buffer) };
      buffers.set(buffer, await options.allocate(buffer));
      return buffer;
    },
    write: async (buffer, data) => {
      const memory = memoryOf(buffer, "write");
      checkNumbers("write", "the array", buffer, data);
      requireCarried("write", data);
      await memory.write(data);
    },
    read: async (buffer) => memoryOf(buffer, "read").read(),
    dispose: async () => {
      if (disposed) return;
      disposed = true;
      // A thread that failed frees nothing: its memory is lost with it.
      const freed = [...[...buffers.keys()].map(free), ...[...programs].map((program) => program.dispose())];
      await Promise.allSettled([...freed, options.close()]);
    },
  };
}
