/** Numbers of traced constants, and what tests of traced code compare them with. */

import { expect } from "vitest";
import { type Shape, sizeOf } from "../../src/core/base/index.ts";
import { type Tensor, tensor } from "../../src/core/trace/index.ts";
import { interpret } from "../../src/engine/interpreter/index.ts";

/** What is computed from constants alone, in float64. */
export function numbersOf({ value }: Tensor): number[] {
  return [...interpret({ inputs: [], outputs: [{ name: "y", value }] }, [])[0].data];
}

/** Element i is ((7 i) mod 11 - 5) / 4: exact in every format. */
export function ramp(...shape: Shape): Tensor {
  const numbers = Array.from({ length: sizeOf(shape) }, (_, i) => (((7 * i) % 11) - 5) / 4);
  return tensor(numbers, shape);
}

/** Compares with PyTorch's numbers, printed with 9 digits; constants in a graph are float32. */
export function expectNumbers(y: Tensor, shape: Shape, expected: readonly number[]): void {
  expect(y.shape).toEqual(shape);
  const seen = numbersOf(y);
  expect(seen).toHaveLength(expected.length);
  seen.forEach((number, i) => {
    expect(Math.abs(number - expected[i])).toBeLessThan(1e-7 * Math.max(2, Math.abs(expected[i])));
  });
}
