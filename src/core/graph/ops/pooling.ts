/** Ops that join the elements of windows that slide over images. */

import { formatShape, type Shape } from "../../base/index.ts";
import { discreteOp, OpProblem, op, requireDType, requireInputs, type TensorType } from "./definition.ts";

/** Windows over images; pairs are [height, width]. */
export interface Pool2dAttrs {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Places outside the image: [top, left, bottom, right], less than the kernel's size. */
  readonly padding: readonly [number, number, number, number];
}

export interface AveragePool2dAttrs extends Pool2dAttrs {
  /** What a window's sum is divided by: all of its places, those inside the image, or 1. */
  readonly divisor: "window" | "image" | "none";
}

function requireImage(type: TensorType): void {
  requireDType(type, ["float32"], "its image");
  if (type.shape.length !== 4) {
    throw new OpProblem("shape", `its image has shape ${formatShape(type.shape)}`, "it must have four axes");
  }
}

function pooledShape(x: Shape, { kernel, stride, padding }: Pool2dAttrs): Shape {
  const steps = [...kernel, ...stride];
  const tooFar = padding.some((count, side) => count >= kernel[side % 2]);
  if (
    ![...steps, ...padding].every(Number.isInteger) ||
    steps.some((n) => n < 1) ||
    Math.min(...padding) < 0 ||
    tooFar
  ) {
    throw new OpProblem(
      "shape",
      `kernel ${formatShape(kernel)}, stride ${formatShape(stride)}, padding ${formatShape(padding)}`,
      "kernel and stride are whole numbers from 1 up, padding from 0 to less than the kernel",
    );
  }
  const [height, width] = ([0, 1] as const).map((axis) => {
    const padded = x[axis + 2] + padding[axis] + padding[axis + 2];
    return Math.floor((padded - kernel[axis]) / stride[axis]) + 1;
  });
  if (height < 1 || width < 1) {
    throw new OpProblem(
      "shape",
      `a window of ${kernel[0]} x ${kernel[1]} does not fit into ${formatShape(x)}`,
      "use a smaller kernel or more padding",
    );
  }
  return [x[0], x[1], height, width];
}

function inferPooled(inputs: readonly TensorType[], attrs: Pool2dAttrs): Shape {
  requireInputs(inputs, 1);
  requireImage(inputs[0]);
  return pooledShape(inputs[0].shape, attrs);
}

export const pooling = {
  maxPool2d: op<Pool2dAttrs>({
    doc: "The largest element of each window; places outside the image count as -infinity. The first of equal ones gets the gradient.",
    shapes: "[B, C, H, W] -> [B, C, H', W']",
    infer: (inputs, attrs) => [{ dtype: "float32", shape: inferPooled(inputs, attrs) }],
  }),
  maxPool2dPlaces: discreteOp<Pool2dAttrs>({
    doc: "Where the first largest element of each window is: its int32 number in its channel's image, row by row.",
    shapes: "[B, C, H, W] -> [B, C, H', W']",
    infer: (inputs, attrs) => [{ dtype: "int32", shape: inferPooled(inputs, attrs) }],
  }),
  averagePool2d: op<AveragePool2dAttrs>({
    doc: "The sum of each window, divided by the number of its places, by that of those inside the image, or not at all.",
    shapes: "[B, C, H, W] -> [B, C, H', W']",
    infer: (inputs, attrs) => [{ dtype: "float32", shape: inferPooled(inputs, attrs) }],
  }),
  averagePool2dGradient: op<AveragePool2dAttrs & { readonly size: readonly [number, number] }>({
    doc: "The transpose of averagePool2d: each element is added, divided as there, to the places of its window.",
    shapes: "[B, C, H', W'] -> [B, C, size...]",
    infer: (inputs, { size, ...attrs }) => {
      requireInputs(inputs, 1);
      requireImage(inputs[0]);
      const { shape } = inputs[0];
      const x = [shape[0], shape[1], ...size];
      const expected = pooledShape(x, attrs);
      if (expected[2] !== shape[2] || expected[3] !== shape[3]) {
        throw new OpProblem(
          "shape",
          `${formatShape(shape)} for images ${formatShape(x)}`,
          `theirs is ${formatShape(expected)}`,
        );
      }
      return [{ dtype: "float32", shape: x }];
    },
  }),
};
