/** What the main thread and the session thread say to each other. One request, one reply, in order. */

import type { DType, HostArray, Shape } from "../../core/index.ts";

/** A tensor on its way between threads. */
export interface WireTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: HostArray;
}

/** An input: numbers, or the number of a buffer that the session thread holds. */
export type WireOperand = WireTensor | { readonly buffer: number };

export interface SessionOptions {
  /** Threads that one operator may use. */
  readonly threads: number;
}

export type Request =
  | { readonly kind: "compile"; readonly program: number; readonly model: Uint8Array; readonly options: SessionOptions }
  | { readonly kind: "release"; readonly program: number }
  | { readonly kind: "allocate"; readonly buffer: number; readonly dtype: DType; readonly shape: Shape }
  | { readonly kind: "write"; readonly buffer: number; readonly data: HostArray }
  | { readonly kind: "read"; readonly buffer: number }
  | { readonly kind: "free"; readonly buffer: number }
  | {
      readonly kind: "run";
      readonly program: number;
      readonly inputs: readonly WireOperand[];
      /** For each output the buffer that receives it, or -1 to send it back. */
      readonly into: readonly number[];
    };

export interface Message {
  readonly id: number;
  readonly request: Request;
}

export type Reply =
  | { readonly id: number; readonly tensors: readonly WireTensor[] }
  | { readonly id: number; readonly error: string };
