import { expect, test } from "vitest";
import { erf } from "./erf.ts";

/** Computed with 80 digits from the Taylor series, rounded to float64. */
const known: readonly (readonly [x: number, erf: number])[] = [
  [1e-10, 1.1283791670955126e-10],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [1.0, 0.8427007929497149],
  [1.5, 0.9661051464753108],
  [2.0, 0.9953222650189527],
  [2.5, 0.999593047982555],
  [2.999, 0.9999777698314002],
  [3.0, 0.9999779095030014],
  [3.5, 0.9999992569016276],
  [4.0, 0.9999999845827421],
  [5.0, 0.9999999999984626],
];

test.each(known)("erf(%d)", (x, expected) => {
  expect(Math.abs(erf(x) / expected - 1)).toBeLessThan(2e-15);
  expect(erf(-x)).toBe(-erf(x));
});

test("the two expansions meet", () => {
  const step = erf(3) - erf(3 - 1e-9);
  // The slope at 3 is 2/sqrt(pi) e^-9.
  expect(Math.abs(step - 1e-9 * 1.1283791670955126 * Math.exp(-9))).toBeLessThan(1e-15);
});

test("zeros, infinities, NaN", () => {
  expect([0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 40].map(erf)).toEqual([
    0,
    -0,
    1,
    -1,
    Number.NaN,
    1,
  ]);
});
