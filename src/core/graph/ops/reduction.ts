/** Ops that join the elements along axes: sums, maxima. */

import { formatShape, type Shape } from "../../base/index.ts";
import { discreteOp, OpProblem, op, requireAxes, requireDType, requireInputs } from "./definition.ts";

export interface ReduceAttrs {
  /** Distinct axes, counted from 0, ascending. */
  readonly axes: readonly number[];
  /** Whether reduced axes stay, with size 1. */
  readonly keepDims: boolean;
}

function reducedShape(shape: Shape, { axes, keepDims }: ReduceAttrs): number[] {
  requireAxes(axes, shape);
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
}

function requireElements(shape: Shape, axes: readonly number[]): void {
  if (axes.some((axis) => shape[axis] === 0)) {
    throw new OpProblem("shape", `an empty axis in ${formatShape(shape)}`, "a maximum needs an element");
  }
}

export const reduction = {
  reduceSum: op<ReduceAttrs>({
    doc: "Sums over axes; an empty axis sums to 0.",
    shapes: "[A..., N, B...] -> [A..., B...], with keepDims [A..., 1, B...]",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], ["float32", "int32", "int64"], "its input");
      return [{ dtype: inputs[0].dtype, shape: reducedShape(inputs[0].shape, attrs) }];
    },
  }),
  reduceMax: op<ReduceAttrs>({
    doc: "The largest element over axes; equal largest elements share the gradient.",
    shapes: "[A..., N, B...] -> [A..., B...], with keepDims [A..., 1, B...]",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], ["float32"], "its input");
      requireElements(inputs[0].shape, attrs.axes);
      return [{ dtype: "float32", shape: reducedShape(inputs[0].shape, attrs) }];
    },
  }),
  argMax: discreteOp<{ readonly axis: number }>({
    doc: "The int64 index of the first largest element along an axis, which goes away.",
    shapes: "[A..., N, B...] -> [A..., B...]",
    infer: (inputs, { axis }) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], ["float32"], "its input");
      requireElements(inputs[0].shape, [axis]);
      return [{ dtype: "int64", shape: reducedShape(inputs[0].shape, { axes: [axis], keepDims: false }) }];
    },
  }),
};
