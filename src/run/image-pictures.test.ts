import { describe, expect, test } from "vitest";
import { between } from "./image-pictures.ts";

const lengthOf = (code: Float32Array): number => Math.hypot(...code);

describe("between two codes", () => {
  test("begins and ends at them", () => {
    const [from, to] = [Float32Array.of(1, 2, -1), Float32Array.of(0.5, -1, 3)];
    for (const [share, end] of [
      [0, from],
      [1, to],
    ] as const) {
      between(from, to, share).forEach((value, i) => {
        expect(value).toBeCloseTo(end[i], 5);
      });
    }
  });

  test("stays on the arc: halfway between two axes of length 2", () => {
    const middle = between(Float32Array.of(2, 0), Float32Array.of(0, 2), 0.5);
    expect(middle[0]).toBeCloseTo(Math.SQRT2, 5);
    expect(middle[1]).toBeCloseTo(Math.SQRT2, 5);
    const third = between(Float32Array.of(2, 0), Float32Array.of(0, 2), 1 / 3);
    expect(Math.atan2(third[1], third[0])).toBeCloseTo(Math.PI / 6, 5);
    expect(lengthOf(third)).toBeCloseTo(2, 5);
  });

  test("is a straight line where there is no angle: equal, opposite and zero codes", () => {
    const [one, two] = [Float32Array.of(1, 1), Float32Array.of(3, 3)];
    expect(Array.from(between(one, two, 0.25))).toEqual([1.5, 1.5]);
    expect(Array.from(between(one, Float32Array.of(-1, -1), 0.5))).toEqual([0, 0]);
    expect(Array.from(between(Float32Array.of(0, 0), one, 0.5)).every(Number.isFinite)).toBe(true);
  });
});
