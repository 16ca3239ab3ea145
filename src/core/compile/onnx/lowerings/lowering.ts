/** What a lowering is, and what lowerings share. */

import { allocateHost, type DType, sizeOf } from "../../../base/index.ts";
import type { AttrsOf, Graph, OpName, TensorType } from "../../../graph/index.ts";
import type { NodeOptions, OnnxBuilder } from "../builder.ts";
import type { OnnxGraph } from "../writer.ts";

/** The operators that a device has kernels for, each with the element types that it works on. */
export type KernelTable = Readonly<Record<string, readonly DType[]>>;

/** What the runtime that will run the model offers beyond the standard operators, and what it lacks of them. */
export interface LoweringTarget {
  /** Whether the operators of domain `com.microsoft` may be used; never in an exported file. */
  readonly contrib: boolean;
  /** The standard operators that can be run; all of them where absent. Others are spelled in these. */
  readonly kernels?: KernelTable;
  /** Whether it lacks uint64 and bitwise operators: random numbers then take the longer way of uint32. */
  readonly narrowIntegers?: boolean;
  /** Whether kernels compute int64 numbers in 32 bits: then only such ops are lowered as keep them that narrow. */
  readonly narrowInt64?: boolean;
  /** Whether sums into computed places are added in any order, so that their rounding differs between runs. */
  readonly unorderedScatter?: boolean;
  /**
   * How many channels the runtime's blocked convolutions take at a time, where it has them: a matter of the processor,
   * so never in an exported file.
   */
  readonly convolutionBlock?: number;
  /** Whether the program will run once, so that it should have few nodes rather than fast ones. */
  readonly runsOnce?: boolean;
  /** Whether MaxPool does not say where the largest elements are. */
  readonly lacksPoolPlaces?: boolean;
}

export interface LoweringContext<N extends OpName> {
  readonly onnx: OnnxBuilder;
  readonly target: LoweringTarget;
  readonly attrs: AttrsOf<N>;
  /** Names and types of the inputs. */
  readonly inputs: readonly string[];
  readonly types: readonly TensorType[];
  /** The number that all elements of an input are known to be; `undefined` where there is none. */
  readonly uniform: (input: number) => number | undefined;
  /** Name and type of the first output to produce, which for most ops is the only one. */
  readonly output: string;
  readonly type: TensorType;
  /** Names of all outputs. */
  readonly outputs: readonly string[];
  readonly path: string;
  /**
   * A graph that the op holds, for an attribute.
   * @param captured names around it that stand for some of its inputs; the others are declared, in order
   */
  readonly lowerBody: (body: Graph, captured: ReadonlyMap<number, string>) => OnnxGraph;
  /** A graph that the op holds, its nodes among those around it: from the op's inputs to its outputs. */
  readonly lowerInline: (body: Graph) => void;
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
