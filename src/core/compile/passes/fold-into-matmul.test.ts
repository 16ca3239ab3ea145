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
    expect(show(square, ({ a, b }) => a.transpose().matmul(b.transpose()))).toMatchInlineSnapshot();
    expect(show(square, ({ a, b }) => a.matmul(b.transpose().transpose()))).toMatchInlineSnapshot();
    expect(show(square, ({ a, b }) => a.transpose().matmul(b, { transposeA: true }))).toMatchInlineSnapshot();
  });
  test("of stacks the transposes of the last two axes", () => {
    expect(show(stacks, ({ a, b }) => a.transpose([0, 2, 1]).matmul(b))).toMatchInlineSnapshot();
  });
  test("factors become alpha, below transposes too", () => {
    expect(show(square, ({ a, b }) => a.mul(2).transpose().matmul(b.neg()))).toMatchInlineSnapshot();
  });
  test("operands that others use are absorbed all the same: a flag costs nothing", () => {
    expect(
      show(square, ({ a, b }) => {
        const flipped = a.transpose();
        return { product: flipped.matmul(b), flipped };
      }),
    ).toMatchInlineSnapshot();
  });
  test("transposes of other axes stay", () => {
    expect(
      show(stacks, ({ a, b }) => a.transpose([1, 0, 2]).matmul(b.transpose([2, 0, 1]), {})),
    ).toMatchInlineSnapshot();
  });
  test("non-uniform factors, 0 and what overflows stay", () => {
    expect(show(square, ({ a, b }) => a.mul(tensor([1, 2, 3], [3])).matmul(b.mul(0)))).toMatchInlineSnapshot();
    expect(show(square, ({ a, b }) => a.mul(2 ** 100).matmul(b.mul(2 ** 100)))).toMatchInlineSnapshot();
  });
});

describe("results", () => {
  test("factors become alpha", () => {
    expect(show(square, ({ a, b }) => a.matmul(b).mul(0.5).neg())).toMatchInlineSnapshot();
  });
  test("a transpose exchanges the operands: (A^T B)^T = B^T A", () => {
    expect(show(square, ({ a, b }) => a.matmul(b, { transposeA: true }).transpose())).toMatchInlineSnapshot();
    expect(show({ a: [5, 2, 3], b: [3, 4] }, ({ a, b }) => a.matmul(b).transpose([0, 2, 1]))).toMatchInlineSnapshot();
  });
  test("a product that is used twice or returned is not computed twice", () => {
    expect(
      show(square, ({ a, b }) => {
        const product = a.matmul(b);
        return { product, half: product.mul(0.5) };
      }),
    ).toMatchInlineSnapshot();
    expect(
      show(square, ({ a, b }) => {
        const product = a.matmul(b);
        return product.mul(0.5).add(product.transpose());
      }),
    ).toMatchInlineSnapshot();
  });
  test("nor one whose multiple is used twice", () => {
    expect(
      show(square, ({ a, b }) => {
        const half = a.matmul(b).mul(0.5);
        return { half, flipped: half.transpose() };
      }),
    ).toMatchInlineSnapshot();
  });
  test("a factor that repeats the product stays", () => {
    expect(show(square, ({ a, b }) => a.matmul(b).mul(tensor([2, 2], [2, 1, 1])))).toMatchInlineSnapshot();
  });
  test("a factor of 0 stays: NaN in the product is not 0", () => {
    expect(show(square, ({ a, b }) => a.matmul(b).mul(0))).toMatchInlineSnapshot();
  });
  test("a transpose of other axes stays", () => {
    expect(show(stacks, ({ a, b }) => a.matmul(b).transpose([1, 0, 2]))).toMatchInlineSnapshot();
  });
});
