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
  expect(show({ x: [3] }, ({ x }) => x.add(half.sum().exp()))).toMatchInlineSnapshot(`
    "%0 = input() "x" : float32[3]
    %1 = constant() {1, 2, 4} : float32[3]
    %2 = constant() {0.5} : float32[]
    %3 = mul(%1, %2) : float32[3]
    %4 = reduceSum(%3) {axes=[0], keepDims=false} : float32[]
    %5 = exp(%4) : float32[]
    %6 = add(%0, %5) : float32[3]
    return output = %6
    =>
    %0 = input() "x" : float32[3]
    %1 = constant() {33.11545181274414} : float32[]
    %2 = add(%0, %1) : float32[3]
    return output = %2
    "
  `);
});

test("what depends on an input stays, also where it must be 0", () => {
  expect(show({ x: [3] }, ({ x }) => x.mul(0).add(tensor([1, 2, 3], [3])))).toMatchInlineSnapshot(`
    "%0 = input() "x" : float32[3]
    %1 = constant() {0} : float32[]
    %2 = mul(%0, %1) : float32[3]
    %3 = constant() {1, 2, 3} : float32[3]
    %4 = add(%2, %3) : float32[3]
    return output = %4
    (unchanged)
    "
  `);
});

test("random numbers are drawn when the program runs, whose arithmetic what follows shall have", () => {
  expect(show({}, () => randomUniform(constantKey([1, 3]), [2]))).toMatchInlineSnapshot(`
    "%0 = constant() {1, 3} : uint32[2]
    %1 = randomUniform(%0) {shape=[2], bits=23} : float32[2]
    return output = %1
    (unchanged)
    "
  `);
});

test("the results are rounded to their element type, in which 1e-30 squared is 0", () => {
  expect(show({}, () => tensor([1e-30, 2 ** 24 + 1], [2]).square())).toMatchInlineSnapshot(`
    "%0 = constant() {1.0000000031710769e-30, 16777216} : float32[2]
    %1 = mul(%0, %0) : float32[2]
    return output = %1
    =>
    %0 = constant() {0, 281474976710656} : float32[2]
    return output = %0
    "
  `);
});

test("results of more than 4096 elements stay computations", () => {
  expect(show({}, () => ({ kept: full([4097], 1), folded: full([4096], 1) }))).toMatchInlineSnapshot(`
    "%0 = constant() {1} : float32[]
    %1 = expand(%0) {shape=[4097]} : float32[4097]
    %2 = constant() {1} : float32[]
    %3 = expand(%2) {shape=[4096]} : float32[4096]
    return kept = %1
    return folded = %3
    =>
    %0 = constant() {1} : float32[]
    %1 = expand(%0) {shape=[4097]} : float32[4097]
    %2 = constant() {1, 1, 1, 1, 1, 1, ...} : float32[4096]
    return kept = %1
    return folded = %2
    "
  `);
});

test("int64 numbers stay where float64 might not hold their products", () => {
  const large = tensorOver(BigInt64Array.of(2n ** 40n + 1n), { dtype: "int64", shape: [1] });
  const huge = tensorOver(BigInt64Array.of(2n ** 60n + 1n), { dtype: "int64", shape: [1] });
  expect(show({}, () => ({ square: large.square(), reshaped: huge.reshape([1, 1]) }))).toMatchInlineSnapshot(`
    "%0 = constant() {1099511627777} : int64[1]
    %1 = mul(%0, %0) : int64[1]
    %2 = constant() {1152921504606846977} : int64[1]
    %3 = reshape(%2) {shape=[1, 1]} : int64[1, 1]
    return square = %1
    return reshaped = %3
    (unchanged)
    "
  `);
});
