/** The CPU backend: ONNX Runtime on a thread of its own. */

import { Worker } from "node:worker_threads";
import { encodeModel, GalateaError, type Graph, lowerGraph, optimize, type TensorType } from "../../core/index.ts";
import {
  type Backend,
  checkOperands,
  type DeviceBuffer,
  evaluateConstants,
  type HostTensor,
  isHostTensor,
  type Operand,
  type Program,
} from "../../engine/index.ts";
import type { Message, Reply, Request, WireOperand, WireTensor } from "./protocol.ts";

export interface CpuOptions {
  /** Threads that one operator may use; sums are added in an order that depends on it. */
  readonly threads: number;
}

interface Pending {
  readonly resolve: (tensors: readonly WireTensor[]) => void;
  readonly reject: (error: Error) => void;
}

/** One request, one reply, with the worker kept from holding the process open while it is idle. */
class SessionThread {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private failure: Error | undefined;
  private count = 0;

  constructor() {
    // The thread's file has this file's own extension: .ts under a TypeScript loader, .js when built.
    const file = import.meta.url.endsWith(".ts") ? "./session-worker.ts" : "./session-worker.js";
    this.worker = new Worker(new URL(file, import.meta.url));
    this.worker.on("message", (reply: Reply) => this.receive(reply));
    this.worker.on("error", (error: Error) => this.fail(error));
    this.worker.on("exit", (code) => this.fail(new Error(`the session thread ended with code ${code}`)));
    this.worker.unref();
  }

  request(request: Request, label: string): Promise<readonly WireTensor[]> {
    if (this.failure) return Promise.reject(backendError(label, this.failure.message));
    const message: Message = { id: this.count++, request };
    return new Promise((resolve, reject) => {
      this.pending.set(message.id, { resolve, reject: (error) => reject(backendError(label, error.message)) });
      this.worker.ref();
      this.worker.postMessage(message);
    });
  }

  async close(): Promise<void> {
    this.failure ??= new Error("the backend was disposed");
    await this.worker.terminate();
  }

  private receive(reply: Reply): void {
    const pending = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (this.pending.size === 0) this.worker.unref();
    if ("error" in reply) pending?.reject(new Error(reply.error));
    else pending?.resolve(reply.tensors);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.pending.values()) reject(this.failure);
    this.pending.clear();
  }
}

function backendError(label: string, message: string): GalateaError {
  return new GalateaError("backend", label, message);
}

/** A buffer that the session thread holds under a number. */
interface CpuBuffer extends DeviceBuffer {
  readonly number: number;
}

function numberOf(buffer: DeviceBuffer): number {
  return (buffer as CpuBuffer).number;
}

function toWire(operand: Operand): WireOperand {
  if (!isHostTensor(operand)) return { buffer: numberOf(operand) };
  const { dtype, shape, data } = operand;
  return { dtype, shape, data };
}

/**
 * Starts the CPU backend.
 * @throws GalateaError `config` when `threads` is no positive integer.
 */
export function createCpuBackend({ threads }: CpuOptions): Backend {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new GalateaError("config", "threads", `is ${threads}`, "it must be a whole number of at least 1");
  }
  const thread = new SessionThread();
  let numbers = 0;

  const compile = async (graph: Graph, label: string): Promise<Program> => {
    const model = encodeModel(lowerGraph(optimize(graph, evaluateConstants), { contrib: true }, label));
    const program = numbers++;
    await thread.request({ kind: "compile", program, model, options: { threads } }, label);
    const typeOf = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape });
    const inputs = graph.inputs.map(typeOf);
    const outputs = graph.outputs.map(({ value }) => typeOf(value));
    return {
      inputs,
      outputs,
      run: async (operands, into = outputs.map(() => undefined)) => {
        checkOperands(label, inputs, operands);
        into.forEach((buffer, i) => {
          if (buffer) checkOperands(`${label}, output ${i}`, [outputs[i]], [buffer]);
        });
        const targets = into.map((buffer) => (buffer ? numberOf(buffer) : -1));
        const request: Request = { kind: "run", program, inputs: operands.map(toWire), into: targets };
        return (await thread.request(request, label)) as readonly HostTensor[];
      },
      dispose: async () => {
        await thread.request({ kind: "release", program }, label);
      },
    };
  };

  return {
    name: "cpu",
    description: `ONNX Runtime on CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    compile,
    allocate: async ({ dtype, shape }) => {
      const number = numbers++;
      await thread.request({ kind: "allocate", buffer: number, dtype, shape }, "allocate");
      const dispose = async (): Promise<void> => {
        await thread.request({ kind: "free", buffer: number }, "dispose");
      };
      const buffer: CpuBuffer = { dtype, shape, number, dispose };
      return buffer;
    },
    write: async (buffer, data) => {
      await thread.request({ kind: "write", buffer: numberOf(buffer), data }, "write");
    },
    read: async (buffer) => (await thread.request({ kind: "read", buffer: numberOf(buffer) }, "read"))[0].data,
    dispose: () => thread.close(),
  };
}
