/** The seam between graphs and devices: what a backend must offer. Implemented under platform/. */

import type { HostArray, Shape } from "../core/base/index.ts";
import type { Graph, TensorType } from "../core/graph/index.ts";
import type { Recording } from "./recording.ts";

/** Numbers in host memory with their type. */
export interface HostTensor extends TensorType {
  readonly data: HostArray;
}

/** Numbers on the device. Made by a backend, used by the same one, freed by `dispose`. */
export interface DeviceBuffer extends TensorType {
  readonly shape: Shape;
  dispose(): Promise<void>;
}

/** What a program reads: device memory in place, or host memory that is sent along. */
export type Operand = HostTensor | DeviceBuffer;

/** A compiled graph on a device. */
export interface Program {
  /** Types of inputs and outputs, in the graph's order. */
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
  /**
   * Whether a run may write output `output` into the buffer that it reads as input `input`: it is done with the old
   * number of each place before it writes the new one. Never where absent.
   */
  overwrites?(output: number, input: number): boolean;
  /**
   * Runs the program. Calls queue up in order: a caller may start the next run before this one ends.
   *
   * @param inputs one operand for each input
   * @param into for each output a buffer to write, or `undefined` to get the output in host memory.
   *   No buffer may also be an input of the same run, unless the output overwrites that input.
   * @returns the outputs that were not written into a buffer, in order
   * @throws GalateaError `backend` when the runtime fails or operands have wrong types
   */
  run(inputs: readonly Operand[], into?: readonly (DeviceBuffer | undefined)[]): Promise<readonly HostTensor[]>;
  dispose(): Promise<void>;
}

export interface CompileOptions {
  /** The program will run once: it should start soon rather than run fast. */
  readonly once?: boolean;
}

/** A program whose runs are recorded. */
export interface RecordedProgram {
  readonly program: Program;
  /** The program as a file that viewers of ONNX models open. */
  readonly file: Uint8Array;
  /** Ends the recording: all runs since compilation. Later runs are not recorded. */
  finish(): Promise<Recording>;
}

/** A device that runs programs. */
export interface Backend {
  /** Such as `cpu`. */
  readonly name: string;
  /** For people: runtime, version, threads. */
  readonly description: string;
  /** Threads that one operator may use: they decide in which order sums are added. */
  readonly threads: number;
  /** @throws GalateaError `backend` when the runtime refuses the program. */
  compile(graph: Graph, label: string, options?: CompileOptions): Promise<Program>;
  /**
   * Compiles a program that keeps a record of its runs, which makes them slower. Absent where the runtime keeps
   * none.
   */
  compileRecorded?(graph: Graph, label: string): Promise<RecordedProgram>;
  /** Device memory, filled with zeros. */
  allocate(type: TensorType): Promise<DeviceBuffer>;
  write(buffer: DeviceBuffer, data: HostArray): Promise<void>;
  read(buffer: DeviceBuffer): Promise<HostArray>;
  /** Frees everything; the backend cannot be used afterwards. */
  dispose(): Promise<void>;
}

export function isHostTensor(operand: Operand): operand is HostTensor {
  return "data" in operand;
}
