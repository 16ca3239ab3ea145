/** Words as pairs of uint32 tensors, with Add, Sub, Mul, Div, Less and Gather only: for runtimes without 64-bit
 * integers and bitwise operators, such as WebGPU. The bits are those of wide-words.ts. */

import type { OnnxBuilder } from "../builder.ts";
import { onnxDType } from "../schema.ts";
import { type Emit, emitInto, golden, gridOf, keyMix, type WordSource, wordMix } from "./words.ts";

/** A 64-bit number: two uint32 tensors of one shape. */
interface Wide {
  readonly high: string;
  readonly low: string;
}

const toFloat = { to: { int: onnxDType.float32 } };
const concatenated = { axis: { int: 0 } };

/** Arithmetic on uint32 tensors of rank 1. */
class NarrowArithmetic {
  private readonly onnx: OnnxBuilder;
  private readonly path: string;
  private readonly emit: Emit;
  private xorTable: string | undefined;

  constructor(onnx: OnnxBuilder, path: string) {
    this.onnx = onnx;
    this.path = path;
    this.emit = emitInto(onnx, path);
  }

  scalar(number: number): string {
    return this.onnx.constant("uint32", [], Uint32Array.of(number));
  }
  add(a: string, b: string): string {
    return this.emit("Add", [a, b]);
  }
  times(a: string, factor: number): string {
    return this.emit("Mul", [a, this.scalar(factor)]);
  }
  /** a >> shift, for shifts from 0 to 31. */
  right(a: string, shift: number): string {
    return this.emit("Div", [a, this.scalar(2 ** shift)]);
  }
  /** The lowest bits, up to 31. */
  lowest(a: string, bits: number, above = this.right(a, bits)): string {
    return this.emit("Sub", [a, this.times(above, 2 ** bits)]);
  }
  slice(a: string, start: number, count: number): string {
    return this.emit("Slice", [a, this.onnx.ints([start]), this.onnx.ints([start + count])]);
  }

  /** A constant of 64-bit numbers, as two. */
  constant(shape: readonly number[], numbers: BigUint64Array): Wide {
    const part = (shift: bigint): string =>
      this.onnx.constant(
        "uint32",
        shape,
        Uint32Array.from(numbers, (n) => Number((n >> shift) & 0xffffffffn)),
      );
    return { high: part(32n), low: part(0n) };
  }

  addWide(a: Wide, b: Wide): Wide {
    const low = this.add(a.low, b.low);
    const wrapped = this.emit("Less", [low, b.low]);
    const carry = this.emit("Cast", [wrapped], { to: { int: onnxDType.uint32 } });
    return { high: this.add(this.add(a.high, b.high), carry), low };
  }

  /** Upper 32 bits of a product with a 32-bit constant, from products of halves. */
  multiplyHigh(a: string, factor: number): string {
    const [lower, upper] = [factor & 0xffff, factor >>> 16];
    const a1 = this.right(a, 16);
    const a0 = this.lowest(a, 16, a1);
    const middle = this.add(this.times(a1, lower), this.right(this.times(a0, lower), 16));
    const middleHigh = this.right(middle, 16);
    const carried = this.add(this.times(a0, upper), this.lowest(middle, 16, middleHigh));
    return this.add(this.add(this.times(a1, upper), middleHigh), this.right(carried, 16));
  }

  multiplyWide({ high, low }: Wide, factor: bigint): Wide {
    const [upper, lower] = [Number(factor >> 32n), Number(factor & 0xffffffffn)];
    const crossed = this.add(this.times(low, upper), this.times(high, lower));
    return { high: this.add(this.multiplyHigh(low, lower), crossed), low: this.times(low, lower) };
  }

  /** a ^ b of `count` numbers each: their bytes side by side are looked up in a table. */
  xor(a: string, b: string, count: number): string {
    const { onnx } = this;
    const places = onnx.constant("uint32", [4, 1], Uint32Array.of(1, 2 ** 8, 2 ** 16, 2 ** 24));
    const bytes = (x: string): string => {
      const shifted = this.emit("Div", [onnx.reshape(x, [1, count], { path: this.path }), places]); // [4, count]
      return this.lowest(shifted, 8);
    };
    const index = this.add(this.times(bytes(a), 256), bytes(b));
    const at = this.emit("Cast", [index], { to: { int: onnxDType.int32 } });
    const looked = this.emit("Mul", [this.emit("Gather", [this.table(), at]), places]);
    const flat = onnx.reshape(looked, [4 * count], { path: this.path });
    return [1, 2, 3].reduce(
      (sum, place) => this.add(sum, this.slice(flat, place * count, count)),
      this.slice(flat, 0, count),
    );
  }

  /** x ^ x >> shift of `count` numbers, for shifts from 1 to 63 but 32. */
  xorShift({ high, low }: Wide, shift: number, count: number): Wide {
    if (shift > 32) return { high, low: this.xor(low, this.right(high, shift - 32), count) };
    const movedLow = this.add(this.right(low, shift), this.times(high, 2 ** (32 - shift)));
    const words = this.emit("Concat", [high, low], concatenated);
    const moved = this.emit("Concat", [this.right(high, shift), movedLow], concatenated);
    const both = this.xor(words, moved, 2 * count);
    return { high: this.slice(both, 0, count), low: this.slice(both, count, count) };
  }

  /** Both shifts and multiplications of a mix. */
  mixed(start: Wide, mix: typeof wordMix | typeof keyMix, count: number): Wide {
    return mix.shifts.reduce((x, shift, i) => this.multiplyWide(this.xorShift(x, shift, count), mix.factors[i]), start);
  }

  /** a ^ b at 256 a + b for all bytes, put together from that of half bytes. */
  private table(): string {
    if (this.xorTable === undefined) {
      const halves = Uint32Array.from({ length: 256 }, (_, i) => (i >> 4) ^ (i & 15));
      const upper = this.onnx.constant(
        "uint32",
        [16, 1, 16, 1],
        halves.map((half) => 16 * half),
      );
      const lower = this.onnx.constant("uint32", [1, 16, 1, 16], halves);
      this.xorTable = this.onnx.reshape(this.add(upper, lower), [65_536], { path: this.path });
    }
    return this.xorTable;
  }
}

function wideKey(arithmetic: NarrowArithmetic, key: string): Wide {
  return { high: arithmetic.slice(key, 0, 1), low: arithmetic.slice(key, 1, 1) };
}

export function narrowWords(onnx: OnnxBuilder, path: string, key: string): WordSource {
  const emit = emitInto(onnx, path);
  const arithmetic = new NarrowArithmetic(onnx, path);
  const start = wideKey(arithmetic, key);
  return {
    words: (first, count) => {
      const { rows, columns } = gridOf(first, count);
      const row = arithmetic.addWide(arithmetic.constant([rows.length, 1], rows), start);
      const grid = arithmetic.addWide(row, arithmetic.constant([1, columns.length], columns));
      const flat = (part: string): string => {
        const all = onnx.reshape(part, [rows.length * columns.length], { path });
        return rows.length * columns.length === count ? all : arithmetic.slice(all, 0, count);
      };
      const distances = { high: flat(grid.high), low: flat(grid.low) };
      const { high, low } = arithmetic.mixed(distances, wordMix, count);
      const upper = arithmetic.add(arithmetic.times(high, 2), arithmetic.right(low, 31));
      return { upper, lower: arithmetic.xor(low, upper, count) };
    },
    upperBits: (numbers, bits) => ({
      name: emit("Cast", [arithmetic.right(numbers, 32 - bits)], toFloat),
      unit: 1,
    }),
    lowerHalf: (numbers) => ({ name: emit("Cast", [arithmetic.lowest(numbers, 16)], toFloat), unit: 1 }),
  };
}

/** (key [2], data uint32 scalar) -> key [2]. */
export function foldNarrowKey(onnx: OnnxBuilder, path: string, key: string, data: string, output: string): void {
  const arithmetic = new NarrowArithmetic(onnx, path);
  const step = arithmetic.constant([1], BigUint64Array.of(golden));
  const origin = arithmetic.addWide(wideKey(arithmetic, key), step);
  const low = onnx.reshape(data, [1], { path });
  const high = onnx.constant("uint32", [1], Uint32Array.of(0));
  const distance = arithmetic.multiplyWide({ high, low }, golden);
  const x = arithmetic.mixed(arithmetic.addWide(origin, distance), keyMix, 1);
  const z = arithmetic.xorShift(x, 33, 1);
  onnx.node("Concat", [z.high, z.low], { output, path, attributes: concatenated });
}
