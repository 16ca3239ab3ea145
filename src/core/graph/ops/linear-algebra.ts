/** Sums over axes, matrix products and convolutions. */

import { broadcastShapes, formatShape, type Shape } from "../../base/index.ts";
import { discreteOp, OpProblem, op, requireDType, requireInputs, type TensorType } from "./definition.ts";

export interface ReduceAttrs {
  /** Distinct axes, counted from 0, ascending. */
  readonly axes: readonly number[];
  /** Whether reduced axes stay, with size 1. */
  readonly keepDims: boolean;
}

export interface MatmulAttrs {
  /** Whether the last two axes of the left (right) operand are exchanged first. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** A factor on the product. */
  readonly alpha: number;
}

/** A two-dimensional convolution; pairs are [height, width]. */
export interface Conv2dAttrs {
  readonly stride: readonly [number, number];
  /** Zeros before and after: [top, left, bottom, right]. */
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
}

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
    throw new OpProblem("shape", `an empty axis in ${formatShape(shape)}`, "a maximum needs an element");
  }
}

function requireRank4(type: TensorType, role: string): void {
  requireDType(type, ["float32"], role);
  if (type.shape.length !== 4) {
    throw new OpProblem("shape", `${role} has shape ${formatShape(type.shape)}`, "it must have four axes");
  }
}

/** Output size along one axis of a convolution, as PyTorch computes it. */
function convolvedSize(size: number, kernel: number, axis: 0 | 1, attrs: Conv2dAttrs): number {
  const padded = size + attrs.padding[axis] + attrs.padding[axis + 2];
  return Math.floor((padded - attrs.dilation[axis] * (kernel - 1) - 1) / attrs.stride[axis]) + 1;
}

function convolvedShape(x: Shape, weight: Shape, attrs: Conv2dAttrs): Shape {
  const { stride, dilation, padding } = attrs;
  const steps = [...stride, ...dilation];
  if (![...steps, ...padding].every(Number.isInteger) || steps.some((n) => n < 1) || padding.some((n) => n < 0)) {
    throw new OpProblem(
      "shape",
      `stride ${formatShape(stride)}, dilation ${formatShape(dilation)}, padding ${formatShape(padding)}`,
      "stride and dilation are whole numbers from 1 up, padding from 0 up",
    );
  }
  if (weight[2] < 1 || weight[3] < 1) {
    throw new OpProblem("shape", `a kernel of ${weight[2]} x ${weight[3]}`, "its sizes must be at least 1");
  }
  const height = convolvedSize(x[2], weight[2], 0, attrs);
  const width = convolvedSize(x[3], weight[3], 1, attrs);
  if (height < 1 || width < 1) {
    throw new OpProblem(
      "shape",
      `a kernel of ${weight[2]} x ${weight[3]} does not fit into ${formatShape(x)}`,
      "use a smaller kernel or more padding",
    );
  }
  return [x[0], weight[0], height, width];
}

function requireConvolved(gradient: TensorType, x: Shape, weight: Shape, attrs: Conv2dAttrs): void {
  const expected = convolvedShape(x, weight, attrs);
  if (expected.some((size, axis) => size !== gradient.shape[axis])) {
    throw new OpProblem(
      "shape",
      `${formatShape(gradient.shape)} for images ${formatShape(x)} and weights ${formatShape(weight)}`,
      `their convolution is ${formatShape(expected)}`,
    );
  }
}

export const linearAlgebra = {
  reduceSum: op<ReduceAttrs>({
    doc: "Sums over axes; an empty axis sums to 0.",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], ["float32", "int32", "int64"], "its input");
      return [{ dtype: inputs[0].dtype, shape: reducedShape(inputs[0].shape, attrs) }];
    },
  }),
  reduceMax: op<ReduceAttrs>({
    doc: "The largest element over axes; equal largest elements share the gradient.",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], ["float32"], "its input");
      requireElements(inputs[0].shape, attrs.axes);
      return [{ dtype: "float32", shape: reducedShape(inputs[0].shape, attrs) }];
    },
  }),
  argMax: discreteOp<{ readonly axis: number }>({
    doc: "The int64 index of the first largest element along an axis, which goes away.",
    infer: (inputs, { axis }) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], ["float32"], "its input");
      requireElements(inputs[0].shape, [axis]);
      return [{ dtype: "int64", shape: reducedShape(inputs[0].shape, { axes: [axis], keepDims: false }) }];
    },
  }),
  matmul: op<MatmulAttrs>({
    doc: "alpha * op(a) @ op(b) over the last two axes, leading axes broadcast; op transposes where asked.",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 2);
      const [a, b] = inputs;
      requireDType(a, ["float32"], "its left operand");
      requireDType(b, ["float32"], "its right operand");
      if (a.shape.length < 2 || b.shape.length < 2) {
        throw new OpProblem(
          "shape",
          `operands are ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
          "each needs at least two axes",
        );
      }
      const [rows, inner] = attrs.transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
      const [innerB, columns] = attrs.transposeB ? [b.shape.at(-1), b.shape.at(-2)] : [b.shape.at(-2), b.shape.at(-1)];
      if (inner !== innerB) {
        const seen = (type: TensorType, flipped: boolean): string => formatShape(type.shape) + (flipped ? "^T" : "");
        throw new OpProblem(
          "shape",
          `inner sizes differ, ${seen(a, attrs.transposeA)} x ${seen(b, attrs.transposeB)}`,
          `the right operand must be ${attrs.transposeB ? `[n, ${inner}]` : `[${inner}, n]`}`,
        );
      }
      const leading = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
      if (leading === undefined) {
        throw new OpProblem(
          "shape",
          `leading axes do not broadcast, ${formatShape(a.shape)} x ${formatShape(b.shape)}`,
          "sizes must be equal or 1",
        );
      }
      return [{ dtype: "float32", shape: [...leading, rows as number, columns as number] }];
    },
  }),
  conv2d: op<Conv2dAttrs>({
    doc: "Cross-correlation: (x [B, C, H, W], weight [O, C, h, w]) -> [B, O, H', W'].",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 2);
      const [x, weight] = inputs;
      requireRank4(x, "its image");
      requireRank4(weight, "its weight");
      if (x.shape[1] !== weight.shape[1]) {
        throw new OpProblem(
          "shape",
          `channels differ, images ${formatShape(x.shape)} and weights ${formatShape(weight.shape)}`,
          `the weights must be [n, ${x.shape[1]}, h, w]`,
        );
      }
      return [{ dtype: "float32", shape: convolvedShape(x.shape, weight.shape, attrs) }];
    },
  }),
  conv2dInputGradient: op<Conv2dAttrs & { readonly size: readonly [number, number] }>({
    doc: "The transpose of conv2d in x: (g [B, O, H', W'], weight [O, C, h, w]) -> [B, C, ...size]. A transposed convolution.",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 2);
      const [gradient, weight] = inputs;
      requireRank4(gradient, "its image");
      requireRank4(weight, "its weight");
      const x = [gradient.shape[0], weight.shape[1], attrs.size[0], attrs.size[1]];
      requireConvolved(gradient, x, weight.shape, attrs);
      return [{ dtype: "float32", shape: x }];
    },
  }),
  conv2dWeightGradient: op<Conv2dAttrs & { readonly size: readonly [number, number] }>({
    doc: "The transpose of conv2d in the weight: (x [B, C, H, W], g [B, O, H', W']) -> [O, C, ...size].",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 2);
      const [x, gradient] = inputs;
      requireRank4(x, "its image");
      requireRank4(gradient, "its gradient");
      const weight = [gradient.shape[1], x.shape[1], attrs.size[0], attrs.size[1]];
      requireConvolved(gradient, x.shape, weight, attrs);
      return [{ dtype: "float32", shape: weight }];
    },
  }),
};
