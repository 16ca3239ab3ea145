import { describe, expect, test } from "vitest";
import { float16Bits, float16FromBits, roundToFloat16 } from "./float16.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const patterns = Array.from({ length: 65_536 }, (_, bits) => bits);

test("each of the 65,536 patterns comes back, NaN as one of them", () => {
  const wrong = patterns.filter((bits) => {
    const notANumber = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
    return float16Bits(float16FromBits(bits)) !== (notANumber ? 0x7e00 : bits);
  });
  expect(wrong).toEqual([]);
});

test("patterns of one sign are in the order of their numbers, and finite ones end at 65504", () => {
  const positive = patterns.slice(0, 0x7c01).map(float16FromBits);
  expect(positive.every((number, i) => i === 0 || number > positive[i - 1])).toBe(true);
  expect([positive[0x7bff], positive[0x7c00]]).toEqual([65504, inf]);
  expect(patterns.slice(0x8001, 0xfc01).every((bits) => float16FromBits(bits) === -positive[bits - 0x8000])).toBe(true);
});

test("between two neighbours the nearer is taken, half way the even one, and a little to its side decides", () => {
  const wrong = patterns.slice(0, 0x7bff).filter((bits) => {
    const [low, high] = [float16FromBits(bits), float16FromBits(bits + 1)];
    const middle = (low + high) / 2;
    const even = bits % 2 === 0 ? bits : bits + 1;
    const seen = [middle, middle * (1 - 2 ** -52), middle * (1 + 2 ** -51), -middle].map(float16Bits);
    return String(seen) !== String([even, bits, bits + 1, even | 0x8000]);
  });
  expect(wrong).toEqual([]);
});

describe("known numbers", () => {
  // From the format's description: sign, five bits of exponent, ten of fraction.
  test.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [1 / 3, 0x3555],
    [0.1, 0x2e66],
    [65504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [inf, 0x7c00],
    [-inf, 0xfc00],
    [nan, 0x7e00],
  ])("%d", (number, bits) => {
    expect(float16Bits(number)).toBe(bits);
  });
  test("too large, too small", () => {
    expect([65519.99, 65520, -65520, 1e300].map(roundToFloat16)).toEqual([65504, inf, -inf, inf]);
    expect([2 ** -25, 2 ** -25 * 1.001, -(2 ** -26), 1e-300].map(roundToFloat16)).toEqual([0, 2 ** -24, -0, 0]);
  });
});
