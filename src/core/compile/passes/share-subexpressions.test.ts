import { describe, expect, test } from "vitest";
import { showPass, type Types } from "../../../../test/golden/show-pass.ts";
import { apply, constantKey, randomUniform, type Tensor, tensor } from "../../trace/index.ts";
import { shareSubexpressions } from "./share-subexpressions.ts";

function show<T extends Types>(
  types: T,
  fn: (args: { readonly [K in keyof T]: Tensor }) => Tensor | Readonly<Record<string, Tensor>>,
): string {
  return showPass(shareSubexpressions, types, fn);
}

const pair = { a: [2, 2], b: [2, 2] };

describe("equal nodes become one", () => {
  test("chains of them too", () => {
    expect(show(pair, ({ a }) => a.exp().neg().add(a.exp().neg()))).toMatchInlineSnapshot();
  });
  test("in either order where order does not matter", () => {
    expect(
      show(pair, ({ a, b }) => ({ first: a.mul(b), second: b.mul(a), third: a.equal(b), fourth: b.equal(a) })),
    ).toMatchInlineSnapshot();
  });
  test("small constants by their numbers, random numbers by their key", () => {
    expect(
      show(pair, ({ a }) => {
        const draw = (): Tensor => randomUniform(constantKey([1, 3]), [2, 2]);
        return a.add(draw()).mul(2).add(draw()).mul(2);
      }),
    ).toMatchInlineSnapshot();
  });
});

describe("different nodes stay", () => {
  test("operands in an order that matters", () => {
    expect(show(pair, ({ a, b }) => ({ less: a.less(b), greater: a.greater(b) }))).toMatchInlineSnapshot();
    expect(show(pair, ({ a, b }) => a.sub(b).mul(b.sub(a)))).toMatchInlineSnapshot();
  });
  test("other attributes: axes, flags, element types", () => {
    expect(
      show(pair, ({ a }) => ({
        rows: a.sum(0),
        columns: a.sum(1),
        plain: a.matmul(a),
        flipped: a.matmul(a, { transposeA: true }),
      })),
    ).toMatchInlineSnapshot();
  });
  test("attributes that JSON would write alike", () => {
    const product = (a: Tensor, alpha: number): Tensor =>
      apply("matmul", [a, a], { transposeA: false, transposeB: false, alpha });
    expect(
      show(pair, ({ a }) => ({
        nan: product(a, Number.NaN),
        infinite: product(a, Number.POSITIVE_INFINITY),
        zero: product(a, 0),
        negative: product(a, -0),
      })),
    ).toMatchInlineSnapshot();
  });
  test("0 and -0, equal numbers of other types and shapes", () => {
    expect(
      show({}, () => ({
        zero: tensor([0], [1]),
        negative: tensor([-0], [1]),
        integer: tensor([0], [1], "int32"),
        scalar: tensor([0], []),
      })),
    ).toMatchInlineSnapshot();
  });
  test("constants of more than 256 elements, which are not compared", () => {
    const large = (): Tensor => tensor(new Float32Array(257), [257]);
    expect(show({}, () => large().add(large()))).toMatchInlineSnapshot();
  });
  test("inputs of one type", () => {
    expect(show(pair, ({ a, b }) => a.exp().add(b.exp()))).toMatchInlineSnapshot();
  });
});
