/** Elementwise ops in ONNX. */

import type { OnnxBuilder } from "../builder.ts";
import { onnxDType } from "../schema.ts";
import { broadcasting } from "./broadcast.ts";
import { direct, type Lowering, type LoweringContext, type SomeLowerings } from "./lowering.ts";

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

/** The same for any x: log(u) + (x - (u - 1)) / u for the rounded u = 1 + x, where x is finite and above -1. */
const lowerLog1p: Lowering<"log1p"> = ({ onnx, inputs: [x], output, path }) => {
  const one = onnx.float(1);
  const node = (opType: string, ...operands: string[]): string => onnx.node(opType, operands, { path });
  const inside = node("Clip", x, onnx.float(-1 + 2 ** -24), onnx.float(2 ** 100));
  const u = node("Add", inside, one);
  const correction = node("Div", node("Sub", inside, node("Sub", u, one)), u);
  onnx.node("Add", [node("Log", node("Add", x, one)), correction], { output, path });
};

/** e^x - 1 = tanh(x/2) (e^x + 1), of which no part cancels. */
const lowerExpm1: Lowering<"expm1"> = ({ onnx, inputs: [x], output, path }) => {
  const node = (opType: string, ...operands: string[]): string => onnx.node(opType, operands, { path });
  const half = node("Tanh", node("Mul", x, onnx.float(0.5)));
  onnx.node("Mul", [half, node("Add", node("Exp", x), onnx.float(1))], { output, path });
};

/**
 * x times 2^127, held within -1 and 1: ONNX Runtime's own Sign calls NaN positive. Not in two factors, as it would
 * multiply them into one of a matrix product before it, where they overflow.
 */
const lowerSign: Lowering<"sign"> = ({ onnx, inputs: [x], output, path }) => {
  const scaled = onnx.node("Mul", [x, onnx.float(2 ** 127)], { path });
  onnx.node("Clip", [scaled, onnx.float(-1), onnx.float(1)], { output, path });
};

interface GuardedDivisor {
  /** Where the divisor is -1, by which ONNX Runtime kills the process when it divides the lowest integer. */
  readonly isMinusOne: string;
  /** The divisor, 1 in place of -1. */
  readonly divisor: string;
}

/** `undefined` where a divisor cannot be -1. */
function guardDivisor({
  onnx,
  inputs,
  types,
  uniform,
  path,
}: LoweringContext<"div" | "mod">): GuardedDivisor | undefined {
  const { dtype } = types[1];
  const known = uniform(1);
  if ((dtype !== "int32" && dtype !== "int64") || (known !== undefined && known !== -1)) return undefined;
  const number = (value: number): string => integer(onnx, dtype, value);
  const isMinusOne = onnx.node("Equal", [inputs[1], number(-1)], { path });
  return { isMinusOne, divisor: onnx.node("Where", [isMinusOne, number(1), inputs[1]], { path }) };
}

function integer(onnx: OnnxBuilder, dtype: "int32" | "int64", value: number): string {
  return onnx.constant(dtype, [], dtype === "int32" ? Int32Array.of(value) : BigInt64Array.of(BigInt(value)));
}

const divide = broadcasting("Div");

const lowerDiv: Lowering<"div"> = (context) => {
  const { onnx, inputs, output, path } = context;
  const guarded = guardDivisor(context);
  if (guarded === undefined) {
    divide(context as LoweringContext<never>);
    return;
  }
  const quotient = onnx.node("Div", [inputs[0], guarded.divisor], { path });
  const opposite = onnx.node("Neg", [inputs[0]], { path });
  onnx.node("Where", [guarded.isMinusOne, opposite, quotient], { output, path });
};

/** Nothing is left by 1 as by -1. */
const lowerMod: Lowering<"mod"> = (context) => {
  const { onnx, inputs, output, path } = context;
  onnx.node("Mod", [inputs[0], guardDivisor(context)?.divisor ?? inputs[1]], { output, path });
};

/** ONNX Runtime chooses between numbers of four kinds; the others go another way. */
const lowerWhere: Lowering<"where"> = ({ onnx, inputs, type, output, path }) => {
  const [condition, a, b] = inputs;
  const node = (opType: string, ...operands: string[]): string => onnx.node(opType, operands, { path });
  if (type.dtype === "bool") {
    const branches = [node("And", condition, a), node("And", node("Not", condition), b)];
    onnx.node("Or", branches, { output, path });
  } else if (type.dtype === "uint32") {
    const cast = (value: string, dtype: "int64" | "uint32", name?: string): string =>
      onnx.node("Cast", [value], {
        path,
        attributes: { to: { int: onnxDType[dtype] } },
        ...(name !== undefined && { output: name }),
      });
    cast(node("Where", condition, cast(a, "int64"), cast(b, "int64")), "uint32", output);
  } else {
    onnx.node("Where", inputs, { output, path });
  }
};

export const elementwise = {
  add: broadcasting("Add"),
  sub: broadcasting("Sub"),
  mul: broadcasting("Mul"),
  div: lowerDiv,
  mod: lowerMod,
  pow: direct("Pow"),
  maximum: direct("Max"),
  minimum: direct("Min"),
  less: direct("Less"),
  lessEqual: direct("LessOrEqual"),
  equal: direct("Equal"),
  and: direct("And"),
  or: direct("Or"),
  not: direct("Not"),
  neg: direct("Neg"),
  abs: direct("Abs"),
  sign: lowerSign,
  floor: direct("Floor"),
  round: direct("Round"),
  exp: direct("Exp"),
  expm1: lowerExpm1,
  log: direct("Log"),
  log1p: lowerLog1p,
  sqrt: direct("Sqrt"),
  sin: direct("Sin"),
  cos: direct("Cos"),
  tanh: direct("Tanh"),
  sigmoid: direct("Sigmoid"),
  softplus: lowerSoftplus,
  erf: direct("Erf"),
  relu: direct("Relu"),
  leakyRelu: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("LeakyRelu", inputs, { output, path, attributes: { alpha: { float: attrs.slope } } });
  },
  elu: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Elu", inputs, { output, path, attributes: { alpha: { float: attrs.alpha } } });
  },
  where: lowerWhere,
  stopGradient: direct("Identity"),
  cast: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Cast", inputs, { output, path, attributes: { to: { int: onnxDType[attrs.dtype] } } });
  },
} satisfies SomeLowerings;
