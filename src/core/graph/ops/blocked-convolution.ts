/** Convolutions over channels in blocks, as fast kernels want them, and what stands between them in one pass over memory.
 * Passes make these, after differentiation. */

import { formatShape, type Shape, sameShape } from "../../base/index.ts";
import type { Conv2dAttrs } from "./convolution.ts";
import { discreteOp, OpProblem, requireDType, requireInputs, type TensorType } from "./definition.ts";

/** How a kernel walks over an image. */
export type Window2d = Pick<Conv2dAttrs, "stride" | "padding" | "dilation">;

export interface BlockedConv2dAttrs extends Window2d {
  /** Whether a bias [O/b, b] and then a tensor of the output's shape, both to be added, follow the weight. */
  readonly bias: boolean;
  readonly sum: boolean;
  /** Whether what is negative becomes 0 at last. */
  readonly relu: boolean;
}

/** What is added to a tensor scaled by channels. */
export type BlockedAffineAttrs = Pick<BlockedConv2dAttrs, "bias" | "sum" | "relu">;

/**
 * Sizes of a blocked convolution. An image of few channels is [B, C, H, W], with a weight [O/b, C, h, w, b]; others are
 * [B, C/b, H, W, b], with a weight [O/b, C/b, h, w, b of C, b of O].
 */
function blockedShape(x: Shape, weight: Shape, { stride, padding, dilation }: Window2d): Shape {
  const isPlain = x.length === 4;
  const block = weight[weight.length - 1];
  const fits = isPlain
    ? weight.length === 5 && weight[1] === x[1]
    : x.length === 5 && weight.length === 6 && weight[1] === x[1] && weight[4] === block && x[4] === block;
  if (!fits) {
    throw new OpProblem(
      "shape",
      `images ${formatShape(x)} and weights ${formatShape(weight)}`,
      "they must be [B, C, H, W] and [n, C, h, w, b] or [B, C, H, W, b] and [n, C, h, w, b, b]",
    );
  }
  if (weight[2] < 1 || weight[3] < 1) {
    throw new OpProblem("shape", `a kernel of ${weight[2]} x ${weight[3]}`, "its sizes must be at least 1");
  }
  const [height, width] = ([0, 1] as const).map((axis) => {
    const padded = x[axis + 2] + padding[axis] + padding[axis + 2];
    return Math.floor((padded - dilation[axis] * (weight[axis + 2] - 1) - 1) / stride[axis]) + 1;
  });
  if (height < 1 || width < 1) {
    throw new OpProblem(
      "shape",
      `a kernel of ${weight[2]} x ${weight[3]} does not fit into ${formatShape(x)}`,
      "use a smaller kernel or more padding",
    );
  }
  return [x[0], weight[0], height, width, block];
}

function requireShape(type: TensorType, shape: Shape, role: string): void {
  requireDType(type, ["float32"], role);
  if (sameShape(type.shape, shape)) return;
  throw new OpProblem("shape", `${role} has shape ${formatShape(type.shape)}`, `it must be ${formatShape(shape)}`);
}

export const blockedConvolution = {
  blockedConv2d: discreteOp<BlockedConv2dAttrs>({
    doc: "conv2d over channels in blocks: (x [B, C/b, H, W, b] or [B, C, H, W], weight [O/b, C/b, h, w, b, b] or [O/b, C, h, w, b]) -> [B, O/b, H', W', b]; then adds a bias [O/b, b] and a tensor and applies relu, where asked. Made by passes only.",
    shapes: "[B, C/b, H, W, b] x [O/b, C/b, h, w, b, b] -> [B, O/b, H', W', b]",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 2 + Number(attrs.bias) + Number(attrs.sum));
      const [x, weight] = inputs;
      requireDType(x, ["float32"], "its image");
      requireDType(weight, ["float32"], "its weight");
      const shape = blockedShape(x.shape, weight.shape, attrs);
      if (attrs.bias) requireShape(inputs[2], [shape[1], shape[4]], "its bias");
      if (attrs.sum) requireShape(inputs[inputs.length - 1], shape, "what is added");
      return [{ dtype: "float32", shape }];
    },
  }),
  blockedAffine: discreteOp<BlockedAffineAttrs>({
    doc: "Scaled by channels in blocks: (x [B, C/b, H, W, b], scale [B or 1, C/b, b]) -> x * scale; then adds a bias like the scale and a tensor like x and applies relu, where asked. Made by passes only.",
    shapes: "[B, C/b, H, W, b] x [B or 1, C/b, b] -> [B, C/b, H, W, b]",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 2 + Number(attrs.bias) + Number(attrs.sum));
      const [x, scale] = inputs;
      requireDType(x, ["float32"], "its image");
      if (x.shape.length !== 5) {
        throw new OpProblem("shape", `its image has shape ${formatShape(x.shape)}`, "it must be [B, C/b, H, W, b]");
      }
      const [batch, channels, , , block] = x.shape;
      requireShape(scale, [scale.shape[0] === 1 ? 1 : batch, channels, block], "its scale");
      if (attrs.bias) requireShape(inputs[2], scale.shape, "its bias");
      if (attrs.sum) requireShape(inputs[inputs.length - 1], x.shape, "what is added");
      return [{ dtype: "float32", shape: x.shape }];
    },
  }),
};
