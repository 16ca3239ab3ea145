/** Values that conformance and gradient cases are made of. */

import {
  type DType,
  hashName,
  keyFromSeed,
  randomBits,
  randomUniform,
  roundToFloat16,
  type Shape,
  sizeOf,
} from "../../src/core/base/index.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";

export const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** float32 with the given numbers, rounded to float32. */
export function float(shape: Shape, numbers: ArrayLike<number>): HostValue {
  return hostValue("float32", shape, Float32Array.from(numbers));
}

export function floats(...numbers: number[]): HostValue {
  return float([numbers.length], numbers);
}

/** Seeded float32 numbers within (low, high); other `name`s give other numbers. */
export function uniform(shape: Shape, low = -2, high = 2, name = ""): HostValue {
  const key = keyFromSeed(hashName(name));
  return float(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => low + (high - low) * randomUniform(key, i)),
  );
}

/** Seeded whole numbers from low to high - 1. */
export function integers(dtype: DType, shape: Shape, low: number, high: number, name = ""): HostValue {
  const key = keyFromSeed(hashName(name));
  return hostValue(
    dtype,
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => low + (randomBits(key, i) % (high - low))),
  );
}

/** Seeded numbers of which no two are nearer than `gap`: shuffled multiples of it around 0. */
export function spread(shape: Shape, gap = 0.25, name = ""): HostValue {
  const size = sizeOf(shape);
  const key = keyFromSeed(hashName(name));
  const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => randomBits(key, a) - randomBits(key, b));
  return float(
    shape,
    order.map((place) => gap * (place - Math.floor(size / 2) + 0.375)),
  );
}

/** Seeded float16 numbers. */
export function halves(shape: Shape, name = ""): HostValue {
  return hostValue("float16", shape, uniform(shape, -2, 2, name).data.map(roundToFloat16));
}

export function bools(shape: Shape, name = ""): HostValue {
  return integers("bool", shape, 0, 2, name);
}
