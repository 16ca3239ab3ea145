/** Kernels of ops that bring numbers into a graph. */

import { foldKey, GalateaError, type Key, randomBits, type Shape, sizeOf } from "../../../core/base/index.ts";
import type { OpName } from "../../../core/graph/index.ts";
import { fromHost, type HostValue } from "../value.ts";
import type { Kernel } from "./kernel.ts";

function keyOf({ data }: HostValue): Key {
  return [data[0], data[1]];
}

/** Numbers of which each word gives `perWord`: first the first ones of all words, then the second ones, ... */
function draw(shape: Shape, perWord: number, number: (word: number, part: number) => number): HostValue {
  const count = sizeOf(shape);
  const words = Math.ceil(count / perWord);
  const data = Float64Array.from({ length: count }, (_, i) => number(i % words, Math.floor(i / words)));
  return { dtype: "float32", shape, data };
}

/**
 * The random bits of part `part` of a word: of 23, the upper ones of either half; of 16, the lower ones of both
 * halves, then the upper ones.
 */
function fieldOf(key: Key, word: number, part: number, bits: 16 | 23): number {
  const half = randomBits(key, 2 * word + (part % 2));
  return bits === 16 && part < 2 ? half & 0xffff : half >>> (32 - bits);
}

export const sources = {
  input: (_, { name }) => {
    throw new GalateaError("internal", "interpreter", `no value for input ${name}`, "declare it in the graph");
  },
  constant: (_, attrs) => fromHost(attrs),
  randomUniform: ([key], { shape, bits }) =>
    draw(shape, bits === 16 ? 4 : 2, (word, part) => (fieldOf(keyOf(key), word, part, bits) + 0.5) / 2 ** bits),
  randomBernoulli: ([key], { shape, probability }) => {
    const threshold = Math.round(probability * 2 ** 16);
    return draw(shape, 4, (word, part) => Number(fieldOf(keyOf(key), word, part, 16) < threshold));
  },
  randomNormal: ([key], { shape }) =>
    draw(shape, 2, (word, part) => {
      const uniform = ((randomBits(keyOf(key), 2 * word) >>> 8) + 1) / 2 ** 24;
      const turns = Math.fround(randomBits(keyOf(key), 2 * word + 1) | 0) / 2 ** 32;
      const angle = 2 * Math.PI * (turns + 0.5);
      return Math.sqrt(-2 * Math.log(uniform)) * (part === 0 ? Math.cos(angle) : Math.sin(angle));
    }),
  foldKey: ([key, stream]) => {
    return { dtype: "uint32", shape: [2], data: Float64Array.from(foldKey(keyOf(key), stream.data[0])) };
  },
} satisfies { [N in OpName]?: Kernel<N> };
