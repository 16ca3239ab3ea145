/** What keeps int64 numbers within 32 bits, for devices whose kernels compute only that far: no op is lowered whose
 * results might not fit, and no constant that does not. */

import { GalateaError, type HostArray } from "../../base/index.ts";
import type { OpName, TensorType } from "../../graph/index.ts";

/** Ops whose int64 results fit in 32 bits when their operands do: they move, choose, compare or count. */
const keepsNarrow: ReadonlySet<OpName> = new Set([
  ...(["reshape", "transpose", "expand", "slice", "reverse", "pad", "concat", "gather", "scatterAdd"] as const),
  ...(["takeAlongAxis", "scatterAddAlongAxis", "dynamicSlice", "dynamicUpdateSlice"] as const),
  ...(["crossEntropy", "stopGradient", "where", "maximum", "minimum", "reduceMax", "reduceMin"] as const),
  ...(["less", "lessEqual", "equal", "argMax", "argMin", "topK"] as const),
]);

const right = "this device computes int64 in 32 bits: cast to int32, or use the CPU";

/** The first number that 32 bits cannot hold; none in arrays of other types than int64. */
export function findWideNumber(data: HostArray): bigint | undefined {
  return data instanceof BigInt64Array ? data.find((number) => BigInt.asIntN(32, number) !== number) : undefined;
}

/** @throws GalateaError `backend` for an op that may make an int64 number beyond 32 bits. */
export function requireNarrow(
  op: OpName,
  inputs: readonly TensorType[],
  outputs: readonly TensorType[],
  path: string,
): void {
  if (![...inputs, ...outputs].some(({ dtype }) => dtype === "int64") || keepsNarrow.has(op)) return;
  if (op === "cast") {
    const { dtype } = inputs[0];
    if (outputs[0].dtype !== "int64" || (dtype !== "float32" && dtype !== "uint32")) return;
    throw new GalateaError("backend", path, `cast of ${dtype} to int64 may give numbers beyond 2^31`, right);
  }
  throw new GalateaError("backend", path, `${op} of int64 may give numbers beyond 2^31`, right);
}

/** @throws GalateaError `backend` for a constant with an int64 number beyond 32 bits. */
export function requireNarrowConstant(path: string, data: HostArray): void {
  const wide = findWideNumber(data);
  if (wide !== undefined) throw new GalateaError("backend", path, `a constant holds the int64 number ${wide}`, right);
}
