/** Random numbers in ONNX, from the words of a key's sequence (core/base/key.ts). */

import { sizeOf } from "../../base/index.ts";
import type { Lowering } from "./lowerings/lowering.ts";
import { foldNarrowKey, narrowWords } from "./random/narrow-words.ts";
import { foldWideKey, wideWords } from "./random/wide-words.ts";
import { type Emit, emitInto, type Field, type WordSource } from "./random/words.ts";
import { onnxDType } from "./schema.ts";

type RandomOp = "randomUniform" | "randomBernoulli" | "randomNormal";

/** Words that are mixed at once: what is computed on the way then stays in a core's cache. */
const wordsAtOnce = 32_768;

/** More parts than this would cost more in starting a program than they save in running it. */
const mostParts = 64;

/** alpha x + beta, kept within 0 and 1, in one pass. */
function clipped(emit: Emit, { name, unit }: Field, alpha: number, beta: number): string {
  return emit("HardSigmoid", [name], { alpha: { float: alpha / unit }, beta: { float: beta } });
}

/**
 * Numbers that take `perWord` of each word: `draw` gives one float32 [words] for each of them, and they come
 * one after the other, first those of all words.
 */
function lowerNumbers<N extends RandomOp>(
  context: Parameters<Lowering<N>>[0],
  perWord: number,
  draw: (source: WordSource, emit: Emit, first: number, count: number) => readonly string[],
): void {
  const { onnx, target, inputs, type, output, path } = context;
  const count = sizeOf(type.shape);
  const emit = emitInto(onnx, path);
  const words = Math.ceil(count / perWord);
  const atOnce = target.narrowIntegers || target.runsOnce ? words : Math.max(wordsAtOnce, Math.ceil(words / mostParts));
  const source = (target.narrowIntegers ? narrowWords : wideWords)(onnx, path, inputs[0]);
  const parts: (readonly string[])[] = [];
  for (let first = 0; first < words; first += atOnce) {
    parts.push(draw(source, emit, first, Math.min(atOnce, words - first)));
  }
  const inOrder = Array.from({ length: perWord }, (_, i) => parts.map((part) => part[i])).flat();
  const all = emit("Concat", inOrder, { axis: { int: 0 } });
  const exact = words * perWord === count ? all : emit("Slice", [all, onnx.ints([0]), onnx.ints([count])]);
  onnx.reshape(exact, type.shape, { output, path });
}

/** The 16-bit fields of words, in the order of their numbers. */
function quarters(source: WordSource, first: number, count: number): readonly Field[] {
  const { upper, lower } = source.words(first, count);
  return [source.lowerHalf(upper), source.lowerHalf(lower), source.upperBits(upper, 16), source.upperBits(lower, 16)];
}

export const lowerRandomUniform: Lowering<"randomUniform"> = (context) => {
  const { bits } = context.attrs;
  const centred = (emit: Emit, field: Field): string => clipped(emit, field, 2 ** -bits, 2 ** -(bits + 1));
  if (bits === 16) {
    lowerNumbers(context, 4, (source, emit, first, count) =>
      quarters(source, first, count).map((field) => centred(emit, field)),
    );
  } else {
    lowerNumbers(context, 2, (source, emit, first, count) => {
      const { upper, lower } = source.words(first, count);
      return [upper, lower].map((numbers) => centred(emit, source.upperBits(numbers, bits)));
    });
  }
};

export const lowerRandomBernoulli: Lowering<"randomBernoulli"> = (context) => {
  const threshold = Math.round(context.attrs.probability * 2 ** 16);
  // threshold - field is 1 or more where the field is smaller, else 0 or less.
  lowerNumbers(context, 4, (source, emit, first, count) =>
    quarters(source, first, count).map((field) => clipped(emit, field, -1, threshold)),
  );
};

/**
 * -cos(pi t) and -sin(pi t) / t for t in [-1, 1] as polynomials in t^2 - 1/2, highest power first: best in the
 * largest error, which is 1.1e-8 and 2.3e-9 (Remez's algorithm).
 */
const cosine = [-1.59414317e-3, 2.05772515e-2, -0.177609427, 0.924511496, -2.37829748, 1.76758603, 0.605699867];
const sine = [-3.95324089e-4, 6.08947437e-3, -6.53758846e-2, 0.452278618, -1.76569616, 3.0281424, -1.12528012];

/**
 * Box and Muller's transform of the two numbers of a word: a radius from 24 bits of the first, and an angle. Sine
 * and cosine are vectorized products here, as ONNX Runtime's own are loops over numbers and a GPU's are coarse.
 */
export const lowerRandomNormal: Lowering<"randomNormal"> = (context) => {
  const { onnx } = context;
  lowerNumbers(context, 2, (source, emit, first, count) => {
    const times = (a: string, b: string | number): string =>
      emit("Mul", [a, typeof b === "number" ? onnx.float(b) : b]);
    const { upper, lower } = source.words(first, count);
    const uniform = clipped(emit, source.upperBits(upper, 24), 2 ** -24, 2 ** -24);
    const radius = emit("Sqrt", [times(emit("Log", [uniform]), -2)]);

    const signed = emit("Cast", [lower], { to: { int: onnxDType.int32 } });
    const t = times(emit("Cast", [signed], { to: { int: onnxDType.float32 } }), 2 ** -31);
    const z = emit("Add", [times(t, t), onnx.float(-0.5)]);
    const polynomial = ([highest, next, ...rest]: readonly number[]): string =>
      rest.reduce(
        (sum, coefficient) => emit("Add", [times(sum, z), onnx.float(coefficient)]),
        // Within 0 and 1, and so left as it is.
        clipped(emit, { name: z, unit: 1 }, highest, next),
      );
    return [times(radius, polynomial(cosine)), times(radius, times(polynomial(sine), t))];
  });
};

/** (key [2], data uint32 scalar) -> key [2]. */
export const lowerFoldKey: Lowering<"foldKey"> = ({ onnx, target, inputs: [key, data], output, path }) => {
  (target.narrowIntegers ? foldNarrowKey : foldWideKey)(onnx, path, key, data, output);
};
