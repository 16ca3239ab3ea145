import { describe, expect, test } from "vitest";
import { tensor } from "./functions.ts";
import {
  constantKey,
  foldKey,
  randomBernoulli,
  randomCategorical,
  randomExponential,
  randomGumbel,
  randomInteger,
  randomNormal,
  randomPermutation,
  randomTruncatedNormal,
  randomUniform,
  splitKey,
} from "./random.ts";

const key = constantKey([1, 1]);

test("shapes and types", () => {
  const drawn = [randomUniform, randomNormal, randomTruncatedNormal, randomExponential, randomGumbel].map((draw) =>
    draw(key, [3, 5]),
  );
  for (const numbers of drawn) expect(numbers).toMatchObject({ shape: [3, 5], dtype: "float32" });
  expect(randomBernoulli(key, [4], 0.5)).toMatchObject({ shape: [4], dtype: "float32" });
  expect(randomBernoulli(key, [4, 2], tensor([0.1, 0.2], [2]))).toMatchObject({ shape: [4, 2], dtype: "float32" });
  expect(randomCategorical(key, tensor([1, 2, 3, 4], [2, 2]))).toMatchObject({ shape: [2], dtype: "int64" });
  expect(randomInteger(key, [7], 2, 5)).toMatchObject({ shape: [7], dtype: "int32" });
  expect(randomPermutation(key, 6)).toMatchObject({ shape: [6], dtype: "int64" });
  expect(splitKey(key, 3).map(({ shape, dtype }) => [shape, dtype])).toEqual([
    [[2], "uint32"],
    [[2], "uint32"],
    [[2], "uint32"],
  ]);
});

test("uniform numbers in (0, 1) are not touched, so that their bits stay exact", () => {
  expect(randomUniform(key, [2]).value.node.op).toBe("randomUniform");
});

describe("errors", () => {
  const bounds = "the bounds are whole numbers, 1 to 2^20 apart";
  test.each([
    [() => foldKey(key, tensor([1], [], "int32")), "foldKey: its stream is int32; it must be uint32"],
    [() => foldKey(key, 0.5), "the number 0.5 is no uint32; cast the tensor to float32"],
    [() => foldKey(tensor([1, 2], [2]), 1), "foldKey: its key is float32; it must be uint32"],
    [
      () => randomUniform(tensor([1], [1], "uint32"), [2]),
      "randomUniform: its key has shape [1]; a key is [2]: high word, low word",
    ],
    [() => randomBernoulli(key, [2], 1.5), "randomBernoulli: a probability of 1.5; it must lie within [0, 1]"],
    [() => randomPermutation(key, 2.5), "randomPermutation: of 2.5 numbers; it takes a whole number from 0 to 2^24"],
    [
      () => randomTruncatedNormal(key, [2], 1, -1),
      "randomTruncatedNormal: from 1 to -1; the bounds must ascend and lie within -5 and 5",
    ],
    [() => randomInteger(key, [2], 3, 3), `randomInteger: from 3 to below 3; ${bounds}`],
    [() => randomInteger(key, [2], 0.5, 3), `randomInteger: from 0.5 to below 3; ${bounds}`],
    [() => randomInteger(key, [2], 0, 2 ** 21), `randomInteger: from 0 to below 2097152; ${bounds}`],
  ])("%#", (act, message) => {
    expect(act).toThrow(message);
  });
});
