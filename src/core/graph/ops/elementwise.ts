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
const ordered: readonly DType[] = [...numeric, "uint8"];
const comparable: readonly DType[] = [...ordered, "bool"];

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

type Plain = OpDefinition<Record<string, never>>;
type Differentiable = Plain & { readonly differentiable: true };
type Discrete = Plain & { readonly differentiable: false };

function inferUnary(inputs: readonly TensorType[], dtype: DType = "float32"): readonly TensorType[] {
  requireInputs(inputs, 1);
  requireDType(inputs[0], [dtype], "its input");
  return [inputs[0]];
}

function inferBinary(inputs: readonly TensorType[], allowed: readonly DType[], result?: DType): readonly TensorType[] {
  requireInputs(inputs, 2);
  requireDType(inputs[0], allowed, "its input");
  const dtype = sameDType(inputs[0], inputs[1]);
  return [{ dtype: result ?? dtype, shape: broadcastPair(inputs[0], inputs[1]) }];
}

function unary(doc: string): Differentiable {
  return op({ doc, shapes: "[...] -> [...]", infer: (inputs) => inferUnary(inputs) });
}

/** A function of one number whose derivative is zero wherever there is one. */
function step(doc: string): Discrete {
  return discreteOp({ doc, shapes: "[...] -> [...]", infer: (inputs) => inferUnary(inputs) });
}

function binary(doc: string, allowed = numeric): Differentiable {
  return op({ doc, shapes: "[...] x [...] -> [...]", infer: (inputs) => inferBinary(inputs, allowed) });
}

function discreteBinary(doc: string, allowed: readonly DType[], result?: DType): Discrete {
  return discreteOp({ doc, shapes: "[...] x [...] -> [...]", infer: (inputs) => inferBinary(inputs, allowed, result) });
}

export const elementwise = {
  add: commutative(binary("a + b, broadcast.")),
  sub: binary("a - b, broadcast."),
  mul: commutative(binary("a * b, broadcast.")),
  div: binary("a / b, broadcast; integers round toward zero."),
  mod: discreteBinary(
    "What is left of the integer a after division by b, broadcast; it has the sign of b, as in Python.",
    ["int32", "int64", "uint32", "uint8"],
  ),
  pow: binary(
    "a^b, broadcast; NaN for a < 0 with a fraction as b, but left open for -infinity. The gradient by b is 0 where a is not above 0.",
    ["float32"],
  ),
  maximum: commutative(
    binary("The larger of a and b, broadcast; at a tie each side gets half of the gradient.", ordered),
  ),
  minimum: commutative(
    binary("The smaller of a and b, broadcast; at a tie each side gets half of the gradient.", ordered),
  ),
  less: discreteBinary("a < b, broadcast, as bool.", ordered, "bool"),
  lessEqual: discreteBinary("a <= b, broadcast, as bool.", ordered, "bool"),
  equal: commutative(discreteBinary("a = b, broadcast, as bool.", comparable, "bool")),
  and: commutative(discreteBinary("Whether both bools hold, broadcast.", ["bool"])),
  or: commutative(discreteBinary("Whether any of two bools holds, broadcast.", ["bool"])),
  not: discreteOp({
    doc: "Whether a bool does not hold.",
    shapes: "[...] -> [...]",
    infer: (inputs) => inferUnary(inputs, "bool"),
  }),
  neg: unary("-x."),
  abs: unary("|x|; the gradient at 0 is 0."),
  sign: step("-1, 0 or 1 by the sign of x; NaN stays."),
  floor: step("The largest whole number that is not above x."),
  round: step("The nearest whole number; half way between two, the even one."),
  exp: unary("e^x."),
  expm1: unary("e^x - 1, accurate near 0."),
  log: unary("Natural logarithm."),
  log1p: unary("log(1 + x), accurate near 0."),
  sqrt: unary("Square root."),
  sin: unary("Sine, x in radians."),
  cos: unary("Cosine, x in radians."),
  tanh: unary("Hyperbolic tangent."),
  sigmoid: unary("1 / (1 + e^-x); backends may err by 1e-7, and round to 0 below -17."),
  softplus: unary("log(1 + e^x), without overflow."),
  erf: unary("The error function, 2/sqrt(pi) * integral of e^(-t^2) from 0 to x."),
  relu: unary("max(x, 0); the gradient at 0 is 0."),
  leakyRelu: op<{ readonly slope: number }>({
    doc: "x where x > 0, else slope * x, with a slope within 0 to 1; the gradient at 0 is the slope.",
    shapes: "[...] -> [...]",
    infer: (inputs, { slope }) => {
      if (!(slope >= 0 && slope <= 1)) throw new OpProblem("usage", `a slope of ${slope}`, "it must lie within 0 to 1");
      return inferUnary(inputs);
    },
  }),
  elu: op<{ readonly alpha: number }>({
    doc: "x where x > 0, else alpha * (e^x - 1); the gradient at 0 is alpha.",
    shapes: "[...] -> [...]",
    infer: (inputs, { alpha }) => {
      if (!Number.isFinite(alpha)) throw new OpProblem("usage", `an alpha of ${alpha}`, "it must be finite");
      return inferUnary(inputs);
    },
  }),
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
    doc: "The same numbers as another element type; as integers floats are truncated toward zero, as float16 rounded; bool is 0 or 1.",
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
