/** Elementwise ops in ONNX. */

import { onnxDType } from "../schema.ts";
import { broadcasting } from "./broadcast.ts";
import { direct, type Lowering, type SomeLowerings } from "./lowering.ts";

/**
 * softplus(x) = max(x, 0) + log1p(e), e = e^-|x|, with log1p(e) = log(u) + (e - (u - 1)) / u for the rounded
 * u = 1 + e. ONNX Runtime's own Softplus is an unvectorized loop, slower than these passes.
 * Source of the correction: Kahan's log1p, as in Higham, "Accuracy and stability of numerical algorithms" (2002).
 */
const lowerSoftplus: Lowering<"softplus"> = ({ onnx, inputs: [x], output, path }) => {
  const one = onnx.float(1);
  const node = (opType: string, ...operands: string[]): string => onnx.node(opType, operands, { path });
  const e = node("Exp", node("Neg", node("Abs", x)));
  const u = node("Add", e, one);
  const correction = node("Div", node("Sub", e, node("Sub", u, one)), u);
  const tail = node("Add", node("Log", u), correction);
  onnx.node("Add", [node("Relu", x), tail], { output, path });
};

export const elementwise = {
  add: broadcasting("Add"),
  sub: broadcasting("Sub"),
  mul: broadcasting("Mul"),
  div: broadcasting("Div"),
  maximum: direct("Max"),
  minimum: direct("Min"),
  less: direct("Less"),
  equal: direct("Equal"),
  neg: direct("Neg"),
  abs: direct("Abs"),
  sign: direct("Sign"),
  exp: direct("Exp"),
  log: direct("Log"),
  sqrt: direct("Sqrt"),
  sin: direct("Sin"),
  cos: direct("Cos"),
  tanh: direct("Tanh"),
  sigmoid: direct("Sigmoid"),
  softplus: lowerSoftplus,
  erf: direct("Erf"),
  relu: direct("Relu"),
  where: direct("Where"),
  stopGradient: direct("Identity"),
  cast: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Cast", inputs, { output, path, attributes: { to: { int: onnxDType[attrs.dtype] } } });
  },
} satisfies SomeLowerings;
