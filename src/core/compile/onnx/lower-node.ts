/** One op's lowering, held to what the target can run. */

import { type DType, GalateaError, type HostArray } from "../../base/index.ts";
import type { OpName, TensorType } from "../../graph/index.ts";
import { findMissingKernel, type MissingKernel } from "./kernels.ts";
import type { LoweringContext } from "./lowerings/lowering.ts";
import { lowerings } from "./lowerings.ts";
import { onnxDType } from "./schema.ts";

type Context = LoweringContext<never>;

/** Ops whose int64 results fit in 32 bits when their operands do: they move, choose, compare or count. */
const keepsNarrow: ReadonlySet<OpName> = new Set([
  ...(["reshape", "transpose", "expand", "slice", "concat", "gather", "scatterAdd"] as const),
  ...(["reverse", "pad", "takeAlongAxis", "scatterAddAlongAxis", "dynamicSlice", "dynamicUpdateSlice"] as const),
  "crossEntropy",
  ...(["maximum", "minimum", "less", "equal", "where", "stopGradient", "argMax"] as const),
]);

/** Inputs that ONNX wants as bool. */
const conditions: Partial<Record<OpName, readonly number[]>> = { where: [0] };

/** Whether numbers of a type can stand in int32 while an op works on them; int64 ones after {@link requireNarrow}. */
function fitsInt32({ dtype }: TensorType): boolean {
  return dtype === "bool" || dtype === "uint8" || dtype === "int64";
}

/** The first number that 32 bits cannot hold; none in arrays of other types than int64. */
export function findWideNumber(data: HostArray): bigint | undefined {
  return data instanceof BigInt64Array ? data.find((number) => BigInt.asIntN(32, number) !== number) : undefined;
}

/**
 * Lowers an op. Where the target has no kernel for its element type, its numbers travel as int32.
 * @throws GalateaError `backend` when the target cannot run it; the message names op and element type.
 */
export function lowerNode(op: OpName, context: Context): void {
  if (context.target.narrowInt64) requireNarrow(op, context);
  const missing = attempt(op, context);
  if (missing === undefined || attemptInInt32(op, context) === undefined) return;
  const { types, type, path } = context;
  const of = [...new Set((types.length > 0 ? types : [type]).map(({ dtype }) => dtype))].join(" and ");
  const seen = `${op} of ${of} needs the operator ${missing.opType} of ${missing.dtype}, which this device lacks`;
  throw new GalateaError("backend", path, seen, "compute it with float32 or int32 numbers, or on the CPU");
}

/** Lowers an op, and takes its nodes back where a kernel is missing. */
function attempt(op: OpName, context: Context): MissingKernel | undefined {
  const { onnx, target, inputs, types } = context;
  const start = onnx.nodes.length;
  (lowerings[op] as (context: Context) => void)(context);
  if (target.kernels === undefined) return undefined;
  const given = new Map(inputs.map((name, i) => [name, types[i].dtype]));
  const typeOf = (name: string) => given.get(name) ?? onnx.constantType(name);
  const missing = findMissingKernel(onnx.nodes.slice(start), typeOf, target.kernels);
  if (missing !== undefined) onnx.nodes.length = start;
  return missing;
}

/** The same with bool, uint8 and int64 numbers cast to int32, and results cast back. */
function attemptInInt32(op: OpName, context: Context): MissingKernel | undefined {
  const { onnx, inputs, types, outputs, outputTypes, path } = context;
  const start = onnx.nodes.length;
  const cast = (name: string, dtype: DType, output?: string): string => {
    const attributes = { to: { int: onnxDType[dtype] } };
    return onnx.node("Cast", [name], { path, attributes, ...(output !== undefined && { output }) });
  };
  const inInt32 = (type: TensorType): TensorType => (fitsInt32(type) ? { ...type, dtype: "int32" } : type);
  const isCarried = types.map((type, i) => fitsInt32(type) && !conditions[op]?.includes(i));
  const carriedOutputs = outputs.map((name, i) => (fitsInt32(outputTypes[i]) ? onnx.freshName(op) : name));
  const carriedTypes = outputTypes.map(inInt32);
  const missing = attempt(op, {
    ...context,
    inputs: inputs.map((name, i) => (isCarried[i] ? cast(name, "int32") : name)),
    types: types.map((type, i) => (isCarried[i] ? inInt32(type) : type)),
    output: carriedOutputs[0],
    outputs: carriedOutputs,
    type: carriedTypes[0],
    outputTypes: carriedTypes,
  });
  if (missing === undefined) {
    outputs.forEach((name, i) => {
      if (name !== carriedOutputs[i]) cast(carriedOutputs[i], outputTypes[i].dtype, name);
    });
  } else {
    onnx.nodes.length = start;
  }
  return missing;
}

/** Refuses what could make an int64 number that 32 bits do not hold. */
function requireNarrow(op: OpName, { types, outputTypes, path }: Context): void {
  if (![...types, ...outputTypes].some(({ dtype }) => dtype === "int64") || keepsNarrow.has(op)) return;
  const isWidening = outputTypes[0].dtype !== "int64" || fitsInt32(types[0]) || types[0].dtype === "int32";
  if (op === "cast" && isWidening) return;
  const seen = op === "cast" ? `cast of ${types[0].dtype} to int64` : `${op} of int64`;
  const right = "this device computes int64 in 32 bits: cast to int32, or use the CPU";
  throw new GalateaError("backend", path, `${seen} may give numbers beyond 2^31`, right);
}

/** Refuses a constant that {@link requireNarrow} relies on not to be there. */
export function requireNarrowConstant(path: string, data: HostArray): void {
  const wide = findWideNumber(data);
  if (wide === undefined) return;
  const right = "this device computes int64 in 32 bits: keep within them, or use the CPU";
  throw new GalateaError("backend", path, `a constant holds the int64 number ${wide}`, right);
}
