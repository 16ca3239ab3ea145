import { expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { gradients } from "../../core/autodiff/index.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, tensor } from "../../core/trace/index.ts";
import { evaluationContext } from "./context.ts";
import { embedding } from "./embedding.ts";

const layer = embedding({ count: 3, size: 2 });

test("reads rows by number, and gradients of a row that is read twice add up", () => {
  const weight = tensor([1, 2, 3, 4, 5, 6], [3, 2]);
  for (const dtype of ["int32", "int64"] as const) {
    const y = layer.apply({ weight }, tensor([2, 0, 2, 2], [2, 2], dtype), evaluationContext());
    expect(y.shape).toEqual([2, 2, 2]);
    expect(numbersOf(y)).toEqual([5, 6, 1, 2, 5, 6, 5, 6]);
    expect(numbersOf(gradients(y.sum(), [weight])[0])).toEqual([1, 1, 0, 0, 3, 3]);
  }
});

test("starts as [count, size] normal numbers", () => {
  const { weight } = embedding({ count: 100, size: 20 }).init(constantKey(keyFromSeed(3)));
  expect(weight.shape).toEqual([100, 20]);
  const numbers = numbersOf(weight);
  const meanSquare = numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length;
  // 2000 squares of standard deviation sqrt 2: four standard errors are 0.13.
  expect(Math.abs(meanSquare - 1)).toBeLessThan(0.13);
});

test("refuses indices that are not integers", () => {
  const weight = tensor([1, 2], [1, 2]);
  expect(() => layer.apply({ weight }, tensor([0], [1]), evaluationContext())).toThrow(
    "gather: its index is float32; it must be int32 or int64",
  );
});
