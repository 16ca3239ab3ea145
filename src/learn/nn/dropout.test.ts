import { expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { gradients } from "../../core/autodiff/index.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, full, tensor } from "../../core/trace/index.ts";
import { evaluationContext, trainingContext } from "./context.ts";
import { dropout } from "./dropout.ts";

const key = constantKey(keyFromSeed(5));

test("zeros its share and enlarges the others by 1 / (1 - probability)", () => {
  const numbers = numbersOf(dropout(0.25).apply({}, full([100, 100], 3), trainingContext(key)));
  expect(new Set(numbers)).toEqual(new Set([0, 3 * Math.fround(4 / 3)]));
  const share = numbers.filter((x) => x === 0).length / numbers.length;
  // Four standard errors of 10,000 draws.
  expect(Math.abs(share - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / 10_000));
});

test("its gradient passes where its values did", () => {
  const x = full([50], 2);
  const y = dropout(0.5).apply({}, x, trainingContext(key));
  expect(numbersOf(gradients(y.sum(), [x])[0])).toEqual(numbersOf(y).map((number) => number / 2));
});

test("does nothing when not training, or at probability 0", () => {
  const x = tensor([1, 2], [2]);
  expect(dropout(0.5).apply({}, x, evaluationContext())).toBe(x);
  expect(dropout(0).apply({}, x, trainingContext())).toBe(x);
});

test("refuses a probability outside its range, and training without a key", () => {
  expect(() => dropout(1)).toThrow("dropout: a probability of 1; it must be within [0, 1)");
  expect(() => dropout(-0.1)).toThrow("dropout: a probability of -0.1; it must be within [0, 1)");
  expect(() => dropout(Number.NaN)).toThrow("dropout: a probability of NaN");
  expect(() => dropout(0.5).apply({}, tensor([1], [1]), trainingContext())).toThrow(
    "dropout: the context has no key; give trainingContext one",
  );
});
