/** Gradients of ops that compute each element from the elements at the same place. */

import { isFloat } from "../../base/index.ts";
import { uniformConstant } from "../../graph/index.ts";
import { type Tensor, where } from "../../trace/index.ts";
import { type SomeRules, toShapeOf } from "./rule.ts";

/** For max and min: all of the gradient to the winner, half to each side at a tie. */
function shareToWinner(gradient: Tensor, a: Tensor, b: Tensor, output: Tensor): Tensor[] {
  const toA = a.equal(output).cast("float32");
  const toB = b.equal(output).cast("float32");
  const share = gradient.div(toA.add(toB));
  return [toShapeOf(share.mul(toA), a), toShapeOf(share.mul(toB), b)];
}

/** b a^(b - 1), which at a = b = 0 is 0. */
function slopeOfPower(a: Tensor, b: Tensor): Tensor {
  const exponent = uniformConstant(b.value);
  if (exponent !== undefined) return exponent === 0 ? b.mul(a.pow(0)) : a.pow(exponent - 1).mul(exponent);
  const isPole = a.equal(0).and(b.equal(0));
  return b.mul(a.pow(where(isPole, 1, b).sub(1)));
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
  // d(a^b) = b a^(b-1) da + a^b log(a) db, of which the second exists for a > 0 only
  pow: (g, { inputs: [a, b], output }) => [
    toShapeOf(g.mul(slopeOfPower(a, b)), a),
    toShapeOf(g.mul(output.mul(where(a.greater(0), a, 1).log())), b),
  ],
  maximum: (g, { inputs: [a, b], output }) => shareToWinner(g, a, b, output),
  minimum: (g, { inputs: [a, b], output }) => shareToWinner(g, a, b, output),
  neg: (g) => [g.neg()],
  abs: (g, { inputs: [x] }) => [g.mul(x.sign())],
  exp: (g, { output }) => [g.mul(output)],
  // Not y + 1, which far below 0 has lost e^x.
  expm1: (g, { inputs: [x] }) => [g.mul(x.exp())],
  log: (g, { inputs: [x] }) => [g.div(x)],
  log1p: (g, { inputs: [x] }) => [g.div(x.add(1))],
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
  // The larger of the slope and of 1 where x > 0, 0 elsewhere.
  leakyRelu: (g, { inputs: [x], attrs: { slope } }) => [g.mul(x.greater(0).cast("float32").maximum(slope))],
  // alpha e^x = y + alpha
  elu: (g, { inputs: [x], output, attrs: { alpha } }) => [g.mul(where(x.greater(0), 1, output.add(alpha)))],
  where: (g, { inputs: [condition, a, b] }) => [
    undefined,
    toShapeOf(where(condition, g, 0), a),
    toShapeOf(where(condition, 0, g), b),
  ],
  // Gradients are float32, those by float16 tensors too.
  cast: (g, { inputs: [x], output }) => [isFloat(x.dtype) && isFloat(output.dtype) ? g : undefined],
} satisfies SomeRules;
