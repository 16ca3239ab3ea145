/** Ops that compute each element from the elements at the same place. */

import { broadcastShapes, type DType, formatShape } from "../../base/index.ts";
import {
  commutative,
  discreteOp,
  type OpDefinition,
  OpProblem,
  op,
  requireDType,
  requireInputs,
  type TensorType,
} from "./definition.ts";

const numeric: readonly DType[] = ["float32", "int32", "int64", "uint32"];

function broadcastPair(a: TensorType, b: TensorType): readonly number[] {
  const shape = broadcastShapes(a.shape, b.shape);
  if (shape === undefined) {
    throw new OpProblem(
      "shape",
      `shapes do not broadcast, ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "sizes must be equal or 1, counted from the last axis",
    );
  }
  return shape;
}

function sameDType(a: TensorType, b: TensorType): DType {
  if (a.dtype !== b.dtype) throw new OpProblem("dtype", `types differ, ${a.dtype} and ${b.dtype}`, "cast one of them");
  return a.dtype;
}

function unary(doc: string): OpDefinition<Record<string, never>> & { readonly differentiable: true } {
  return op({
    doc,
    shapes: "[...] -> [...]",
    infer: (inputs) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], ["float32"], "its input");
      return [inputs[0]];
    },
  });
}

function binary(doc: string): OpDefinition<Record<string, never>> & { readonly differentiable: true } {
  return op({
    doc,
    shapes: "[...] x [...] -> [...]",
    infer: (inputs) => {
      requireInputs(inputs, 2);
      requireDType(inputs[0], numeric, "its input");
      const dtype = sameDType(inputs[0], inputs[1]);
      return [{ dtype, shape: broadcastPair(inputs[0], inputs[1]) }];
    },
  });
}

function comparison(doc: string): OpDefinition<Record<string, never>> & { readonly differentiable: false } {
  return discreteOp({
    doc,
    shapes: "[...] x [...] -> [...]",
    infer: (inputs) => {
      requireInputs(inputs, 2);
      requireDType(inputs[0], numeric, "its input");
      sameDType(inputs[0], inputs[1]);
      return [{ dtype: "bool", shape: broadcastPair(inputs[0], inputs[1]) }];
    },
  });
}

export const elementwise = {
  add: commutative(binary("a + b, broadcast.")),
  sub: binary("a - b, broadcast."),
  mul: commutative(binary("a * b, broadcast.")),
  div: binary("a / b, broadcast; integers round toward zero."),
  maximum: commutative(binary("The larger of a and b, broadcast; at a tie each side gets half of the gradient.")),
  minimum: commutative(binary("The smaller of a and b, broadcast; at a tie each side gets half of the gradient.")),
  less: comparison("a < b, broadcast, as bool."),
  equal: commutative(comparison("a = b, broadcast, as bool.")),
  neg: unary("-x."),
  abs: unary("|x|; the gradient at 0 is 0."),
  sign: discreteOp({
    doc: "-1, 0 or 1 by the sign of x.",
    shapes: "[...] -> [...]",
    infer: (inputs) => {
      requireInputs(inputs, 1);
      requireDType(inputs[0], ["float32"], "its input");
      return [inputs[0]];
    },
  }),
  exp: unary("e^x."),
  log: unary("Natural logarithm."),
  sqrt: unary("Square root."),
  sin: unary("Sine, x in radians."),
  cos: unary("Cosine, x in radians."),
  tanh: unary("Hyperbolic tangent."),
  sigmoid: unary("1 / (1 + e^-x)."),
  softplus: unary("log(1 + e^x), without overflow."),
  erf: unary("The error function, 2/sqrt(pi) * integral of e^(-t^2) from 0 to x."),
  relu: unary("max(x, 0); the gradient at 0 is 0."),
  where: op({
    doc: "a where the bool condition holds, else b; all three broadcast.",
    shapes: "[...] x [...] x [...] -> [...]",
    infer: (inputs) => {
      requireInputs(inputs, 3);
      const [condition, a, b] = inputs;
      requireDType(condition, ["bool"], "its condition");
      const dtype = sameDType(a, b);
      const branches: TensorType = { dtype, shape: broadcastPair(a, b) };
      return [{ dtype, shape: broadcastPair(condition, branches) }];
    },
  }),
  cast: op<{ readonly dtype: DType }>({
    doc: "The same numbers as another element type; floats are truncated toward zero, bool is 0 or 1.",
    shapes: "[...] -> [...]",
    infer: (inputs, { dtype }) => {
      requireInputs(inputs, 1);
      return [{ dtype, shape: inputs[0].shape }];
    },
  }),
  stopGradient: discreteOp({
    doc: "x, as a constant to differentiation.",
    shapes: "[...] -> [...]",
    infer: (inputs) => {
      requireInputs(inputs, 1);
      return [inputs[0]];
    },
  }),
};
