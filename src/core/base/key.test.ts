import { expect, test } from "vitest";
import { foldKey, hashName, type Key, keyFromSeed, permutation, randomBits, randomUniform } from "./key.ts";

const mask = (1n << 64n) - 1n;

/** Squares as its paper writes it, on 64-bit integers: the independent spelling that ours must equal. */
function squares32(counter: bigint, key: bigint): number {
  const swap = (v: bigint): bigint => ((v >> 32n) | (v << 32n)) & mask;
  let x = (counter * key) & mask;
  const y = x;
  const z = (y + key) & mask;
  x = swap((x * x + y) & mask);
  x = swap((x * x + z) & mask);
  x = swap((x * x + y) & mask);
  return Number(((x * x + z) & mask) >> 32n);
}

test("bits equal the paper's 64-bit form, counters above 2^32 included", () => {
  const key: Key = [0xc8e4fd15, 0x4ce32f6d];
  const wide = (BigInt(key[0]) << 32n) | BigInt(key[1]);
  for (const counter of [0, 1, 2, 77, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 12345, 2 ** 53 - 1]) {
    expect(randomBits(key, counter)).toBe(squares32(BigInt(counter), wide));
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
