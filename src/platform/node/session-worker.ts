/** The session thread: holds ONNX Runtime's sessions and all buffers, so that a running step never
 * blocks the main thread's progress bar, signals and data loading. */

import { parentPort } from "node:worker_threads";
import ort from "onnxruntime-node";
import { allocateHost, type DType, type HostArray, inputName, outputName, type Shape, sizeOf } from "../../core/index.ts";
import type { Message, Reply, Request, WireOperand, WireTensor } from "./protocol.ts";

interface HeldBuffer {
  readonly tensor: ort.Tensor;
  readonly dtype: DType;
  readonly shape: Shape;
}

const sessions = new Map<number, ort.InferenceSession>();
const buffers = new Map<number, HeldBuffer>();

function tensorOver(dtype: DType, shape: Shape, data: HostArray): ort.Tensor {
  return new ort.Tensor(dtype, data as never, shape);
}

function bufferOf(number: number): HeldBuffer {
  const buffer = buffers.get(number);
  if (!buffer) throw new Error(`buffer ${number} does not exist or was disposed`);
  return buffer;
}

function sessionOf(program: number): ort.InferenceSession {
  const session = sessions.get(program);
  if (!session) throw new Error(`program ${program} does not exist or was disposed`);
  return session;
}

function operandTensor(operand: WireOperand): ort.Tensor {
  return "buffer" in operand ? bufferOf(operand.buffer).tensor : tensorOver(operand.dtype, operand.shape, operand.data);
}

async function run({ program, inputs, into }: Extract<Request, { kind: "run" }>): Promise<WireTensor[]> {
  const session = sessionOf(program);
  const feeds: Record<string, ort.Tensor> = {};
  inputs.forEach((operand, i) => {
    feeds[inputName(i)] = operandTensor(operand);
  });
  // A tensor among the fetches is written in place; null asks for a new one.
  const fetches: Record<string, ort.Tensor | null> = {};
  into.forEach((buffer, i) => {
    fetches[outputName(i)] = buffer < 0 ? null : bufferOf(buffer).tensor;
  });
  const results = await session.run(feeds, fetches);
  return into.flatMap((buffer, i) => {
    if (buffer >= 0) return [];
    const { type, dims, data } = results[outputName(i)];
    return [{ dtype: type as DType, shape: dims, data: data as HostArray }];
  });
}

async function handle(request: Request): Promise<WireTensor[]> {
  switch (request.kind) {
    case "compile": {
      const session = await ort.InferenceSession.create(request.model, {
        executionProviders: ["cpu"],
        intraOpNumThreads: request.options.threads,
        interOpNumThreads: 1,
        executionMode: "sequential",
        graphOptimizationLevel: "all",
        logSeverityLevel: 3,
      });
      sessions.set(request.program, session);
      return [];
    }
    case "release": {
      await sessionOf(request.program).release();
      sessions.delete(request.program);
      return [];
    }
    case "allocate": {
      const { dtype, shape } = request;
      const tensor = tensorOver(dtype, shape, allocateHost(dtype, sizeOf(shape)));
      buffers.set(request.buffer, { tensor, dtype, shape });
      return [];
    }
    case "write": {
      (bufferOf(request.buffer).tensor.data as Float32Array).set(request.data as Float32Array);
      return [];
    }
    case "read": {
      const { tensor, dtype, shape } = bufferOf(request.buffer);
      return [{ dtype, shape, data: tensor.data.slice() as HostArray }];
    }
    case "free": {
      buffers.delete(request.buffer);
      return [];
    }
    case "run":
      return run(request);
  }
}

/** Requests are answered one after the other, in the order in which they came. */
let last: Promise<void> = Promise.resolve();

parentPort?.on("message", ({ id, request }: Message) => {
  last = last.then(async () => {
    try {
      // Memory that the runtime owns cannot be moved to another thread: results are copied.
      reply({ id, tensors: await handle(request) });
    } catch (error) {
      reply({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
});

function reply(message: Reply): void {
  parentPort?.postMessage(message);
}
