/** One gradient rule for each differentiable op, in the language of traced code.
 *
 * A rule maps the gradient of the loss by an op's output to the gradients by its inputs; as it is made
 * of the same ops, gradients of gradients follow. `undefined` says that an input gets none (integers). */

import { type Shape, sameShape } from "../base/index.ts";
import type { AttrsOf, DifferentiableOp } from "../graph/index.ts";
import { apply, type Tensor, where } from "../trace/index.ts";

interface RuleContext<N extends DifferentiableOp> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly attrs: AttrsOf<N>;
}

type GradientRule<N extends DifferentiableOp> = (
  gradient: Tensor,
  context: RuleContext<N>,
) => readonly (Tensor | undefined)[];

/** The table's type: leaving out an op does not compile. */
export type GradientRules = { readonly [N in DifferentiableOp]: GradientRule<N> };

/** Sums a gradient over the axes along which its input was broadcast. */
function toShapeOf(gradient: Tensor, input: Tensor): Tensor {
  const { shape } = input;
  if (sameShape(gradient.shape, shape)) return gradient;
  const missing = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((size, axis) => {
    const repeated = axis < missing || (shape[axis - missing] === 1 && size !== 1);
    return repeated ? [axis] : [];
  });
  return gradient.sum(axes, true).reshape(shape);
}

/** Puts reduced axes back with size 1. */
function withReducedAxes(reduced: Tensor, input: Shape, axes: readonly number[]): Tensor {
  return reduced.reshape(input.map((size, axis) => (axes.includes(axis) ? 1 : size)));
}

/** For max and min: all of the gradient to the winner, half to each side at a tie. */
function shareToWinner(gradient: Tensor, a: Tensor, b: Tensor, output: Tensor): Tensor[] {
  const toA = a.equal(output).cast("float32");
  const toB = b.equal(output).cast("float32");
  const share = gradient.div(toA.add(toB));
  return [toShapeOf(share.mul(toA), a), toShapeOf(share.mul(toB), b)];
}

export const gradientRules: GradientRules = {
  // d(a + b) = da + db
  add: (g, { inputs: [a, b] }) => [toShapeOf(g, a), toShapeOf(g, b)],
  sub: (g, { inputs: [a, b] }) => [toShapeOf(g, a), toShapeOf(g, b).neg()],
  // d(ab) = b da + a db
  // Of a square, both halves at once: one pass fewer than the sum of two equal contributions.
  mul: (g, { inputs: [a, b] }) =>
    a.value === b.value ? [g.mul(a).mul(2), undefined] : [toShapeOf(g.mul(b), a), toShapeOf(g.mul(a), b)],
  // d(a/b) = da / b - (a/b) db / b
  div: (g, { inputs: [a, b], output }) => [toShapeOf(g.div(b), a), toShapeOf(g.mul(output).div(b), b).neg()],
  maximum: (g, { inputs: [a, b], output }) => shareToWinner(g, a, b, output),
  minimum: (g, { inputs: [a, b], output }) => shareToWinner(g, a, b, output),
  neg: (g) => [g.neg()],
  abs: (g, { inputs: [x] }) => [g.mul(x.sign())],
  exp: (g, { output }) => [g.mul(output)],
  log: (g, { inputs: [x] }) => [g.div(x)],
  // d sqrt(x) = dx / (2 sqrt(x))
  sqrt: (g, { output }) => [g.mul(0.5).div(output)],
  sin: (g, { inputs: [x] }) => [g.mul(x.cos())],
  cos: (g, { inputs: [x] }) => [g.mul(x.sin()).neg()],
  // d tanh(x) = (1 - tanh(x)^2) dx
  tanh: (g, { output }) => [g.sub(g.mul(output.square()))],
  // d s(x) = s (1 - s) dx
  sigmoid: (g, { output }) => [g.mul(output.sub(output.square()))],
  softplus: (g, { inputs: [x] }) => [g.mul(x.sigmoid())],
  // d erf(x) = 2/sqrt(pi) e^(-x^2) dx
  erf: (g, { inputs: [x] }) => [g.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI))],
  // A product with 0 or 1: ONNX Runtime's Where is the slower way.
  relu: (g, { output }) => [g.mul(output.greater(0).cast("float32"))],
  where: (g, { inputs: [condition, a, b] }) => [
    undefined,
    toShapeOf(where(condition, g, 0), a),
    toShapeOf(where(condition, 0, g), b),
  ],
  cast: (g, { inputs: [x] }) => [x.dtype === "float32" ? g.cast("float32") : undefined],
  reshape: (g, { inputs: [x] }) => [g.reshape(x.shape)],
  transpose: (g, { attrs: { permutation } }) => {
    const inverse = new Array<number>(permutation.length);
    permutation.forEach((from, to) => {
      inverse[from] = to;
    });
    return [g.transpose(inverse)];
  },
  expand: (g, { inputs: [x] }) => [toShapeOf(g, x)],
  slice: (g, { inputs: [x], attrs: { starts, sizes } }) => [
    g.pad(
      starts,
      x.shape.map((size, axis) => size - starts[axis] - sizes[axis]),
    ),
  ],
  pad: (g, { inputs: [x], attrs: { low } }) => [apply("slice", [g], { starts: low, sizes: x.shape })],
  concat: (g, { inputs, attrs: { axis } }) => {
    let start = 0;
    return inputs.map((input) => {
      const part = g.slice(axis, start, input.shape[axis]);
      start += input.shape[axis];
      return part;
    });
  },
  gather: (g, { inputs: [x, indices], attrs: { axis } }) => [
    apply("scatterAdd", [g, indices], { axis, size: x.shape[axis] }),
    undefined,
  ],
  scatterAdd: (g, { inputs: [, indices], attrs: { axis } }) => [g.gather(indices, axis), undefined],
  reduceSum: (g, { inputs: [x], attrs: { axes } }) => [withReducedAxes(g, x.shape, axes).expand(x.shape)],
  reduceMax: (g, { inputs: [x], output, attrs: { axes } }) => {
    const isLargest = x.equal(withReducedAxes(output, x.shape, axes)).cast("float32");
    return [withReducedAxes(g, x.shape, axes).mul(isLargest.div(isLargest.sum(axes, true)))];
  },
  // Y = alpha op(A) op(B): dA = alpha dY op(B)^T and dB = alpha op(A)^T dY, transposed where op does.
  matmul: (g, { inputs: [a, b], attrs: { transposeA, transposeB, alpha } }) => {
    const byA = transposeA
      ? apply("matmul", [b, g], { transposeA: transposeB, transposeB: true, alpha })
      : apply("matmul", [g, b], { transposeA: false, transposeB: !transposeB, alpha });
    const byB = transposeB
      ? apply("matmul", [g, a], { transposeA: true, transposeB: transposeA, alpha })
      : apply("matmul", [a, g], { transposeA: !transposeA, transposeB: false, alpha });
    return [toShapeOf(byA, a), toShapeOf(byB, b)];
  },
  // The three convolutions are one trilinear form, each the derivative of the others.
  conv2d: (g, { inputs: [x, weight], attrs }) => [
    apply("conv2dInputGradient", [g, weight], { ...attrs, size: [x.shape[2], x.shape[3]] }),
    apply("conv2dWeightGradient", [x, g], { ...attrs, size: [weight.shape[2], weight.shape[3]] }),
  ],
  conv2dInputGradient: (g, { inputs: [y, weight], attrs: { size: _, ...attrs } }) => [
    apply("conv2d", [g, weight], attrs),
    apply("conv2dWeightGradient", [g, y], { ...attrs, size: [weight.shape[2], weight.shape[3]] }),
  ],
  conv2dWeightGradient: (g, { inputs: [x, y], attrs: { size: _, ...attrs } }) => [
    apply("conv2dInputGradient", [y, g], { ...attrs, size: [x.shape[2], x.shape[3]] }),
    apply("conv2d", [x, g], attrs),
  ],
};

/** The gradients by the inputs of a node with one output. */
export function inputGradients(
  gradient: Tensor,
  output: Tensor,
  inputs: readonly Tensor[],
): readonly (Tensor | undefined)[] {
  const { node } = output.value;
  const rule = gradientRules[node.op as DifferentiableOp] as GradientRule<never> | undefined;
  // An op without a rule is a discrete one: its derivative is zero.
  return rule ? rule(gradient, { inputs, output, attrs: node.attrs as never }) : inputs.map(() => undefined);
}
