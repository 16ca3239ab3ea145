/** Squares in ONNX: the counter-based generator of core/base/key.ts, on uint64 tensors. */

import { sizeOf } from "../../base/index.ts";
import type { OnnxBuilder } from "./builder.ts";

/** Counters are laid out as rows of this many, so that no constant grows with the tensor. */
const columns = 1024;

const shift = (direction: "LEFT" | "RIGHT") => ({ attributes: { direction: { string: direction } } });

function uint64Range(count: number, factor = 1n): BigUint64Array {
  return BigUint64Array.from({ length: count }, (_, i) => BigInt(i) * factor);
}

/** key [2] uint32 -> one uint64 as [1]. */
function wideKey(onnx: OnnxBuilder, key: string): string {
  const words = onnx.node("Cast", [key], { attributes: { to: { int: 13 } } });
  const weights = onnx.constant("uint64", [2], BigUint64Array.of(32n, 0n));
  const shifted = onnx.node("BitShift", [words, weights], shift("LEFT"));
  const high = onnx.node("Slice", [shifted, onnx.ints([0]), onnx.ints([1])]);
  const low = onnx.node("Slice", [shifted, onnx.ints([1]), onnx.ints([2])]);
  return onnx.node("Add", [high, low]);
}

function swapHalves(onnx: OnnxBuilder, x: string): string {
  const half = onnx.uint64(32n);
  const high = onnx.node("BitShift", [x, half], shift("LEFT"));
  const low = onnx.node("BitShift", [x, half], shift("RIGHT"));
  return onnx.node("Add", [high, low]);
}

/** The 64 bits of the last round for y = counter * key; the upper 32 are Squares' output. */
function squares(onnx: OnnxBuilder, y: string, key: string): string {
  const z = onnx.node("Add", [y, key]);
  let x = y;
  for (const added of [y, z, y]) {
    x = swapHalves(onnx, onnx.node("Add", [onnx.node("Mul", [x, x]), added]));
  }
  return onnx.node("Add", [onnx.node("Mul", [x, x]), z]);
}

/** (key [2], shape) -> float32 in (0, 1). */
export function lowerRandomUniform(onnx: OnnxBuilder, key: string, shape: readonly number[], output: string): void {
  const count = sizeOf(shape);
  const wide = wideKey(onnx, key);
  const width = Math.min(count, columns);
  const rows = width === 0 ? 0 : Math.ceil(count / width);
  const column = onnx.node("Mul", [onnx.constant("uint64", [1, width], uint64Range(width)), wide]);
  const row = onnx.node("Mul", [onnx.constant("uint64", [rows, 1], uint64Range(rows, BigInt(width))), wide]);
  const state = squares(onnx, onnx.node("Add", [row, column]), wide);
  const bits = onnx.node("BitShift", [state, onnx.uint64(41n)], shift("RIGHT"));
  const numbers = onnx.node("Cast", [bits], { attributes: { to: { int: 1 } } });
  const centred = onnx.node("Add", [numbers, onnx.float(0.5)]);
  const uniform = onnx.node("Mul", [centred, onnx.float(2 ** -23)]);
  const flat = onnx.reshape(uniform, [rows * width]);
  const exact = rows * width === count ? flat : onnx.node("Slice", [flat, onnx.ints([0]), onnx.ints([count])]);
  onnx.reshape(exact, shape, { output });
}

/** (key [2], data uint32 scalar) -> key [2]. */
export function lowerFoldKey(onnx: OnnxBuilder, key: string, data: string, output: string): void {
  const wide = wideKey(onnx, key);
  const stream = onnx.node("Cast", [data], { attributes: { to: { int: 13 } } });
  const doubled = onnx.node("Mul", [stream, onnx.uint64(2n)]);
  const counters = onnx.node("Add", [doubled, onnx.constant("uint64", [2], BigUint64Array.of(0n, 1n))]);
  const state = squares(onnx, onnx.node("Mul", [counters, wide]), wide);
  const upper = onnx.node("BitShift", [state, onnx.uint64(32n)], shift("RIGHT"));
  const words = onnx.node("Cast", [upper], { attributes: { to: { int: 12 } } });
  onnx.node("BitwiseOr", [words, onnx.constant("uint32", [2], Uint32Array.of(0, 1))], { output });
}
