/** Random keys on the host: the counter-based generator Squares, bit for bit as the graph's random
 * ops compute it.
 *
 * Source: Widynski, "Squares: A Fast Counter-Based RNG" (2020), whose output passes BigCrush and
 * PractRand. It needs only multiplication, addition and rotation, so that a backend without bitwise
 * operations (WebGPU through ONNX Runtime) can compute the same bits. We depart from it in how keys
 * are made: the paper draws hexadecimal digits by rules; we take two outputs of Squares itself and
 * make the lower one odd, so that keys can be derived from keys inside a graph. */

/** A generator's key: a 64-bit odd number as two unsigned 32-bit words, high word first. */
export type Key = readonly [high: number, low: number];

/** Where the streams of all seeds start from, before the seed is folded in: 64 bits of the golden ratio. */
const rootKey: Key = [0x9e3779b9, 0x7f4a7c15];

/** Upper 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carry = (a0 * b1 + (middle & 0xffff)) >>> 16;
  return (a1 * b1 + (middle >>> 16) + carry) >>> 0;
}

/**
 * 32 random bits, as an unsigned integer, for one counter from 0 to 2^53 - 1 (four-round Squares).
 *
 * With y = counter * key and z = y + key, all modulo 2^64, x goes through
 * swap(y^2 + y), swap(x^2 + z), swap(x^2 + y), and the result is the upper half of x^2 + z.
 */
export function randomBits([keyHigh, keyLow]: Key, counter: number): number {
  const counterHigh = Math.floor(counter / 2 ** 32);
  const counterLow = counter >>> 0;
  const yLow = Math.imul(counterLow, keyLow) >>> 0;
  const yHigh =
    (multiplyHigh(counterLow, keyLow) + Math.imul(counterLow, keyHigh) + Math.imul(counterHigh, keyLow)) >>> 0;
  const zLow = (yLow + keyLow) >>> 0;
  const zHigh = (yHigh + keyHigh + (zLow < yLow ? 1 : 0)) >>> 0;
  let high = yHigh;
  let low = yLow;
  for (let round = 0; round < 4; round++) {
    const addHigh = round % 2 === 0 ? yHigh : zHigh;
    const addLow = round % 2 === 0 ? yLow : zLow;
    const squareLow = Math.imul(low, low) >>> 0;
    const sumLow = (squareLow + addLow) >>> 0;
    const sumHigh = (multiplyHigh(low, low) + Math.imul(2 * low, high) + addHigh + (sumLow < squareLow ? 1 : 0)) >>> 0;
    high = sumLow;
    low = sumHigh;
  }
  return low;
}

/** A number in (0, 1): the upper 23 of the random bits plus one half, over 2^23. Exact in float32. */
export function randomUniform(key: Key, counter: number): number {
  return ((randomBits(key, counter) >>> 9) + 0.5) / 2 ** 23;
}

/** The key of the stream `data` (0 to 2^32 - 1) below `key`. */
export function foldKey(key: Key, data: number): Key {
  return [randomBits(key, 2 * data), (randomBits(key, 2 * data + 1) | 1) >>> 0];
}

/** The key of a seed: any integer from 0 to 2^53 - 1. */
export function keyFromSeed(seed: number): Key {
  return foldKey(foldKey(rootKey, seed % 2 ** 32), Math.floor(seed / 2 ** 32));
}

/** A 32-bit name of a text, for folding into keys: FNV-1a over its UTF-16 units. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A uniformly random order of 0 .. count-1 (Fisher-Yates; the modulo's bias is below count / 2^32). */
export function permutation(key: Key, count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const j = randomBits(key, i) % (i + 1);
    const swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
  return order;
}
