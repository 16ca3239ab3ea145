/** What a backend can tell about runs of a program: which kernels ran, for how long, and in which memory. */

import type { Shape } from "../core/base/index.ts";

/** Memory that a kernel fills and that lives until its last reader is done. */
export interface RecordedValue {
  /** The runtime's name of the element type. */
  readonly dtype: string;
  readonly shape: Shape;
  readonly bytes: number;
  /** Place in the order of kernels of the last one that needs it. */
  readonly lastUse: number;
}

/** The graph nodes that a kernel computes: their ops in order, and the path of the first. */
export interface KernelOrigin {
  readonly ops: readonly string[];
  readonly path: string;
}

/** One of a program's kernels, a call of the runtime's code for an operator. */
export interface RecordedKernel {
  /** The runtime's name of the operator, such as `FusedGemm`. */
  readonly operator: string;
  /** Absent where the runtime's own optimizer made it and left no trace of what it is for. */
  readonly origin?: KernelOrigin;
  /** Milliseconds of each run, without those of kernels inside it. */
  readonly ms: readonly number[];
  /** What it allocates: views, buffers of the caller and inputs that are written over are not there. */
  readonly values: readonly RecordedValue[];
  /** The kernels of graphs inside it, such as a loop's body, each summed over a run. */
  readonly inner?: readonly RecordedKernel[];
}

export interface Recording {
  /** Each once, in the order in which they run. */
  readonly kernels: readonly RecordedKernel[];
  /** Milliseconds of each run as the runtime saw it. */
  readonly runMs: readonly number[];
  /** Bytes that the runtime holds for values, used or not, when the last run ends. */
  readonly heldBytes: number;
}
