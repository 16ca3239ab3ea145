/** The session thread: compiles and runs, in the order in which requests come, so that a step never holds
 * up the main thread's progress bar, signals and data loading.
 *
 * It is a thread of its own, not libuv's pool, because arithmetic must not depend on the thread that happens
 * to run it (see flush-denormals.ts), because a step must not wait behind file reads, and because the next
 * step starts at once even when the main thread is busy. Tensors never pass through here: requests carry
 * addresses of native memory, which the main thread keeps alive until the reply. */

import { parentPort, workerData } from "node:worker_threads";
import koffi from "koffi";
import type { Shape } from "../../core/index.ts";
import { flushDenormals } from "./flush-denormals.ts";
import { created, ortLibrary } from "./ort-library.ts";
import { openDevice, type SessionDevice } from "./session-device.ts";
import { signals } from "./session-signals.ts";

/** What runs a session's operators in place of the runtime's own CPU kernels: all of them, or it is an error. */
export interface ExecutionProvider {
  /** As the runtime calls it. */
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface SessionRequest {
  readonly model: Uint8Array;
  /** Names of the model's inputs and outputs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Threads that one operator may use. */
  readonly threads: number;
  readonly provider?: ExecutionProvider;
  /** Where to keep a record of the runs. */
  readonly record?: RecordPaths;
}

export type Request =
  | ({ readonly kind: "create"; readonly session: number } & SessionRequest)
  | {
      readonly kind: "run";
      readonly session: number;
      /** Addresses of the arrays of OrtValues to read and to write. */
      readonly inputs: bigint;
      readonly outputs: bigint;
      /** Whether no output lies in host memory, so that the run would be over before the device has done it. */
      readonly onDevice: boolean;
    }
  /** Ends a session's record. */
  | { readonly kind: "finish"; readonly session: number }
  | { readonly kind: "release"; readonly session: number }
  /** Opens the device that a session runs on, by the runtime's name for its memory. */
  | { readonly kind: "open"; readonly session: number; readonly memory: string }
  /** Allocates a tensor in device memory and writes its OrtValue's address to `slot`. */
  | { readonly kind: "allocate"; readonly elementType: number; readonly shape: Shape; readonly slot: bigint }
  /** Copies between tensors of one type, wherever their memory is. */
  | { readonly kind: "copy"; readonly from: bigint; readonly to: bigint }
  | { readonly kind: "free"; readonly value: bigint }
  /** Releases everything; no request may follow. */
  | { readonly kind: "close" };

/** Files that a recorded session writes. */
export interface RecordPaths {
  /** The graph as the runtime's optimizer left it, in the order in which it runs, as ONNX. */
  readonly graph: string;
  /** Beginning of the name of the file of events, to which the runtime adds the time and `.json`. */
  readonly events: string;
}

export interface Message {
  readonly id: number;
  readonly request: Request;
}

export interface Reply {
  readonly id: number;
  readonly error?: string;
}

/** Zero-terminated names as C wants them: an array of addresses, into one block of text. */
interface Names {
  readonly addresses: BigUint64Array;
  readonly text: Buffer;
}

interface Session {
  readonly handle: bigint;
  readonly inputs: Names;
  readonly outputs: Names;
}

/** ORT_LOGGING_LEVEL_FATAL, as errors come back as exceptions; ORT_SEQUENTIAL; ORT_DISABLE_ALL; ORT_ENABLE_ALL. */
const [logFatal, sequential, noOptimizations, allOptimizations] = [4, 0, 0, 99];

// ONNX Runtime runs on koffi's stack, and its graph passes recurse. Untouched pages cost no memory.
koffi.config({ sync_stack_size: 16 * 1024 * 1024 });
const { api } = ortLibrary();
const denormalsAreZero = flushDenormals();
const environment = created((out) => api.CreateEnv(logFatal, "galatea", out));
api.DisableTelemetryEvents(environment);

const sessions = new Map<number, Session>();
/** The device that sessions run on; none on the CPU. */
let device: SessionDevice | undefined;

function namesOf(names: readonly string[]): Names {
  const text = Buffer.from(names.map((name) => `${name}\0`).join(""));
  const start = koffi.address(text);
  let offset = 0;
  const addresses = BigUint64Array.from(names, (name) => {
    const address = start + BigInt(offset);
    offset += Buffer.byteLength(name) + 1;
    return address;
  });
  return { addresses, text };
}

const settings = {
  // Where the runtime optimizes: it takes transposes into products, also where one copy serves many (core/compile/passes).
  "optimization.disable_specified_optimizers": "MatmulTransposeFusion",
  "session.set_denormal_as_zero": denormalsAreZero ? "1" : "0",
  // Threads wait a moment for the next operator before they sleep: waking costs more than that. Without end, as is
  // the default, they make a step slower as soon as anything else, such as data loading, wants one of two cores.
  "session.intra_op.allow_spinning": "1",
  "session.intra_op.spin_duration_us": "20",
};

function useProvider(options: bigint, provider: ExecutionProvider): void {
  const [keys, values] = [namesOf(Object.keys(provider.options)), namesOf(Object.values(provider.options))];
  const { length } = keys.addresses;
  api.SessionOptionsAppendExecutionProvider(options, provider.name, keys.addresses, values.addresses, length);
  api.AddSessionConfigEntry(options, "session.disable_cpu_ep_fallback", "1");
}

function createSession({ model, threads, provider, record }: SessionRequest): bigint {
  const options = created((out) => api.CreateSessionOptions(out));
  try {
    api.SetIntraOpNumThreads(options, threads);
    api.SetInterOpNumThreads(options, 1);
    api.SetSessionExecutionMode(options, sequential);
    // Our passes leave its own nothing to gain on the CPU, and it takes seconds to look; devices need its layouts.
    api.SetSessionGraphOptimizationLevel(options, provider ? allOptimizations : noOptimizations);
    // The plan for all values as one block is made of a first run's, which the arena then holds beside it.
    api.DisableMemPattern(options);
    for (const [key, value] of Object.entries(settings)) api.AddSessionConfigEntry(options, key, value);
    if (provider) useProvider(options, provider);
    if (record) {
      api.SetOptimizedModelFilePath(options, record.graph);
      api.EnableProfiling(options, record.events);
    }
    return created((out) => api.CreateSessionFromArray(environment, model, model.byteLength, options, out));
  } finally {
    api.ReleaseSessionOptions(options);
  }
}

function sessionOf(number: number): Session {
  const session = sessions.get(number);
  if (!session) throw new Error(`session ${number} does not exist or was released`);
  return session;
}

function requireDevice(): SessionDevice {
  if (!device) throw new Error("there is no device but the processor");
  return device;
}

function handle(request: Request): void {
  switch (request.kind) {
    case "create": {
      const session = createSession(request);
      const [inputs, outputs] = [namesOf(request.inputs), namesOf(request.outputs)];
      sessions.set(request.session, { handle: session, inputs, outputs });
      return;
    }
    case "run": {
      const { handle: session, inputs, outputs } = sessionOf(request.session);
      const [taken, given] = [inputs.addresses, outputs.addresses];
      api.Run(session, null, taken, request.inputs, taken.length, given, given.length, request.outputs);
      // Errors come to light only then, and a process that ended before would crash in the driver.
      if (request.onDevice) device?.wait();
      return;
    }
    case "finish": {
      const allocator = created((out) => api.GetAllocatorWithDefaultOptions(out));
      const file = created((out) => api.SessionEndProfiling(sessionOf(request.session).handle, allocator, out));
      api.AllocatorFree(allocator, file);
      return;
    }
    case "release": {
      api.ReleaseSession(sessionOf(request.session).handle);
      sessions.delete(request.session);
      return;
    }
    case "open": {
      device = openDevice(api, environment, sessionOf(request.session).handle, request.memory);
      return;
    }
    case "allocate": {
      requireDevice().allocate(request.elementType, request.shape, request.slot);
      return;
    }
    case "copy": {
      requireDevice().copy(request.from, request.to);
      return;
    }
    case "free": {
      api.ReleaseValue(request.value);
      return;
    }
    case "close": {
      device?.close();
      for (const session of sessions.values()) api.ReleaseSession(session.handle);
      sessions.clear();
      api.ReleaseEnv(environment);
      parentPort?.close();
    }
  }
}

function answer({ id, request }: Message): Reply {
  try {
    handle(request);
    return { id };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

const flags = workerData as Int32Array;

parentPort?.on("message", (message: Message) => {
  Atomics.store(flags, signals.busy, 1);
  // Nothing is begun any more once the process is about to end.
  if (Atomics.load(flags, signals.halt) === 0) parentPort?.postMessage(answer(message));
  Atomics.store(flags, signals.busy, 0);
  Atomics.notify(flags, signals.busy);
});
