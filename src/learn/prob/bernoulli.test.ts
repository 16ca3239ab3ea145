import { expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { gradients } from "../../core/autodiff/index.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, full, type Tensor, tensor } from "../../core/trace/index.ts";
import { bernoulli } from "./bernoulli.ts";

/** The interpreter computes in float64, and no constant here is rounded. */
const rounding = 1e-12;

const logits = [-3, -0.5, 0, 0.5, 4];
const chance = (l: number): number => 1 / (1 + Math.exp(-l));
const coins = bernoulli({ logits: tensor(logits, [5]) });

function expectClose(y: Tensor, expected: readonly number[]): void {
  const seen = numbersOf(y);
  expect(seen).toHaveLength(expected.length);
  seen.forEach((number, i) => {
    expect(Math.abs(number - expected[i])).toBeLessThan(rounding);
  });
}

test("log-probabilities are those of a coin, and of grey values between", () => {
  const logOfOne = logits.map((l) => Math.log(chance(l)));
  const logOfZero = logits.map((l) => Math.log(1 - chance(l)));
  expectClose(coins.logProb(full([5], 1)), logOfOne);
  expectClose(coins.logProb(full([5], 0)), logOfZero);
  expectClose(
    coins.logProb(full([5], 0.25)),
    logits.map((_, i) => 0.25 * logOfOne[i] + 0.75 * logOfZero[i]),
  );
});

test("entropy is the sum of -p log p, mode the likelier side", () => {
  expectClose(
    coins.entropy(),
    logits.map((l) => -chance(l) * Math.log(chance(l)) - (1 - chance(l)) * Math.log(1 - chance(l))),
  );
  expect(numbersOf(coins.mode())).toEqual([0, 0, 0, 1, 1]);
  expectClose(coins.probabilities, logits.map(chance));
});

test("stays finite where probabilities round to 0 and 1", () => {
  const extreme = tensor([-1000, 1000, -1000, 1000], [4]);
  const logs = bernoulli({ logits: extreme }).logProb(tensor([0, 1, 1, 0], [4]));
  expectClose(logs, [0, 0, -1000, -1000]);
  expectClose(gradients(logs.sum(), [extreme])[0], [0, 0, 1, -1]);
  expectClose(bernoulli({ logits: extreme }).entropy(), [0, 0, 0, 0]);
});

test("samples are 0 and 1, as often as they should be", () => {
  const count = 10_000;
  for (const l of [-1, 2]) {
    const numbers = numbersOf(bernoulli({ logits: full([count], l) }).sample(constantKey(keyFromSeed(4))));
    expect(new Set(numbers)).toEqual(new Set([0, 1]));
    const share = numbers.reduce((sum, x) => sum + x, 0) / count;
    // Four standard errors.
    expect(Math.abs(share - chance(l))).toBeLessThan(4 * Math.sqrt((chance(l) * (1 - chance(l))) / count));
  }
});
