import { expect, test } from "vitest";
import { showPass, type Types } from "../../../../test/golden/show-pass.ts";
import { evaluateConstants } from "../../../engine/interpreter/index.ts";
import { constantKey, full, randomUniform, type Tensor, tensor, tensorOver } from "../../trace/index.ts";
import { foldConstants } from "./fold-constants.ts";

function show<T extends Types>(
  types: T,
  fn: (args: { readonly [K in keyof T]: Tensor }) => Tensor | Readonly<Record<string, Tensor>>,
): string {
  return showPass((graph) => foldConstants(graph, evaluateConstants), types, fn);
}

test("what depends on constants only is computed, through any number of nodes", () => {
  const half = tensor([1, 2, 4], [3]).mul(0.5);
  expect(show({ x: [3] }, ({ x }) => x.add(half.sum().exp()))).toMatchInlineSnapshot();
});

test("what depends on an input stays, also where it must be 0", () => {
  expect(show({ x: [3] }, ({ x }) => x.mul(0).add(tensor([1, 2, 3], [3])))).toMatchInlineSnapshot();
});

test("random numbers of a known key are constants", () => {
  expect(show({}, () => randomUniform(constantKey([1, 3]), [2]))).toMatchInlineSnapshot();
});

test("the results are rounded to their element type, in which 1e-30 squared is 0", () => {
  expect(show({}, () => tensor([1e-30, 2 ** 24 + 1], [2]).square())).toMatchInlineSnapshot();
});

test("results of more than 4096 elements stay computations", () => {
  expect(show({}, () => ({ kept: full([4097], 1), folded: full([4096], 1) }))).toMatchInlineSnapshot();
});

test("int64 numbers stay where float64 might not hold their products", () => {
  const large = tensorOver(BigInt64Array.of(2n ** 40n + 1n), { dtype: "int64", shape: [1] });
  const huge = tensorOver(BigInt64Array.of(2n ** 60n + 1n), { dtype: "int64", shape: [1] });
  expect(show({}, () => ({ square: large.square(), reshaped: huge.reshape([1, 1]) }))).toMatchInlineSnapshot();
});
