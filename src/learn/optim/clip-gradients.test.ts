import { expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { tensor } from "../../core/trace/index.ts";
import { clipByGlobalNorm } from "./clip-gradients.ts";

/** PyTorch's 1e-6 beside a norm of 13. */
const offset = 1e-7;

const gradients = { a: tensor([3, 4], [2]), b: { c: tensor([12], [1, 1]) } };

test("long gradients are shortened together", () => {
  const { gradients: clipped, norm } = clipByGlobalNorm(gradients, 2.6);
  expect(numbersOf(norm)).toEqual([13]);
  [...numbersOf(clipped.a), ...numbersOf(clipped.b.c)].forEach((number, i) => {
    expect(Math.abs(number - [0.6, 0.8, 2.4][i])).toBeLessThan(3 * offset);
  });
  expect(clipped.b.c.shape).toEqual([1, 1]);
});

test("short gradients, and zeros, stay as they are", () => {
  const { gradients: clipped } = clipByGlobalNorm(gradients, 20);
  expect([numbersOf(clipped.a), numbersOf(clipped.b.c)]).toEqual([[3, 4], [12]]);
  expect(numbersOf(clipByGlobalNorm({ a: tensor([0, 0], [2]) }, 1).gradients.a)).toEqual([0, 0]);
});

test("a norm that is no norm is refused", () => {
  expect(() => clipByGlobalNorm(gradients, 0)).toThrow("clipByGlobalNorm: maxNorm is 0; it must be above 0");
});
