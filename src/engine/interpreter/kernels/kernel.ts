/** What a kernel is, and the walk over elements that kernels share. */

import { type DType, type Shape, sizeOf, stridesOf } from "../../../core/base/index.ts";
import type { AttrsOf, Graph, OpName } from "../../../core/graph/index.ts";
import type { HostValue } from "../value.ts";

/**
 * Computes an op's output, or its outputs. The graph has checked that inputs and attributes fit; the output's
 * shape is computed here again, independently of the op table.
 * @param run evaluates a graph that the op holds
 */
export type Kernel<N extends OpName> = (
  inputs: readonly HostValue[],
  attrs: AttrsOf<N>,
  run: (body: Graph, inputs: readonly HostValue[]) => readonly HostValue[],
) => HostValue | readonly HostValue[];

/** Visits every place of a shape in row-major order. The coordinates are one array, changed in between. */
export function forEachPlace(shape: Shape, visit: (at: readonly number[], index: number) => void): void {
  const size = sizeOf(shape);
  const at = new Array<number>(shape.length).fill(0);
  for (let index = 0; index < size; index++) {
    visit(at, index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++at[axis] < shape[axis]) break;
      at[axis] = 0;
    }
  }
}

/** A value whose element at each place is computed from the place's coordinates. */
export function fill(dtype: DType, shape: Shape, element: (at: readonly number[]) => number): HostValue {
  const data = new Float64Array(sizeOf(shape));
  forEachPlace(shape, (at, index) => {
    data[index] = element(at);
  });
  return { dtype, shape, data };
}

/** Reads elements by coordinates of a shape that the value broadcasts to: its axes are the last ones. */
export function reader({ shape, data }: HostValue, rank: number): (at: readonly number[]) => number {
  const missing = rank - shape.length;
  const strides = stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return (at) => data[strides.reduce((sum, stride, axis) => sum + stride * at[axis + missing], 0)];
}
