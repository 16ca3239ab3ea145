/** Words on uint64 tensors, with shifts and bitwise operators. */

import type { OnnxBuilder } from "../builder.ts";
import { onnxDType } from "../schema.ts";
import { type Emit, emitInto, golden, gridOf, keyMix, type WordSource, wordMix } from "./words.ts";

const left = { direction: { string: "LEFT" } };
const right = { direction: { string: "RIGHT" } };

function castTo(dtype: keyof typeof onnxDType | "uint16"): { readonly to: { readonly int: number } } {
  return { to: { int: dtype === "uint16" ? 4 : onnxDType[dtype] } };
}

/** key [2] uint32 -> one uint64, as [1]. */
function wideKey(onnx: OnnxBuilder, emit: Emit, key: string): string {
  const words = emit("Cast", [key], castTo("uint64"));
  const shifts = onnx.constant("uint64", [2], BigUint64Array.of(32n, 0n));
  const shifted = emit("BitShift", [words, shifts], left);
  const part = (i: number): string => emit("Slice", [shifted, onnx.ints([i]), onnx.ints([i + 1])]);
  return emit("Add", [part(0), part(1)]);
}

/** Both shifts and multiplications of a mix. */
function mixed(onnx: OnnxBuilder, emit: Emit, start: string, mix: typeof wordMix | typeof keyMix): string {
  return mix.shifts.reduce((x, shift, i) => {
    const shifted = emit("BitShift", [x, onnx.uint64(BigInt(shift))], right);
    return emit("Mul", [emit("BitwiseXor", [x, shifted]), onnx.uint64(mix.factors[i])]);
  }, start);
}

export function wideWords(onnx: OnnxBuilder, path: string, key: string): WordSource {
  const emit = emitInto(onnx, path);
  const start = wideKey(onnx, emit, key);
  const masked = (numbers: string, bits: number): string =>
    emit("BitwiseAnd", [numbers, onnx.constant("uint32", [], Uint32Array.of(2 ** 32 - 2 ** (32 - bits)))]);
  return {
    words: (first, count) => {
      const { rows, columns } = gridOf(first, count);
      const row = emit("Add", [onnx.constant("uint64", [rows.length, 1], rows), start]);
      const grid = emit("Add", [row, onnx.constant("uint64", [1, columns.length], columns)]);
      const all = onnx.reshape(grid, [rows.length * columns.length], { path });
      const exact = rows.length * columns.length === count;
      const distances = exact ? all : emit("Slice", [all, onnx.ints([0]), onnx.ints([count])]);
      const x = mixed(onnx, emit, distances, wordMix);
      const upper = emit("Cast", [emit("BitShift", [x, onnx.uint64(31n)], right)], castTo("uint32"));
      return { upper, lower: emit("BitwiseXor", [emit("Cast", [x], castTo("uint32")), upper]) };
    },
    // A mask is cheaper than a shift, and what is left is exact in float32.
    upperBits: (numbers, bits) => ({
      name: emit("Cast", [masked(numbers, bits)], castTo("float32")),
      unit: 2 ** (32 - bits),
    }),
    lowerHalf: (numbers) => ({
      name: emit("Cast", [emit("Cast", [numbers], castTo("uint16"))], castTo("float32")),
      unit: 1,
    }),
  };
}

/** (key [2], data uint32 scalar) -> key [2]. */
export function foldWideKey(onnx: OnnxBuilder, path: string, key: string, data: string, output: string): void {
  const emit = emitInto(onnx, path);
  const origin = emit("Add", [wideKey(onnx, emit, key), onnx.uint64(golden)]);
  const distance = emit("Mul", [emit("Cast", [data], castTo("uint64")), onnx.uint64(golden)]);
  const x = mixed(onnx, emit, emit("Add", [origin, distance]), keyMix); // [1]
  const z = emit("BitwiseXor", [x, emit("BitShift", [x, onnx.uint64(33n)], right)]);
  const words = emit("BitShift", [z, onnx.constant("uint64", [2], BigUint64Array.of(32n, 0n))], right);
  onnx.node("Cast", [words], { output, path, attributes: castTo("uint32") });
}
