/** What a lowering is, and what lowerings share. */

import { allocateHost, sizeOf } from "../../../base/index.ts";
import type { AttrsOf, OpName, TensorType } from "../../../graph/index.ts";
import type { NodeOptions, OnnxBuilder } from "../builder.ts";

/** What the runtime that will run the model offers beyond the standard operators. */
export interface LoweringTarget {
  /** Whether the operators of domain `com.microsoft` may be used; never in an exported file. */
  readonly contrib: boolean;
}

export interface LoweringContext<N extends OpName> {
  readonly onnx: OnnxBuilder;
  readonly target: LoweringTarget;
  readonly attrs: AttrsOf<N>;
  /** Names and types of the inputs. */
  readonly inputs: readonly string[];
  readonly types: readonly TensorType[];
  /** Name and type of the first output to produce, which for most ops is the only one. */
  readonly output: string;
  readonly type: TensorType;
  /** Names of all outputs. */
  readonly outputs: readonly string[];
  readonly path: string;
}

export type Lowering<N extends OpName> = (context: LoweringContext<N>) => void;

/** Lowerings of some ops. */
export type SomeLowerings = { readonly [N in OpName]?: Lowering<N> };

/** An op that is one ONNX operator over the same inputs. */
export function direct(opType: string): Lowering<never> {
  return ({ onnx, inputs, output, path }) => {
    onnx.node(opType, inputs, { output, path });
  };
}

/** A tensor without elements: a constant. ONNX Runtime drops an Expand from size 1 to 0 as if it did nothing. */
export function lowerEmpty(onnx: OnnxBuilder, { dtype, shape }: TensorType, options: NodeOptions): string {
  return onnx.node("Identity", [onnx.constant(dtype, shape, allocateHost(dtype, 0))], options);
}

export function lowerZeros(onnx: OnnxBuilder, type: TensorType, options: NodeOptions): string {
  if (sizeOf(type.shape) === 0) return lowerEmpty(onnx, type, options);
  return onnx.node("Expand", [onnx.float(0), onnx.ints(type.shape)], options);
}
