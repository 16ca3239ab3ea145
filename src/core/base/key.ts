/** Random keys on the host: the counter-based generator SplitMix64, bit for bit as the graph's random
 * ops compute it.
 *
 * Word w (0, 1, ...) of a key k, modulo 2^64, is a mix of k + (w + 1) g with g the golden ratio's 64 bits:
 *
 *     x = k + (w + 1) g;  x = (x ^ x >> 30) a;  x = (x ^ x >> 27) b;  z = x ^ x >> 31
 *
 * Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014), whose output passes
 * BigCrush; the mix is variant 13 of Stafford, "Better bit mixing" (2011). Two 32-bit numbers come out of a word:
 * bits 31 to 62 of x before the last line's shift, and the low half of z. So the first is one place below
 * the high half of z, and only its lowest two bits are without that shift: in a graph it costs nothing more.
 * Keys are derived from keys, as there, by another mix of the same sequence (Appleby's, of MurmurHash3). */

/** A 64-bit number as two unsigned 32-bit words, high word first. */
type Wide = readonly [high: number, low: number];

/** A generator's key: any 64 bits. */
export type Key = Wide;

/** 64 bits of the golden ratio: how far words are apart, and where the streams of all seeds start from. */
const golden: Wide = [0x9e3779b9, 0x7f4a7c15];

interface Mix {
  readonly shifts: readonly [number, number];
  readonly factors: readonly [Wide, Wide];
}

/** Stafford's variant 13 without its last shift, by 31; all of MurmurHash3's, whose last shift is 33. */
const wordMix: Mix = {
  shifts: [30, 27],
  factors: [
    [0xbf58476d, 0x1ce4e5b9],
    [0x94d049bb, 0x133111eb],
  ],
};
const keyMix: Mix = {
  shifts: [33, 33],
  factors: [
    [0xff51afd7, 0xed558ccd],
    [0xc4ceb9fe, 0x1a85ec53],
  ],
};

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

/** Both shifts and multiplications, for place `index` (0 to 2^53 - 2) of a key's sequence. */
function mixed(key: Key, index: number, { shifts, factors }: Mix): Wide {
  const steps = index + 1;
  const stepsLow = steps >>> 0;
  const stepsHigh = (steps / 2 ** 32) >>> 0;
  // key + steps * golden
  const distance = Math.imul(stepsLow, golden[1]) >>> 0;
  let low = (key[1] + distance) >>> 0;
  let high = key[0] + multiplyHigh(stepsLow, golden[1]) + (low < distance ? 1 : 0);
  high = (high + Math.imul(stepsLow, golden[0]) + Math.imul(stepsHigh, golden[1])) >>> 0;
  for (let round = 0; round < 2; round++) {
    const shift = shifts[round];
    const [factorHigh, factorLow] = factors[round];
    if (shift < 32) {
      low = (low ^ ((low >>> shift) | (high << (32 - shift)))) >>> 0;
      high = (high ^ (high >>> shift)) >>> 0;
    } else {
      low = (low ^ (high >>> (shift - 32))) >>> 0;
    }
    high = (multiplyHigh(low, factorLow) + Math.imul(high, factorLow) + Math.imul(low, factorHigh)) >>> 0;
    low = Math.imul(low, factorLow) >>> 0;
  }
  return [high, low];
}

/** 32 random bits, as an unsigned integer, for one counter from 0 to 2^53 - 1: two counters share a word. */
export function randomBits(key: Key, counter: number): number {
  const [high, low] = mixed(key, Math.floor(counter / 2), wordMix);
  const upper = ((high << 1) | (low >>> 31)) >>> 0;
  return counter % 2 === 0 ? upper : (low ^ upper) >>> 0;
}

/** A number in (0, 1): the upper 23 of the random bits plus one half, over 2^23. Exact in float32. */
export function randomUniform(key: Key, counter: number): number {
  return ((randomBits(key, counter) >>> 9) + 0.5) / 2 ** 23;
}

/** The key of the stream `data` (0 to 2^32 - 1) below `key`. */
export function foldKey(key: Key, data: number): Key {
  const [high, low] = mixed(key, data, keyMix);
  return [high, (low ^ (high >>> 1)) >>> 0];
}

/** The key of a seed: any integer from 0 to 2^53 - 1. */
export function keyFromSeed(seed: number): Key {
  return foldKey(foldKey(golden, seed % 2 ** 32), Math.floor(seed / 2 ** 32));
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
