/** Convolutions and what slides over images like them. */

import { formatShape, type Shape } from "../../base/index.ts";
import { OpProblem, op, requireDType, requireInputs, type TensorType } from "./definition.ts";

/** A two-dimensional convolution; pairs are [height, width]. */
export interface Conv2dAttrs {
  readonly stride: readonly [number, number];
  /** Zeros before and after: [top, left, bottom, right]. */
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  /** Into how many parts channels and filters are cut, each filter over its part of the channels; 1 for all. */
  readonly groups: number;
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

/** Channels of x and filters in groups: weights are [O, C / groups, h, w]. */
function requireGroups(x: Shape, weight: Shape, { groups }: Conv2dAttrs): void {
  if (!Number.isInteger(groups) || groups < 1 || x[1] % groups !== 0 || weight[0] % groups !== 0) {
    throw new OpProblem(
      "shape",
      `${groups} groups for images ${formatShape(x)} and weights ${formatShape(weight)}`,
      "groups must divide the channels and the filters",
    );
  }
  if (x[1] !== weight[1] * groups) {
    const inGroups = groups === 1 ? "" : ` in ${groups} groups`;
    throw new OpProblem(
      "shape",
      `channels differ, images ${formatShape(x)} and weights ${formatShape(weight)}${inGroups}`,
      `the weights must be [n, ${x[1] / groups}, h, w]`,
    );
  }
}

function convolvedShape(x: Shape, weight: Shape, attrs: Conv2dAttrs): Shape {
  requireGroups(x, weight, attrs);
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

export const convolution = {
  conv2d: op<Conv2dAttrs>({
    doc: "Cross-correlation: (x [B, C, H, W], weight [O, C / groups, h, w]) -> [B, O, H', W'].",
    shapes: "[B, C, H, W] x [O, C / groups, h, w] -> [B, O, H', W']",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 2);
      const [x, weight] = inputs;
      requireRank4(x, "its image");
      requireRank4(weight, "its weight");
      return [{ dtype: "float32", shape: convolvedShape(x.shape, weight.shape, attrs) }];
    },
  }),
  conv2dInputGradient: op<Conv2dAttrs & { readonly size: readonly [number, number] }>({
    doc: "The transpose of conv2d in x: (g [B, O, H', W'], weight [O, C / groups, h, w]) -> [B, C, ...size]. A transposed convolution.",
    shapes: "[B, O, H', W'] x [O, C / groups, h, w] -> [B, C, size...]",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 2);
      const [gradient, weight] = inputs;
      requireRank4(gradient, "its image");
      requireRank4(weight, "its weight");
      const x = [gradient.shape[0], weight.shape[1] * attrs.groups, attrs.size[0], attrs.size[1]];
      requireConvolved(gradient, x, weight.shape, attrs);
      return [{ dtype: "float32", shape: x }];
    },
  }),
  conv2dWeightGradient: op<Conv2dAttrs & { readonly size: readonly [number, number] }>({
    doc: "The transpose of conv2d in the weight: (x [B, C, H, W], g [B, O, H', W']) -> [O, C / groups, ...size].",
    shapes: "[B, C, H, W] x [B, O, H', W'] -> [O, C / groups, size...]",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 2);
      const [x, gradient] = inputs;
      requireRank4(x, "its image");
      requireRank4(gradient, "its gradient");
      const weight = [gradient.shape[1], Math.floor(x.shape[1] / attrs.groups), attrs.size[0], attrs.size[1]];
      requireConvolved(gradient, x.shape, weight, attrs);
      return [{ dtype: "float32", shape: weight }];
    },
  }),
};
