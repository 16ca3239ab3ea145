import { expect, test } from "vitest";
import { decodeMuLaw, encodeMuLaw } from "./mu-law.ts";

test("codes and amplitudes are those of the formula, computed with PyTorch", () => {
  const codes = encodeMuLaw(Float32Array.of(-1, -0.5, -0.01, 0, 0.001, 0.1, 0.7, 1));
  expect([...codes]).toEqual([0, 16, 98, 128, 133, 203, 247, 255]);
  const expected = [-1, -0.49667663, -0.0102253, 8.621e-5, 0.00105975, 0.10067457, 0.70499403, 1];
  for (const [i, value] of decodeMuLaw(codes).entries()) expect(value).toBeCloseTo(expected[i], 7);
});

test("every code comes back, for any number of levels; loud sounds are clipped", () => {
  for (const levels of [2, 3, 16, 255, 256]) {
    const codes = Uint8Array.from({ length: levels }, (_, i) => i);
    expect(encodeMuLaw(decodeMuLaw(codes, levels), levels)).toEqual(codes);
  }
  expect([...encodeMuLaw(Float32Array.of(-7, 7))]).toEqual([0, 255]);
});

test("what is out of range is refused", () => {
  expect(() => encodeMuLaw(Float32Array.of(0), 257)).toThrow("levels: is 257; a whole number from 2 to 256");
  expect(() => decodeMuLaw([0, 16], 16)).toThrow("mu-law: code 16 at 1; a whole number from 0 to 15");
});
