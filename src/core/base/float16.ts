/** Half precision (IEEE 754 binary16) as bits: Node 20 has no Float16Array. */

const words = new Float64Array(1);
/** On the little-endian machines that we run on, the second half holds sign and exponent. */
const halves = new Uint32Array(words.buffer);

/** Exponent of the smallest normal number; below it, numbers keep its spacing of 2^-24. */
const lowestExponent = -14;

/**
 * The bits of the float16 number nearest to a float64 number; between two, of the even one.
 *
 * Units and ranges: from 65520 on infinity, below 2^-25 zero; NaN is 0x7e00.
 */
export function float16Bits(number: number): number {
  words[0] = number;
  const sign = (halves[1] >>> 16) & 0x8000;
  if (Number.isNaN(number)) return 0x7e00;
  const size = Math.abs(number);
  if (size >= 65536) return sign | 0x7c00;
  const exponent = Math.max(((halves[1] >>> 20) & 0x7ff) - 1023, lowestExponent);
  // From 2^52 on, float64 has only whole numbers: the sum rounds to the nearest, halves to even.
  const steps = size / 2 ** (exponent - 10) + 2 ** 52 - 2 ** 52;
  return sign | (steps + (exponent - lowestExponent) * 1024);
}

/** The number that the bits of a float16 number stand for. */
export function float16FromBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The nearest float16 number. */
export function roundToFloat16(number: number): number {
  return float16FromBits(float16Bits(number));
}
