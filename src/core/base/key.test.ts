import { expect, test } from "vitest";
import { foldKey, hashName, type Key, keyFromSeed, permutation, randomBits, randomUniform } from "./key.ts";

const mask = (1n << 64n) - 1n;
const golden = 0x9e3779b97f4a7c15n;

function wide([high, low]: Key): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

/** SplitMix64 as its authors write it, on 64-bit integers: the independent spelling that ours must equal. */
function splitMix64(key: bigint, word: bigint): bigint {
  let z = (key + (word + 1n) * golden) & mask;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
  return z ^ (z >> 31n);
}

test("the independent spelling gives the first outputs that are published for seed 1234567", () => {
  expect([0n, 1n, 2n, 3n, 4n].map((word) => splitMix64(1234567n, word))).toEqual([
    6457827717110365317n,
    3203168211198807973n,
    9817491932198370423n,
    4593380528125082431n,
    16408922859458223821n,
  ]);
});

test("bits are those of SplitMix64: its low half, and its bits 33 to 62", () => {
  for (const key of [
    [0, 1234567],
    [0xc8e4fd15, 0x4ce32f6d],
    [0xffffffff, 0xffffffff],
    [0, 0],
  ] as const) {
    for (const word of [0, 1, 2, 77, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 40 + 12345, 2 ** 52 - 1]) {
      const z = splitMix64(wide(key), BigInt(word));
      expect(randomBits(key, 2 * word + 1)).toBe(Number(z & 0xffffffffn));
      expect(randomBits(key, 2 * word) >>> 2).toBe(Number((z >> 33n) & 0x3fffffffn));
    }
  }
});

test("known bits: what every backend must give", () => {
  const key = keyFromSeed(7);
  expect(key).toEqual([2104959888, 4061213276]);
  expect([0, 1, 2, 3].map((counter) => randomBits(key, counter))).toEqual([
    1517326924, 220300255, 703796370, 1606712528,
  ]);
  expect(foldKey(key, 0)).toEqual([3883849219, 2653137865]);
  expect(foldKey(key, 2 ** 32 - 1)).toEqual([2845210363, 2339051626]);
});

test("keys below keys come from the finalizer of MurmurHash3", () => {
  const finalize = (x: bigint): bigint => {
    let z = ((x ^ (x >> 33n)) * 0xff51afd7ed558ccdn) & mask;
    z = ((z ^ (z >> 33n)) * 0xc4ceb9fe1a85ec53n) & mask;
    return z ^ (z >> 33n);
  };
  // A published value of that finalizer.
  expect(finalize(1n)).toBe(0xb456bcfc34c2cb2cn);
  const key: Key = [0xc8e4fd15, 0x4ce32f6d];
  for (const stream of [0, 1, 65_537, 2 ** 31, 2 ** 32 - 1]) {
    expect(wide(foldKey(key, stream))).toBe(finalize((wide(key) + BigInt(stream + 1) * golden) & mask));
  }
});

test("uniform numbers are exact in float32 and inside (0, 1)", () => {
  const key = keyFromSeed(1);
  for (let i = 0; i < 10_000; i++) {
    const u = randomUniform(key, i);
    expect(Math.fround(u)).toBe(u);
    expect(u > 0 && u < 1).toBe(true);
  }
});

test("each of the 32 bits is set half of the time, for counters and for keys in sequence", () => {
  const streams: ((i: number) => number)[] = [
    (i) => randomBits(keyFromSeed(5), i),
    (i) => randomBits(keyFromSeed(i), 0),
    (i) => foldKey(keyFromSeed(9), i)[0],
    (i) => foldKey(keyFromSeed(9), i)[1],
  ];
  const n = 20_000;
  for (const stream of streams) {
    const counts = new Array<number>(32).fill(0);
    for (let i = 0; i < n; i++) {
      const word = stream(i);
      for (let bit = 0; bit < 32; bit++) counts[bit] += (word >>> bit) & 1;
    }
    // Five standard deviations of a fair coin.
    for (const count of counts) expect(Math.abs(count - n / 2)).toBeLessThan(5 * Math.sqrt(n / 4));
  }
});

test("neighbouring counters and neighbouring seeds are uncorrelated", () => {
  const n = 50_000;
  const pairs: ((i: number) => [number, number])[] = [
    (i) => [randomUniform(keyFromSeed(3), i), randomUniform(keyFromSeed(3), i + 1)],
    (i) => [randomUniform(keyFromSeed(i), 0), randomUniform(keyFromSeed(i + 1), 0)],
    (i) => [randomUniform(foldKey(keyFromSeed(2), 0), i), randomUniform(foldKey(keyFromSeed(2), 1), i)],
  ];
  for (const pair of pairs) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const [a, b] = pair(i);
      sum += (a - 0.5) * (b - 0.5) * 12;
    }
    expect(Math.abs(sum / Math.sqrt(n))).toBeLessThan(5);
  }
});

test("uniform numbers fill 256 cells evenly (chi-square within five standard deviations)", () => {
  const n = 200_000;
  const cells = new Float64Array(256);
  const key = foldKey(keyFromSeed(0), hashName("cells"));
  for (let i = 0; i < n; i++) cells[Math.floor(randomUniform(key, i) * 256)]++;
  const expected = n / 256;
  const chiSquare = cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(Math.abs(chiSquare - 255)).toBeLessThan(5 * Math.sqrt(2 * 255));
});

test("a permutation holds each index once and moves most of them", () => {
  const order = permutation(keyFromSeed(4), 1000);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(order.filter((value, index) => value === index).length).toBeLessThan(10);
});

test("seeds above 2^32 have streams of their own", () => {
  expect(keyFromSeed(7)).not.toEqual(keyFromSeed(7 + 2 ** 32));
});
