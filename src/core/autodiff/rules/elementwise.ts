/** Gradients of ops that compute each element from the elements at the same place. */

import { constant, type Tensor, where } from "../../trace/index.ts";
import { type SomeRules, toShapeOf } from "./rule.ts";

/** For max and min: all of the gradient to the winner, half to each side at a tie. */
function shareToWinner(gradient: Tensor, a: Tensor, b: Tensor, output: Tensor): Tensor[] {
  const toA = a.equal(output).cast("float32");
  const toB = b.equal(output).cast("float32");
  const share = gradient.div(toA.add(toB));
  return [toShapeOf(share.mul(toA), a), toShapeOf(share.mul(toB), b)];
}

export const elementwise = {
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
  tanh: (g, { output }) => [g.mul(constant(1).sub(output.square()))],
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
} satisfies SomeRules;
