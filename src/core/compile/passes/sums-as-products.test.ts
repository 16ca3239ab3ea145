import { describe, expect, test } from "vitest";
import { graphOf, showPass, type Types } from "../../../../test/golden/show-pass.ts";
import { gradients } from "../../autodiff/index.ts";
import { nodesOf } from "../../graph/index.ts";
import type { Tensor } from "../../trace/index.ts";
import { sumsAsProducts } from "./sums-as-products.ts";

type Traced<T extends Types> = (args: { readonly [K in keyof T]: Tensor }) => Tensor | Readonly<Record<string, Tensor>>;

function show<T extends Types>(types: T, fn: Traced<T>): string {
  return showPass(sumsAsProducts, types, fn);
}

/** The ops of the graph after the pass, but for inputs and reshapes. */
function opsOf<T extends Types>(types: T, fn: Traced<T>): string[] {
  const graph = sumsAsProducts(graphOf(types, fn));
  return nodesOf(graph).flatMap(({ op }) => (op === "input" || op === "reshape" ? [] : [op]));
}

describe("a stack times one matrix", () => {
  const types = { x: [5, 7, 3], w: [3, 4] };

  test("is one product of all rows", () => {
    expect(show(types, ({ x, w }) => x.matmul(w))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[5, 7, 3]
      %1 = input() "w" : float32[3, 4]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[5, 7, 4]
      return output = %2
      =>
      %0 = input() "x" : float32[5, 7, 3]
      %1 = reshape(%0) {shape=[35, 3]} : float32[35, 3]
      %2 = input() "w" : float32[3, 4]
      %3 = matmul(%1, %2) {transposeA=false, transposeB=false, alpha=1} : float32[35, 4]
      %4 = reshape(%3) {shape=[5, 7, 4]} : float32[5, 7, 4]
      return output = %4
      "
    `);
    expect(opsOf({ x: [2, 5, 7, 3], w: [1, 4, 3] }, ({ x, w }) => x.matmul(w, { transposeB: true }))).toEqual([
      "matmul",
    ]);
  });
  test("has a bias added before the rows are stacked again", () => {
    expect(show({ ...types, b: [4] }, ({ x, w, b }) => x.matmul(w).add(b))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[5, 7, 3]
      %1 = input() "w" : float32[3, 4]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[5, 7, 4]
      %3 = input() "b" : float32[4]
      %4 = add(%2, %3) : float32[5, 7, 4]
      return output = %4
      =>
      %0 = input() "x" : float32[5, 7, 3]
      %1 = reshape(%0) {shape=[35, 3]} : float32[35, 3]
      %2 = input() "w" : float32[3, 4]
      %3 = matmul(%1, %2) {transposeA=false, transposeB=false, alpha=1} : float32[35, 4]
      %4 = input() "b" : float32[4]
      %5 = add(%3, %4) : float32[35, 4]
      %6 = reshape(%5) {shape=[5, 7, 4]} : float32[5, 7, 4]
      return output = %6
      "
    `);
  });
  test("keeps what is added to it and is no row", () => {
    expect(show({ ...types, b: [7, 4] }, ({ x, w, b }) => x.matmul(w).add(b))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[5, 7, 3]
      %1 = input() "w" : float32[3, 4]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[5, 7, 4]
      %3 = input() "b" : float32[7, 4]
      %4 = add(%2, %3) : float32[5, 7, 4]
      return output = %4
      =>
      %0 = input() "x" : float32[5, 7, 3]
      %1 = reshape(%0) {shape=[35, 3]} : float32[35, 3]
      %2 = input() "w" : float32[3, 4]
      %3 = matmul(%1, %2) {transposeA=false, transposeB=false, alpha=1} : float32[35, 4]
      %4 = reshape(%3) {shape=[5, 7, 4]} : float32[5, 7, 4]
      %5 = input() "b" : float32[7, 4]
      %6 = add(%4, %5) : float32[5, 7, 4]
      return output = %6
      "
    `);
  });
  test("stays where the stack is transposed, or both sides are stacks", () => {
    const flipped = graphOf({ x: [5, 3, 7], w: [3, 4] }, ({ x, w }) => x.matmul(w, { transposeA: true }));
    expect(sumsAsProducts(flipped).outputs).toEqual(flipped.outputs);
    const stacks = graphOf({ x: [5, 7, 3], w: [5, 3, 4] }, ({ x, w }) => x.matmul(w));
    expect(sumsAsProducts(stacks).outputs).toEqual(stacks.outputs);
  });
  test("gives its matrix a gradient that is one product too", () => {
    expect(
      opsOf(types, ({ x, w }) => gradients(x.matmul(w).exp().sum(), [w])[0]).filter((op) => op === "matmul"),
    ).toEqual(["matmul", "matmul"]);
    expect(opsOf(types, ({ x, w }) => gradients(x.matmul(w).exp().sum(), [w])[0])).not.toContain("reduceSum");
  });
});

describe("sums of a stack of products", () => {
  test("over the axes next to the inner one are one product", () => {
    expect(
      show({ a: [6, 5, 3, 2], b: [6, 5, 3, 4] }, ({ a, b }) => a.matmul(b, { transposeA: true }).sum([1], true)),
    ).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[6, 5, 3, 2]
      %1 = input() "b" : float32[6, 5, 3, 4]
      %2 = matmul(%0, %1) {transposeA=true, transposeB=false, alpha=1} : float32[6, 5, 2, 4]
      %3 = reduceSum(%2) {axes=[1], keepDims=true} : float32[6, 1, 2, 4]
      return output = %3
      =>
      %0 = input() "a" : float32[6, 5, 3, 2]
      %1 = reshape(%0) {shape=[6, 15, 2]} : float32[6, 15, 2]
      %2 = input() "b" : float32[6, 5, 3, 4]
      %3 = reshape(%2) {shape=[6, 15, 4]} : float32[6, 15, 4]
      %4 = matmul(%1, %3) {transposeA=true, transposeB=false, alpha=1} : float32[6, 2, 4]
      %5 = reshape(%4) {shape=[6, 1, 2, 4]} : float32[6, 1, 2, 4]
      return output = %5
      "
    `);
  });
  test("over other axes, of repeated operands, or not transposed stay", () => {
    for (const graph of [
      graphOf({ a: [6, 5, 3, 2], b: [6, 5, 3, 4] }, ({ a, b }) => a.matmul(b, { transposeA: true }).sum(0)),
      graphOf({ a: [5, 3, 2], b: [1, 3, 4] }, ({ a, b }) => a.matmul(b, { transposeA: true }).sum(0)),
      graphOf({ a: [5, 2, 3], b: [5, 3, 4] }, ({ a, b }) => a.matmul(b).sum(0)),
    ]) {
      expect(sumsAsProducts(graph).outputs).toEqual(graph.outputs);
    }
  });
});

describe("sums of a broadcast product", () => {
  test("are a matrix product", () => {
    expect(show({ a: [5, 3, 1], b: [3, 4] }, ({ a, b }) => a.mul(b).sum(1))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[5, 3, 1]
      %1 = input() "b" : float32[3, 4]
      %2 = mul(%0, %1) : float32[5, 3, 4]
      %3 = reduceSum(%2) {axes=[1], keepDims=false} : float32[5, 4]
      return output = %3
      =>
      %0 = input() "a" : float32[5, 3, 1]
      %1 = reshape(%0) {shape=[5, 3]} : float32[5, 3]
      %2 = input() "b" : float32[3, 4]
      %3 = matmul(%1, %2) {transposeA=false, transposeB=false, alpha=1} : float32[5, 4]
      return output = %3
      "
    `);
  });
  test("take an operand as it stands, or transposed by a flag", () => {
    expect(opsOf({ a: [3, 5, 1], b: [3, 1, 4] }, ({ a, b }) => a.mul(b).sum(0))).toEqual(["matmul"]);
    expect(opsOf({ a: [5, 1, 3], b: [4, 3] }, ({ a, b }) => a.mul(b).sum(-1))).toEqual(["matmul"]);
  });
  test("have batches", () => {
    expect(opsOf({ a: [2, 5, 1, 30], b: [2, 1, 4, 30] }, ({ a, b }) => a.mul(b).sum(-1, true))).toEqual(["matmul"]);
  });
  test("stay where they would be many small products", () => {
    const graph = graphOf({ a: [2, 5, 1, 3], b: [2, 1, 4, 3] }, ({ a, b }) => a.mul(b).sum(-1));
    expect(sumsAsProducts(graph).outputs).toEqual(graph.outputs);
  });
  test("stay where a side has no axis of its own, or the sum takes one of those", () => {
    for (const graph of [
      graphOf({ a: [5, 3], b: [5, 3] }, ({ a, b }) => a.mul(b).sum(1)),
      graphOf({ a: [5, 3], b: [3] }, ({ a, b }) => a.mul(b).sum(1)),
      graphOf({ a: [5, 3, 1], b: [3, 4] }, ({ a, b }) => a.mul(b).sum([0, 1])),
      graphOf({ a: [5, 1], b: [4] }, ({ a, b }) => a.mul(b).sum(1)),
    ]) {
      expect(sumsAsProducts(graph).outputs).toEqual(graph.outputs);
    }
  });
});
