/** The graphics device of this process. All backends on it share one session thread, as ONNX Runtime's WebGPU
 * sessions share one queue of commands: two threads that run at once end in errors or a crash. */

import { encodeModel, GalateaError, lowerGraph, trace, webgpuTarget } from "../../core/index.ts";
import { SessionThread } from "./session-thread.ts";
import type { ExecutionProvider } from "./session-worker.ts";

/** With 64-bit integers, which are stored whole and computed with in 32 bits. */
export const webgpuProvider: ExecutionProvider = { name: "WebGPU", options: { enableInt64: "1" } };

/** The runtime's name for the device's memory. */
export const deviceMemoryName = "WebGPU_Buf";

export interface WebgpuDevice {
  readonly thread: SessionThread;
  /** A program of one number that the device's memory belongs to. */
  readonly session: number;
}

interface SharedDevice {
  readonly thread: SessionThread;
  /** Settles when the device is open, with its session's number. */
  readonly session: Promise<number>;
  /** Called when the process ends: a driver crashes that is unloaded while its device is at work. */
  readonly halt: () => void;
  users: number;
}

let shared: SharedDevice | undefined;
/** Settles when the device before this one is closed. */
let closed: Promise<void> = Promise.resolve();

/**
 * Starts using the device; each call that succeeds needs one of {@link releaseDevice}.
 * @throws GalateaError `backend` when there is none.
 */
export async function acquireDevice(): Promise<WebgpuDevice> {
  await closed;
  shared ??= startDevice();
  const { thread, session } = shared;
  shared.users++;
  try {
    return { thread, session: await session };
  } catch (error) {
    await releaseDevice();
    throw error;
  }
}

/** Stops using the device; the last one to do so closes it. */
export async function releaseDevice(): Promise<void> {
  if (!shared || --shared.users > 0) return;
  process.off("exit", shared.halt);
  closed = shared.thread.close();
  shared = undefined;
  await closed;
}

function startDevice(): SharedDevice {
  const thread = new SessionThread();
  const halt = (): void => thread.halt();
  process.on("exit", halt);
  return { thread, session: openDevice(thread), halt, users: 0 };
}

async function openDevice(thread: SessionThread): Promise<number> {
  const { graph } = trace({ x: { dtype: "float32", shape: [1] } }, ({ x }) => x.neg());
  const { inputs, outputs, ...rest } = lowerGraph(graph, webgpuTarget, "device");
  const names = { inputs: [inputs[0].name], outputs: [outputs[0].name] };
  const request = { model: encodeModel({ inputs, outputs, ...rest }), ...names, threads: 1, provider: webgpuProvider };
  try {
    const session = await thread.createSession(request, "webgpu");
    await thread.request({ kind: "open", session, memory: deviceMemoryName }, "webgpu");
    return session;
  } catch (cause) {
    const [, reason = (cause as Error).message] = /WebGPU adapter: (.*)/.exec((cause as Error).message) ?? [];
    throw new GalateaError("backend", "webgpu", `the graphics device cannot be used, ${reason}`, undefined, { cause });
  }
}
