import { expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { gradients } from "../../core/autodiff/index.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, full, type Tensor, tensor } from "../../core/trace/index.ts";
import { categorical } from "./categorical.ts";

/** The interpreter computes in float64, and no constant here is rounded. */
const rounding = 1e-12;

const rows = [
  [0, 1, -1.5],
  [2, 2, 0.25],
];
const logits = tensor(rows.flat(), [2, 3]);
const classes = categorical({ logits });
const probabilities = rows.map((row) => {
  const total = row.reduce((sum, l) => sum + Math.exp(l), 0);
  return row.map((l) => Math.exp(l) / total);
});

function expectClose(y: Tensor, expected: readonly number[]): void {
  const seen = numbersOf(y);
  expect(seen).toHaveLength(expected.length);
  seen.forEach((number, i) => {
    expect(Math.abs(number - expected[i])).toBeLessThan(rounding);
  });
}

test("log-probabilities are those of the softmax, by int32 and int64", () => {
  for (const dtype of ["int32", "int64"] as const) {
    for (const k of [0, 1, 2]) {
      const log = classes.logProb(full([2], k, dtype));
      expect(log.shape).toEqual([2]);
      expectClose(
        log,
        probabilities.map((row) => Math.log(row[k])),
      );
    }
  }
  expectClose(classes.probabilities, probabilities.flat());
  expectClose(classes.logProbabilities, probabilities.flat().map(Math.log));
});

test("the gradient of a log-probability is one-hot less probability", () => {
  const [byLogits] = gradients(classes.logProb(tensor([2, 0], [2], "int32")).sum(), [logits]);
  expectClose(
    byLogits,
    probabilities.flatMap((row, i) => row.map((p, k) => Number(k === [2, 0][i]) - p)),
  );
});

test("entropy is the sum of -p log p, mode the first likeliest class", () => {
  expectClose(
    classes.entropy(),
    probabilities.map((row) => -row.reduce((sum, p) => sum + p * Math.log(p), 0)),
  );
  expect(numbersOf(classes.mode())).toEqual([1, 0]);
});

test("stays finite at extreme logits", () => {
  const extreme = categorical({ logits: tensor([1000, 0, -1000], [1, 3]) });
  expect(numbersOf(extreme.logProb(tensor([2], [1], "int32")))).toEqual([-2000]);
  expect(numbersOf(extreme.entropy()).map(Math.abs)).toEqual([0]);
});

test("samples are classes, as often as they should be", () => {
  const count = 10_000;
  const sample = categorical({ logits: tensor(rows[0], [1, 3]).expand([count, 3]) }).sample(
    constantKey(keyFromSeed(6)),
  );
  expect([sample.dtype, sample.shape]).toEqual(["int64", [count]]);
  const numbers = numbersOf(sample);
  probabilities[0].forEach((p, k) => {
    const share = numbers.filter((x) => x === k).length / count;
    // Four standard errors.
    expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / count));
  });
});

test("logits without classes are refused", () => {
  expect(() => categorical({ logits: tensor([1], []) })).toThrow(
    "categorical: logits have shape []; their last axis must hold the classes",
  );
});
