import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { constantKey, keyFromSeed } from "../../../core/index.ts";
import { imageEncoder } from "./image-encoder.ts";

/** Vectors of an encoder's places, at first. */
function placesOf(size: number): readonly (readonly number[])[] {
  const encoder = imageEncoder({ shape: [1, 16, 24], channels: [4, size] });
  const { positions } = encoder.init(constantKey(keyFromSeed(0)));
  expect(positions.shape).toEqual([24, size]);
  const numbers = numbersOf(positions);
  return Array.from({ length: 24 }, (_, place) => Array.from(numbers.slice(place * size, (place + 1) * size)));
}

describe("places of an image's map", () => {
  const places = placesOf(16);
  const distance = (a: number, b: number): number => Math.hypot(...places[a].map((x, i) => x - places[b][i]));

  test("are all told apart", () => {
    for (let a = 0; a < 24; a++) for (let b = 0; b < a; b++) expect(distance(a, b)).toBeGreaterThan(0.1);
  });
  test("begin alike where they lie side by side: rows in the first half of the numbers, columns in the second", () => {
    // 4 x 6 places, row by row.
    expect(distance(0, 1)).toBeLessThan(distance(0, 2));
    expect(distance(0, 6)).toBeLessThan(distance(0, 12));
    expect(places[7].slice(0, 8)).toEqual(places[10].slice(0, 8));
    expect(places[7].slice(8)).toEqual(places[19].slice(8));
  });
  test("have numbers without waves where none are left", () => {
    expect(placesOf(6)[5].slice(4)).toEqual([0, 0]);
    expect(placesOf(3)[5]).toEqual([0, 0, 0]);
  });
});
