/** Ops that join or order the elements along axes: sums, largest and smallest elements. */

import { type DType, formatShape, type Shape } from "../../base/index.ts";
import {
  discreteOp,
  type OpDefinition,
  OpProblem,
  op,
  requireAxis,
  requireDType,
  requireInputs,
} from "./definition.ts";

export interface ReduceAttrs {
  /** Distinct axes, counted from 0, ascending. */
  readonly axes: readonly number[];
  /** Whether reduced axes stay, with size 1. */
  readonly keepDims: boolean;
}

export interface CumulativeSumAttrs {
  readonly axis: number;
  /** Whether sums start at the end of the axis. */
  readonly reverse: boolean;
  /** Whether an element is left out of the sum at its own place. */
  readonly exclusive: boolean;
}

export interface TopKAttrs {
  readonly axis: number;
  readonly k: number;
  /** Whether the largest elements are taken, in descending order, or the smallest, ascending. */
  readonly largest: boolean;
}

const summable: readonly DType[] = ["float32", "int32", "int64"];
const ordered: readonly DType[] = [...summable, "uint8"];

const reducedShapes = "[A..., N, B...] -> [A..., B...], with keepDims [A..., 1, B...]";

function reducedShape(shape: Shape, { axes, keepDims }: ReduceAttrs): number[] {
  const invalid = axes.find((axis, i) => axis < 0 || axis >= shape.length || (i > 0 && axis <= axes[i - 1]));
  if (invalid !== undefined) {
    throw new OpProblem(
      "shape",
      `axes ${formatShape(axes)} of ${formatShape(shape)}`,
      "they must ascend and lie within the rank",
    );
  }
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
}

function requireElements(shape: Shape, axes: readonly number[]): void {
  if (axes.some((axis) => shape[axis] === 0)) {
    throw new OpProblem("shape", `an empty axis in ${formatShape(shape)}`, "it needs an element");
  }
}

/** The largest or smallest element over axes. */
function extremum(doc: string): OpDefinition<ReduceAttrs> & { readonly differentiable: true } {
  return op({
    doc,
    shapes: reducedShapes,
    infer: (inputs, attrs) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], [...ordered, "bool"], "its input");
      requireElements(inputs[0].shape, attrs.axes);
      return [{ dtype: inputs[0].dtype, shape: reducedShape(inputs[0].shape, attrs) }];
    },
  });
}

/** Where the largest or smallest element along an axis is. */
function place(doc: string): OpDefinition<{ readonly axis: number }> & { readonly differentiable: false } {
  return discreteOp({
    doc,
    shapes: "[A..., N, B...] -> [A..., B...]",
    infer: (inputs, { axis }) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], ordered, "its input");
      requireElements(inputs[0].shape, [axis]);
      return [{ dtype: "int64", shape: reducedShape(inputs[0].shape, { axes: [axis], keepDims: false }) }];
    },
  });
}

export const reduction = {
  reduceSum: op<ReduceAttrs>({
    doc: "Sums over axes; an empty axis sums to 0.",
    shapes: reducedShapes,
    infer: (inputs, attrs) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], summable, "its input");
      return [{ dtype: inputs[0].dtype, shape: reducedShape(inputs[0].shape, attrs) }];
    },
  }),
  reduceMax: extremum("The largest element over axes, NaN if there is one; equal largest elements share the gradient."),
  reduceMin: extremum(
    "The smallest element over axes, NaN if there is one; equal smallest elements share the gradient.",
  ),
  argMax: place("The int64 index of the first largest element along an axis, which goes away."),
  argMin: place("The int64 index of the first smallest element along an axis, which goes away."),
  cumulativeSum: op<CumulativeSumAttrs>({
    doc: "At each place the sum of the elements along an axis up to there, or from there on, with or without its own.",
    shapes: "[...] -> [...]",
    infer: (inputs, { axis }) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], summable, "its input");
      requireAxis(axis, inputs[0]);
      return [inputs[0]];
    },
  }),
  topK: op<TopKAttrs>({
    doc: "The k largest elements along an axis, descending, or the k smallest, ascending, and their int64 indices; of equal elements the first comes first.",
    shapes: "[A..., N, B...] -> [A..., k, B...], [A..., k, B...]",
    infer: (inputs, { axis, k }) => {
      requireInputs(inputs, 1);
      const [{ dtype, shape: from }] = inputs;
      requireDType(inputs[0], ordered, "its input");
      requireAxis(axis, inputs[0]);
      if (!Number.isInteger(k) || k < 0 || k > from[axis]) {
        const right = `k is a whole number from 0 to ${from[axis]}`;
        throw new OpProblem("shape", `${k} elements along axis ${axis} of ${formatShape(from)}`, right);
      }
      const shape = from.map((size, i) => (i === axis ? k : size));
      return [
        { dtype, shape },
        { dtype: "int64", shape },
      ];
    },
  }),
};
