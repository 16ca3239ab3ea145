/** The session thread: compiles and runs, in the order in which requests come, so that a step never holds
 * up the main thread's progress bar, signals and data loading.
 *
 * It is a thread of its own, not libuv's pool, because arithmetic must not depend on the thread that happens
 * to run it (see flush-denormals.ts), because a step must not wait behind file reads, and because the next
 * step starts at once even when the main thread is busy. Tensors never pass through here: requests carry
 * addresses of native memory, which the main thread keeps alive until the reply. */

import { parentPort } from "node:worker_threads";
import koffi from "koffi";
import { inputName, outputName } from "../../core/index.ts";
import { flushDenormals } from "./flush-denormals.ts";
import { created, ortLibrary } from "./ort-library.ts";

export type Request =
  | {
      readonly kind: "create";
      readonly session: number;
      readonly model: Uint8Array;
      readonly inputs: number;
      readonly outputs: number;
      /** Threads that one operator may use. */
      readonly threads: number;
      /** Whether the session will run once, so that optimizing its graph takes longer than it saves. */
      readonly once?: boolean;
      /** Where to keep a record of the runs. */
      readonly record?: RecordPaths;
    }
  | {
      readonly kind: "run";
      readonly session: number;
      /** Addresses of the arrays of OrtValues to read and to write. */
      readonly inputs: bigint;
      readonly outputs: bigint;
    }
  /** Ends a session's record. */
  | { readonly kind: "finish"; readonly session: number }
  | { readonly kind: "release"; readonly session: number }
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

type CreateRequest = Extract<Request, { readonly kind: "create" }>;

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
  "session.set_denormal_as_zero": denormalsAreZero ? "1" : "0",
  // Threads wait a moment for the next operator before they sleep: waking costs more than that. Without end, as is
  // the default, they make a step slower as soon as anything else, such as data loading, wants one of two cores.
  "session.intra_op.allow_spinning": "1",
  "session.intra_op.spin_duration_us": "20",
};

function createSession({ model, threads, once, record }: CreateRequest): bigint {
  const options = created((out) => api.CreateSessionOptions(out));
  try {
    api.SetIntraOpNumThreads(options, threads);
    api.SetInterOpNumThreads(options, 1);
    api.SetSessionExecutionMode(options, sequential);
    api.SetSessionGraphOptimizationLevel(options, once ? noOptimizations : allOptimizations);
    // The plan for all values as one block is made of a first run's, which the arena then holds beside it.
    api.DisableMemPattern(options);
    for (const [key, value] of Object.entries(settings)) api.AddSessionConfigEntry(options, key, value);
    if (record) {
      api.SetOptimizedModelFilePath(options, record.graph);
      api.EnableProfiling(options, record.events);
    }
    return created((out) => api.CreateSessionFromArray(environment, model, model.byteLength, options, out));
  } finally {
    api.ReleaseSessionOptions(options);
  }
}

function indexed(count: number, nameOf: (index: number) => string): Names {
  return namesOf(Array.from({ length: count }, (_, index) => nameOf(index)));
}

function sessionOf(number: number): Session {
  const session = sessions.get(number);
  if (!session) throw new Error(`session ${number} does not exist or was released`);
  return session;
}

function handle(request: Request): void {
  switch (request.kind) {
    case "create": {
      const session = createSession(request);
      const [inputs, outputs] = [indexed(request.inputs, inputName), indexed(request.outputs, outputName)];
      sessions.set(request.session, { handle: session, inputs, outputs });
      return;
    }
    case "run": {
      const { handle: session, inputs, outputs } = sessionOf(request.session);
      const [taken, given] = [inputs.addresses, outputs.addresses];
      api.Run(session, null, taken, request.inputs, taken.length, given, given.length, request.outputs);
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
    case "close": {
      for (const session of sessions.values()) api.ReleaseSession(session.handle);
      sessions.clear();
      api.ReleaseEnv(environment);
      parentPort?.close();
    }
  }
}

parentPort?.on("message", ({ id, request }: Message) => {
  let reply: Reply = { id };
  try {
    handle(request);
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply);
});
