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
    expect(show(pair, ({ a }) => a.exp().neg().add(a.exp().neg()))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 2]
      %1 = exp(%0) : float32[2, 2]
      %2 = neg(%1) : float32[2, 2]
      %3 = exp(%0) : float32[2, 2]
      %4 = neg(%3) : float32[2, 2]
      %5 = add(%2, %4) : float32[2, 2]
      return output = %5
      =>
      %0 = input() "a" : float32[2, 2]
      %1 = exp(%0) : float32[2, 2]
      %2 = neg(%1) : float32[2, 2]
      %3 = add(%2, %2) : float32[2, 2]
      return output = %3
      "
    `);
  });
  test("in either order where order does not matter", () => {
    expect(
      show(pair, ({ a, b }) => ({ first: a.mul(b), second: b.mul(a), third: a.equal(b), fourth: b.equal(a) })),
    ).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 2]
      %1 = input() "b" : float32[2, 2]
      %2 = mul(%0, %1) : float32[2, 2]
      %3 = mul(%1, %0) : float32[2, 2]
      %4 = equal(%0, %1) : bool[2, 2]
      %5 = equal(%1, %0) : bool[2, 2]
      return first = %2
      return second = %3
      return third = %4
      return fourth = %5
      =>
      %0 = input() "a" : float32[2, 2]
      %1 = input() "b" : float32[2, 2]
      %2 = mul(%0, %1) : float32[2, 2]
      %3 = equal(%0, %1) : bool[2, 2]
      return first = %2
      return second = %2
      return third = %3
      return fourth = %3
      "
    `);
  });
  test("small constants by their numbers, random numbers by their key", () => {
    expect(
      show(pair, ({ a }) => {
        const draw = (): Tensor => randomUniform(constantKey([1, 3]), [2, 2]);
        return a.add(draw()).mul(2).add(draw()).mul(2);
      }),
    ).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 2]
      %1 = constant() {1, 3} : uint32[2]
      %2 = randomUniform(%1) {shape=[2, 2], bits=23} : float32[2, 2]
      %3 = add(%0, %2) : float32[2, 2]
      %4 = constant() {2} : float32[]
      %5 = mul(%3, %4) : float32[2, 2]
      %6 = constant() {1, 3} : uint32[2]
      %7 = randomUniform(%6) {shape=[2, 2], bits=23} : float32[2, 2]
      %8 = add(%5, %7) : float32[2, 2]
      %9 = constant() {2} : float32[]
      %10 = mul(%8, %9) : float32[2, 2]
      return output = %10
      =>
      %0 = input() "a" : float32[2, 2]
      %1 = constant() {1, 3} : uint32[2]
      %2 = randomUniform(%1) {shape=[2, 2], bits=23} : float32[2, 2]
      %3 = add(%0, %2) : float32[2, 2]
      %4 = constant() {2} : float32[]
      %5 = mul(%3, %4) : float32[2, 2]
      %6 = add(%5, %2) : float32[2, 2]
      %7 = mul(%6, %4) : float32[2, 2]
      return output = %7
      "
    `);
  });
});

describe("different nodes stay", () => {
  test("operands in an order that matters", () => {
    expect(show(pair, ({ a, b }) => ({ less: a.less(b), greater: a.greater(b) }))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 2]
      %1 = input() "b" : float32[2, 2]
      %2 = less(%0, %1) : bool[2, 2]
      %3 = less(%1, %0) : bool[2, 2]
      return less = %2
      return greater = %3
      (unchanged)
      "
    `);
    expect(show(pair, ({ a, b }) => a.sub(b).mul(b.sub(a)))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 2]
      %1 = input() "b" : float32[2, 2]
      %2 = sub(%0, %1) : float32[2, 2]
      %3 = sub(%1, %0) : float32[2, 2]
      %4 = mul(%2, %3) : float32[2, 2]
      return output = %4
      (unchanged)
      "
    `);
  });
  test("other attributes: axes, flags, element types", () => {
    expect(
      show(pair, ({ a }) => ({
        rows: a.sum(0),
        columns: a.sum(1),
        plain: a.matmul(a),
        flipped: a.matmul(a, { transposeA: true }),
      })),
    ).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 2]
      %1 = reduceSum(%0) {axes=[0], keepDims=false} : float32[2]
      %2 = reduceSum(%0) {axes=[1], keepDims=false} : float32[2]
      %3 = matmul(%0, %0) {transposeA=false, transposeB=false, alpha=1} : float32[2, 2]
      %4 = matmul(%0, %0) {transposeA=true, transposeB=false, alpha=1} : float32[2, 2]
      return rows = %1
      return columns = %2
      return plain = %3
      return flipped = %4
      (unchanged)
      "
    `);
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
    ).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 2]
      %1 = matmul(%0, %0) {transposeA=false, transposeB=false, alpha=NaN} : float32[2, 2]
      %2 = matmul(%0, %0) {transposeA=false, transposeB=false, alpha=Infinity} : float32[2, 2]
      %3 = matmul(%0, %0) {transposeA=false, transposeB=false, alpha=0} : float32[2, 2]
      %4 = matmul(%0, %0) {transposeA=false, transposeB=false, alpha=-0} : float32[2, 2]
      return nan = %1
      return infinite = %2
      return zero = %3
      return negative = %4
      (unchanged)
      "
    `);
  });
  test("0 and -0, equal numbers of other types and shapes", () => {
    expect(
      show({}, () => ({
        zero: tensor([0], [1]),
        negative: tensor([-0], [1]),
        integer: tensor([0], [1], "int32"),
        scalar: tensor([0], []),
      })),
    ).toMatchInlineSnapshot(`
      "%0 = constant() {0} : float32[1]
      %1 = constant() {-0} : float32[1]
      %2 = constant() {0} : int32[1]
      %3 = constant() {0} : float32[]
      return zero = %0
      return negative = %1
      return integer = %2
      return scalar = %3
      (unchanged)
      "
    `);
  });
  test("constants of more than 256 elements, which are not compared", () => {
    const large = (): Tensor => tensor(new Float32Array(257), [257]);
    expect(show({}, () => large().add(large()))).toMatchInlineSnapshot(`
      "%0 = constant() {0, 0, 0, 0, 0, 0, ...} : float32[257]
      %1 = constant() {0, 0, 0, 0, 0, 0, ...} : float32[257]
      %2 = add(%0, %1) : float32[257]
      return output = %2
      (unchanged)
      "
    `);
  });
  test("inputs of one type", () => {
    expect(show(pair, ({ a, b }) => a.exp().add(b.exp()))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 2]
      %1 = exp(%0) : float32[2, 2]
      %2 = input() "b" : float32[2, 2]
      %3 = exp(%2) : float32[2, 2]
      %4 = add(%1, %3) : float32[2, 2]
      return output = %4
      (unchanged)
      "
    `);
  });
});
