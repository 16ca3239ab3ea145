import { describe, expect, test } from "vitest";
import { showPass, type Types } from "../../../../test/golden/show-pass.ts";
import { type Tensor, tensor } from "../../trace/index.ts";
import { foldIntoMatmul } from "./fold-into-matmul.ts";

function show<T extends Types>(
  types: T,
  fn: (args: { readonly [K in keyof T]: Tensor }) => Tensor | Readonly<Record<string, Tensor>>,
): string {
  return showPass(foldIntoMatmul, types, fn);
}

const square = { a: [3, 3], b: [3, 3] };
const stacks = { a: [2, 3, 3], b: [2, 3, 3] };

describe("operands", () => {
  test("transposes become flags, two of them none", () => {
    expect(show(square, ({ a, b }) => a.transpose().matmul(b.transpose()))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = transpose(%0) {permutation=[1, 0]} : float32[3, 3]
      %2 = input() "b" : float32[3, 3]
      %3 = transpose(%2) {permutation=[1, 0]} : float32[3, 3]
      %4 = matmul(%1, %3) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      return output = %4
      =>
      %0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=true, transposeB=true, alpha=1} : float32[3, 3]
      return output = %2
      "
    `);
    expect(show(square, ({ a, b }) => a.matmul(b.transpose().transpose()))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = transpose(%1) {permutation=[1, 0]} : float32[3, 3]
      %3 = transpose(%2) {permutation=[1, 0]} : float32[3, 3]
      %4 = matmul(%0, %3) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      return output = %4
      =>
      %0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      return output = %2
      "
    `);
    expect(show(square, ({ a, b }) => a.transpose().matmul(b, { transposeA: true }))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = transpose(%0) {permutation=[1, 0]} : float32[3, 3]
      %2 = input() "b" : float32[3, 3]
      %3 = matmul(%1, %2) {transposeA=true, transposeB=false, alpha=1} : float32[3, 3]
      return output = %3
      =>
      %0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      return output = %2
      "
    `);
  });
  test("of stacks the transposes of the last two axes", () => {
    expect(show(stacks, ({ a, b }) => a.transpose([0, 2, 1]).matmul(b))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3, 3]
      %1 = transpose(%0) {permutation=[0, 2, 1]} : float32[2, 3, 3]
      %2 = input() "b" : float32[2, 3, 3]
      %3 = matmul(%1, %2) {transposeA=false, transposeB=false, alpha=1} : float32[2, 3, 3]
      return output = %3
      =>
      %0 = input() "a" : float32[2, 3, 3]
      %1 = input() "b" : float32[2, 3, 3]
      %2 = matmul(%0, %1) {transposeA=true, transposeB=false, alpha=1} : float32[2, 3, 3]
      return output = %2
      "
    `);
  });
  test("factors become alpha, below transposes too", () => {
    expect(show(square, ({ a, b }) => a.mul(2).transpose().matmul(b.neg()))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = constant() {2} : float32[]
      %2 = mul(%0, %1) : float32[3, 3]
      %3 = transpose(%2) {permutation=[1, 0]} : float32[3, 3]
      %4 = input() "b" : float32[3, 3]
      %5 = neg(%4) : float32[3, 3]
      %6 = matmul(%3, %5) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      return output = %6
      =>
      %0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=true, transposeB=false, alpha=-2} : float32[3, 3]
      return output = %2
      "
    `);
  });
  test("operands that others use are absorbed all the same: a flag costs nothing", () => {
    expect(
      show(square, ({ a, b }) => {
        const flipped = a.transpose();
        return { product: flipped.matmul(b), flipped };
      }),
    ).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = transpose(%0) {permutation=[1, 0]} : float32[3, 3]
      %2 = input() "b" : float32[3, 3]
      %3 = matmul(%1, %2) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      return product = %3
      return flipped = %1
      =>
      %0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=true, transposeB=false, alpha=1} : float32[3, 3]
      %3 = transpose(%0) {permutation=[1, 0]} : float32[3, 3]
      return product = %2
      return flipped = %3
      "
    `);
  });
  test("transposes of other axes stay", () => {
    expect(show(stacks, ({ a, b }) => a.transpose([1, 0, 2]).matmul(b.transpose([2, 1, 0])))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3, 3]
      %1 = transpose(%0) {permutation=[1, 0, 2]} : float32[3, 2, 3]
      %2 = input() "b" : float32[2, 3, 3]
      %3 = transpose(%2) {permutation=[2, 1, 0]} : float32[3, 3, 2]
      %4 = matmul(%1, %3) {transposeA=false, transposeB=false, alpha=1} : float32[3, 2, 2]
      return output = %4
      (unchanged)
      "
    `);
  });
  test("non-uniform factors, 0 and what overflows stay", () => {
    expect(show(square, ({ a, b }) => a.mul(tensor([1, 2, 3], [3])).matmul(b.mul(0)))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = constant() {1, 2, 3} : float32[3]
      %2 = mul(%0, %1) : float32[3, 3]
      %3 = input() "b" : float32[3, 3]
      %4 = constant() {0} : float32[]
      %5 = mul(%3, %4) : float32[3, 3]
      %6 = matmul(%2, %5) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      return output = %6
      (unchanged)
      "
    `);
    expect(show(square, ({ a, b }) => a.mul(2 ** 100).matmul(b.mul(2 ** 100)))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = constant() {1.2676506002282294e+30} : float32[]
      %2 = mul(%0, %1) : float32[3, 3]
      %3 = input() "b" : float32[3, 3]
      %4 = constant() {1.2676506002282294e+30} : float32[]
      %5 = mul(%3, %4) : float32[3, 3]
      %6 = matmul(%2, %5) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      return output = %6
      =>
      %0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = constant() {1.2676506002282294e+30} : float32[]
      %3 = mul(%1, %2) : float32[3, 3]
      %4 = matmul(%0, %3) {transposeA=false, transposeB=false, alpha=1.2676506002282294e+30} : float32[3, 3]
      return output = %4
      "
    `);
  });
});

describe("results", () => {
  test("factors become alpha", () => {
    expect(show(square, ({ a, b }) => a.matmul(b).mul(0.5).neg())).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      %3 = constant() {0.5} : float32[]
      %4 = mul(%2, %3) : float32[3, 3]
      %5 = neg(%4) : float32[3, 3]
      return output = %5
      =>
      %0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=-0.5} : float32[3, 3]
      return output = %2
      "
    `);
  });
  test("a transpose exchanges the operands: (A^T B)^T = B^T A", () => {
    expect(show(square, ({ a, b }) => a.matmul(b, { transposeA: true }).transpose())).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=true, transposeB=false, alpha=1} : float32[3, 3]
      %3 = transpose(%2) {permutation=[1, 0]} : float32[3, 3]
      return output = %3
      =>
      %0 = input() "b" : float32[3, 3]
      %1 = input() "a" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=true, transposeB=false, alpha=1} : float32[3, 3]
      return output = %2
      "
    `);
    expect(show({ a: [5, 2, 3], b: [3, 4] }, ({ a, b }) => a.matmul(b).transpose([0, 2, 1]))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[5, 2, 3]
      %1 = input() "b" : float32[3, 4]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[5, 2, 4]
      %3 = transpose(%2) {permutation=[0, 2, 1]} : float32[5, 4, 2]
      return output = %3
      =>
      %0 = input() "b" : float32[3, 4]
      %1 = input() "a" : float32[5, 2, 3]
      %2 = matmul(%0, %1) {transposeA=true, transposeB=true, alpha=1} : float32[5, 4, 2]
      return output = %2
      "
    `);
  });
  test("a product that is used twice or returned is not computed twice", () => {
    expect(
      show(square, ({ a, b }) => {
        const product = a.matmul(b);
        return { product, half: product.mul(0.5) };
      }),
    ).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      %3 = constant() {0.5} : float32[]
      %4 = mul(%2, %3) : float32[3, 3]
      return product = %2
      return half = %4
      (unchanged)
      "
    `);
    expect(
      show(square, ({ a, b }) => {
        const product = a.matmul(b);
        return product.mul(0.5).add(product.transpose());
      }),
    ).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      %3 = constant() {0.5} : float32[]
      %4 = mul(%2, %3) : float32[3, 3]
      %5 = transpose(%2) {permutation=[1, 0]} : float32[3, 3]
      %6 = add(%4, %5) : float32[3, 3]
      return output = %6
      (unchanged)
      "
    `);
  });
  test("nor one whose multiple is used twice", () => {
    expect(
      show(square, ({ a, b }) => {
        const half = a.matmul(b).mul(0.5);
        return { half, flipped: half.transpose() };
      }),
    ).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      %3 = constant() {0.5} : float32[]
      %4 = mul(%2, %3) : float32[3, 3]
      %5 = transpose(%4) {permutation=[1, 0]} : float32[3, 3]
      return half = %4
      return flipped = %5
      =>
      %0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=0.5} : float32[3, 3]
      %3 = transpose(%2) {permutation=[1, 0]} : float32[3, 3]
      return half = %2
      return flipped = %3
      "
    `);
  });
  test("a factor that repeats the product stays", () => {
    expect(show(square, ({ a, b }) => a.matmul(b).mul(tensor([2, 2], [2, 1, 1])))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      %3 = constant() {2, 2} : float32[2, 1, 1]
      %4 = mul(%2, %3) : float32[2, 3, 3]
      return output = %4
      (unchanged)
      "
    `);
  });
  test("a factor of 0 stays: NaN in the product is not 0", () => {
    expect(show(square, ({ a, b }) => a.matmul(b).mul(0))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[3, 3]
      %1 = input() "b" : float32[3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[3, 3]
      %3 = constant() {0} : float32[]
      %4 = mul(%2, %3) : float32[3, 3]
      return output = %4
      (unchanged)
      "
    `);
  });
  test("a transpose of other axes stays", () => {
    expect(show(stacks, ({ a, b }) => a.matmul(b).transpose([1, 0, 2]))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3, 3]
      %1 = input() "b" : float32[2, 3, 3]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[2, 3, 3]
      %3 = transpose(%2) {permutation=[1, 0, 2]} : float32[3, 2, 3]
      return output = %3
      (unchanged)
      "
    `);
  });
});
