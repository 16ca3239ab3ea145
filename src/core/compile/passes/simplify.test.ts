import { describe, expect, test } from "vitest";
import { showPass, type Types } from "../../../../test/golden/show-pass.ts";
import { concat, full, type Tensor, tensor, where } from "../../trace/index.ts";
import { isMovable, simplify } from "./simplify.ts";

type Result = Tensor | Readonly<Record<string, Tensor>>;

function show<T extends Types>(types: T, fn: (args: { readonly [K in keyof T]: Tensor }) => Result): string {
  return showPass(simplify, types, fn);
}

const x = { x: [2, 3] };
const pair = { a: [2, 3], b: [2, 3] };

describe("powers by a constant", () => {
  test("are products, roots and quotients", () => {
    expect(show(x, ({ x }) => x.pow(2))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {2} : float32[]
      %2 = pow(%0, %1) : float32[2, 3]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = mul(%0, %0) : float32[2, 3]
      return output = %1
      "
    `);
    expect(show(x, ({ x }) => x.pow(-2.5))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {-2.5} : float32[]
      %2 = pow(%0, %1) : float32[2, 3]
      return output = %2
      =>
      %0 = constant() {1} : float32[]
      %1 = input() "x" : float32[2, 3]
      %2 = mul(%1, %1) : float32[2, 3]
      %3 = sqrt(%1) : float32[2, 3]
      %4 = mul(%2, %3) : float32[2, 3]
      %5 = div(%0, %4) : float32[2, 3]
      return output = %5
      "
    `);
    expect(show(x, ({ x }) => ({ cube: x.pow(3), fourth: x.pow(4), root: x.pow(0.5) }))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {3} : float32[]
      %2 = pow(%0, %1) : float32[2, 3]
      %3 = constant() {4} : float32[]
      %4 = pow(%0, %3) : float32[2, 3]
      %5 = constant() {0.5} : float32[]
      %6 = pow(%0, %5) : float32[2, 3]
      return cube = %2
      return fourth = %4
      return root = %6
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = mul(%0, %0) : float32[2, 3]
      %2 = mul(%1, %0) : float32[2, 3]
      %3 = mul(%0, %0) : float32[2, 3]
      %4 = mul(%3, %3) : float32[2, 3]
      %5 = sqrt(%0) : float32[2, 3]
      return cube = %2
      return fourth = %4
      return root = %5
      "
    `);
  });
  test("1 is the base itself, 0 gives ones", () => {
    expect(show(x, ({ x }) => ({ first: x.pow(1), none: x.pow(0) }))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {1} : float32[]
      %2 = pow(%0, %1) : float32[2, 3]
      %3 = constant() {0} : float32[]
      %4 = pow(%0, %3) : float32[2, 3]
      return first = %2
      return none = %4
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = constant() {1} : float32[]
      %2 = expand(%1) {shape=[2, 3]} : float32[2, 3]
      return first = %0
      return none = %2
      "
    `);
  });
  test("a base that the exponent repeats is repeated afterwards", () => {
    expect(show({ x: [3] }, ({ x }) => x.pow(full([2, 3], -1)))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[3]
      %1 = constant() {-1} : float32[]
      %2 = expand(%1) {shape=[2, 3]} : float32[2, 3]
      %3 = pow(%0, %2) : float32[2, 3]
      return output = %3
      =>
      %0 = constant() {1} : float32[]
      %1 = input() "x" : float32[3]
      %2 = div(%0, %1) : float32[3]
      %3 = expand(%2) {shape=[2, 3]} : float32[2, 3]
      return output = %3
      "
    `);
  });
  test("others stay", () => {
    expect(show(x, ({ x }) => x.pow(0.3))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {0.30000001192092896} : float32[]
      %2 = pow(%0, %1) : float32[2, 3]
      return output = %2
      (unchanged)
      "
    `);
    expect(show(x, ({ x }) => x.pow(5))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {5} : float32[]
      %2 = pow(%0, %1) : float32[2, 3]
      return output = %2
      (unchanged)
      "
    `);
    expect(show(pair, ({ a, b }) => a.pow(b))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = input() "b" : float32[2, 3]
      %2 = pow(%0, %1) : float32[2, 3]
      return output = %2
      (unchanged)
      "
    `);
  });
});

describe("sums with 0", () => {
  test("x + 0, 0 + x and x - 0 are x", () => {
    expect(show(x, ({ x }) => x.add(0))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {0} : float32[]
      %2 = add(%0, %1) : float32[2, 3]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3]
      return output = %0
      "
    `);
    expect(show(x, ({ x }) => full([2, 3], 0).add(x))).toMatchInlineSnapshot(`
      "%0 = constant() {0} : float32[]
      %1 = expand(%0) {shape=[2, 3]} : float32[2, 3]
      %2 = input() "x" : float32[2, 3]
      %3 = add(%1, %2) : float32[2, 3]
      return output = %3
      =>
      %0 = input() "x" : float32[2, 3]
      return output = %0
      "
    `);
    expect(show(x, ({ x }) => x.sub(tensor([0, 0, 0], [3])))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {0, 0, 0} : float32[3]
      %2 = sub(%0, %1) : float32[2, 3]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3]
      return output = %0
      "
    `);
  });
  test("integers too", () => {
    expect(show({ n: { dtype: "int64", shape: [2] } }, ({ n }) => n.add(0))).toMatchInlineSnapshot(`
      "%0 = input() "n" : int64[2]
      %1 = constant() {0} : int64[]
      %2 = add(%0, %1) : int64[2]
      return output = %2
      =>
      %0 = input() "n" : int64[2]
      return output = %0
      "
    `);
  });
  test("0 - x stays", () => {
    expect(show(x, ({ x }) => tensor([0], []).sub(x))).toMatchInlineSnapshot(`
      "%0 = constant() {0} : float32[]
      %1 = input() "x" : float32[2, 3]
      %2 = sub(%0, %1) : float32[2, 3]
      return output = %2
      (unchanged)
      "
    `);
  });
  test("zeros that give the sum its shape stay", () => {
    expect(show({ x: [3] }, ({ x }) => x.add(tensor([0, 0], [2, 1])))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[3]
      %1 = constant() {0, 0} : float32[2, 1]
      %2 = add(%0, %1) : float32[2, 3]
      return output = %2
      (unchanged)
      "
    `);
  });
  test("numbers that are not all 0 stay", () => {
    expect(show(x, ({ x }) => x.add(tensor([0, 0, 1], [3])))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {0, 0, 1} : float32[3]
      %2 = add(%0, %1) : float32[2, 3]
      return output = %2
      (unchanged)
      "
    `);
  });
});

describe("sums of negations and of equal multiples", () => {
  test("a + (-b), (-a) + b and a - (-b)", () => {
    expect(show(pair, ({ a, b }) => a.add(b.neg()))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = input() "b" : float32[2, 3]
      %2 = neg(%1) : float32[2, 3]
      %3 = add(%0, %2) : float32[2, 3]
      return output = %3
      =>
      %0 = input() "a" : float32[2, 3]
      %1 = input() "b" : float32[2, 3]
      %2 = sub(%0, %1) : float32[2, 3]
      return output = %2
      "
    `);
    expect(show(pair, ({ a, b }) => a.neg().add(b))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = neg(%0) : float32[2, 3]
      %2 = input() "b" : float32[2, 3]
      %3 = add(%1, %2) : float32[2, 3]
      return output = %3
      =>
      %0 = input() "b" : float32[2, 3]
      %1 = input() "a" : float32[2, 3]
      %2 = sub(%0, %1) : float32[2, 3]
      return output = %2
      "
    `);
    expect(show(pair, ({ a, b }) => a.sub(b.mul(-1)))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = input() "b" : float32[2, 3]
      %2 = constant() {-1} : float32[]
      %3 = mul(%1, %2) : float32[2, 3]
      %4 = sub(%0, %3) : float32[2, 3]
      return output = %4
      =>
      %0 = input() "a" : float32[2, 3]
      %1 = input() "b" : float32[2, 3]
      %2 = add(%0, %1) : float32[2, 3]
      return output = %2
      "
    `);
  });
  test("a c + b c, a c - b (-c)", () => {
    expect(show(pair, ({ a, b }) => a.mul(0.5).add(b.mul(0.5)))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = constant() {0.5} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = input() "b" : float32[2, 3]
      %4 = constant() {0.5} : float32[]
      %5 = mul(%3, %4) : float32[2, 3]
      %6 = add(%2, %5) : float32[2, 3]
      return output = %6
      =>
      %0 = input() "a" : float32[2, 3]
      %1 = input() "b" : float32[2, 3]
      %2 = add(%0, %1) : float32[2, 3]
      %3 = constant() {0.5} : float32[]
      %4 = mul(%2, %3) : float32[2, 3]
      return output = %4
      "
    `);
    expect(show(pair, ({ a, b }) => a.mul(0.5).sub(b.mul(-0.5)))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = constant() {0.5} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = input() "b" : float32[2, 3]
      %4 = constant() {-0.5} : float32[]
      %5 = mul(%3, %4) : float32[2, 3]
      %6 = sub(%2, %5) : float32[2, 3]
      return output = %6
      =>
      %0 = input() "a" : float32[2, 3]
      %1 = input() "b" : float32[2, 3]
      %2 = add(%0, %1) : float32[2, 3]
      %3 = constant() {0.5} : float32[]
      %4 = mul(%2, %3) : float32[2, 3]
      return output = %4
      "
    `);
  });
  test("different multiples share one factor outside", () => {
    expect(show(pair, ({ a, b }) => a.mul(0.5).add(b.mul(0.25)))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = constant() {0.5} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = input() "b" : float32[2, 3]
      %4 = constant() {0.25} : float32[]
      %5 = mul(%3, %4) : float32[2, 3]
      %6 = add(%2, %5) : float32[2, 3]
      return output = %6
      =>
      %0 = input() "a" : float32[2, 3]
      %1 = input() "b" : float32[2, 3]
      %2 = constant() {0.5} : float32[]
      %3 = mul(%1, %2) : float32[2, 3]
      %4 = add(%0, %3) : float32[2, 3]
      %5 = constant() {0.5} : float32[]
      %6 = mul(%4, %5) : float32[2, 3]
      return output = %6
      "
    `);
  });
  test("multiples whose ratio over- or underflows in float32 stay", () => {
    expect(show(pair, ({ a, b }) => a.mul(2 ** -100).add(b.mul(2 ** 100)))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = constant() {7.888609052210118e-31} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = input() "b" : float32[2, 3]
      %4 = constant() {1.2676506002282294e+30} : float32[]
      %5 = mul(%3, %4) : float32[2, 3]
      %6 = add(%2, %5) : float32[2, 3]
      return output = %6
      (unchanged)
      "
    `);
  });
  test("-a - b stays: nothing is won; -a + -b is -(a + b)", () => {
    expect(show(pair, ({ a, b }) => a.neg().sub(b))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = neg(%0) : float32[2, 3]
      %2 = input() "b" : float32[2, 3]
      %3 = sub(%1, %2) : float32[2, 3]
      return output = %3
      (unchanged)
      "
    `);
    expect(show(pair, ({ a, b }) => a.neg().add(b.neg()))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = neg(%0) : float32[2, 3]
      %2 = input() "b" : float32[2, 3]
      %3 = neg(%2) : float32[2, 3]
      %4 = add(%1, %3) : float32[2, 3]
      return output = %4
      =>
      %0 = input() "a" : float32[2, 3]
      %1 = input() "b" : float32[2, 3]
      %2 = add(%0, %1) : float32[2, 3]
      %3 = neg(%2) : float32[2, 3]
      return output = %3
      "
    `);
  });
});

describe("products with constants", () => {
  test("x * 1 and x / 1 are x", () => {
    expect(show(x, ({ x }) => x.mul(1))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {1} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3]
      return output = %0
      "
    `);
    expect(show(x, ({ x }) => x.div(tensor([1, 1, 1], [3])))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {1, 1, 1} : float32[3]
      %2 = div(%0, %1) : float32[2, 3]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3]
      return output = %0
      "
    `);
  });
  test("x * -1 is -x", () => {
    expect(show(x, ({ x }) => x.mul(-1))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {-1} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = neg(%0) : float32[2, 3]
      return output = %1
      "
    `);
  });
  test("constants gather in one factor: (x * 2) * 4, (x / 2) * 3, -(x * 2), (-x) * 2, -(-x)", () => {
    expect(show(x, ({ x }) => x.mul(2).mul(4))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {2} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = constant() {4} : float32[]
      %4 = mul(%2, %3) : float32[2, 3]
      return output = %4
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = constant() {8} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      return output = %2
      "
    `);
    expect(show(x, ({ x }) => x.div(2).mul(3))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {2} : float32[]
      %2 = div(%0, %1) : float32[2, 3]
      %3 = constant() {3} : float32[]
      %4 = mul(%2, %3) : float32[2, 3]
      return output = %4
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = constant() {1.5} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      return output = %2
      "
    `);
    expect(show(x, ({ x }) => x.mul(2).neg())).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {2} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = neg(%2) : float32[2, 3]
      return output = %3
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = constant() {-2} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      return output = %2
      "
    `);
    expect(show(x, ({ x }) => x.neg().mul(2))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = neg(%0) : float32[2, 3]
      %2 = constant() {2} : float32[]
      %3 = mul(%1, %2) : float32[2, 3]
      return output = %3
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = constant() {-2} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      return output = %2
      "
    `);
    expect(show(x, ({ x }) => x.neg().neg())).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = neg(%0) : float32[2, 3]
      %2 = neg(%1) : float32[2, 3]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3]
      return output = %0
      "
    `);
  });
  test("the bare product stays where something else uses it", () => {
    expect(
      show(x, ({ x }) => {
        const doubled = x.mul(2);
        return { doubled, eightfold: doubled.mul(4) };
      }),
    ).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {2} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = constant() {4} : float32[]
      %4 = mul(%2, %3) : float32[2, 3]
      return doubled = %2
      return eightfold = %4
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = constant() {2} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = constant() {8} : float32[]
      %4 = mul(%0, %3) : float32[2, 3]
      return doubled = %2
      return eightfold = %4
      "
    `);
  });
  test("x * 0 stays: NaN and infinity are not 0", () => {
    expect(show(x, ({ x }) => x.mul(0))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {0} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      return output = %2
      (unchanged)
      "
    `);
    expect(show(x, ({ x }) => x.mul(2).mul(0))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {2} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = constant() {0} : float32[]
      %4 = mul(%2, %3) : float32[2, 3]
      return output = %4
      (unchanged)
      "
    `);
    expect(show(pair, ({ a, b }) => a.mul(0).add(b.mul(0)))).toMatchInlineSnapshot(`
      "%0 = input() "a" : float32[2, 3]
      %1 = constant() {0} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = input() "b" : float32[2, 3]
      %4 = constant() {0} : float32[]
      %5 = mul(%3, %4) : float32[2, 3]
      %6 = add(%2, %5) : float32[2, 3]
      return output = %6
      (unchanged)
      "
    `);
  });
  test("x / 0 stays", () => {
    expect(show(x, ({ x }) => x.div(0))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {0} : float32[]
      %2 = div(%0, %1) : float32[2, 3]
      return output = %2
      (unchanged)
      "
    `);
  });
  test("factors whose product over- or underflows in float32 stay apart, and quotients whose inverse does", () => {
    expect(show(x, ({ x }) => x.mul(2 ** 100).mul(2 ** 100))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {1.2676506002282294e+30} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = constant() {1.2676506002282294e+30} : float32[]
      %4 = mul(%2, %3) : float32[2, 3]
      return output = %4
      (unchanged)
      "
    `);
    expect(show(x, ({ x }) => x.mul(2 ** -100).mul(2 ** -100))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {7.888609052210118e-31} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = constant() {7.888609052210118e-31} : float32[]
      %4 = mul(%2, %3) : float32[2, 3]
      return output = %4
      (unchanged)
      "
    `);
    expect(show(x, ({ x }) => x.div(2 ** 127))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {1.7014118346046923e+38} : float32[]
      %2 = div(%0, %1) : float32[2, 3]
      return output = %2
      (unchanged)
      "
    `);
  });
  test("a number goes into the operand that is repeated", () => {
    const types = { x: [2, 3, 4], s: [3, 1] };
    expect(show(types, ({ x, s }) => x.mul(s).mul(2))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3, 4]
      %1 = input() "s" : float32[3, 1]
      %2 = mul(%0, %1) : float32[2, 3, 4]
      %3 = constant() {2} : float32[]
      %4 = mul(%2, %3) : float32[2, 3, 4]
      return output = %4
      =>
      %0 = input() "s" : float32[3, 1]
      %1 = constant() {2} : float32[]
      %2 = mul(%0, %1) : float32[3, 1]
      %3 = input() "x" : float32[2, 3, 4]
      %4 = mul(%2, %3) : float32[2, 3, 4]
      return output = %4
      "
    `);
    expect(show(types, ({ x, s }) => s.mul(x).neg())).toMatchInlineSnapshot(`
      "%0 = input() "s" : float32[3, 1]
      %1 = input() "x" : float32[2, 3, 4]
      %2 = mul(%0, %1) : float32[2, 3, 4]
      %3 = neg(%2) : float32[2, 3, 4]
      return output = %3
      (unchanged)
      "
    `);
  });
  test("a non-uniform constant is no factor", () => {
    expect(show(x, ({ x }) => x.mul(tensor([1, 1, 2], [3])).mul(2))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {1, 1, 2} : float32[3]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = constant() {2} : float32[]
      %4 = mul(%2, %3) : float32[2, 3]
      return output = %4
      (unchanged)
      "
    `);
  });
  test("a constant that gives the product its shape stays", () => {
    expect(show({ x: [3] }, ({ x }) => x.mul(tensor([1, 1], [2, 1])))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[3]
      %1 = constant() {1, 1} : float32[2, 1]
      %2 = mul(%0, %1) : float32[2, 3]
      return output = %2
      (unchanged)
      "
    `);
    expect(show({ x: [3] }, ({ x }) => x.mul(tensor([2, 2], [2, 1])).mul(2))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[3]
      %1 = constant() {2, 2} : float32[2, 1]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = constant() {2} : float32[]
      %4 = mul(%2, %3) : float32[2, 3]
      return output = %4
      (unchanged)
      "
    `);
  });
  test("integers stay: their quotients round", () => {
    const n = { n: { dtype: "int32", shape: [2] } } as const;
    expect(show(n, ({ n }) => n.mul(3).div(2))).toMatchInlineSnapshot(`
      "%0 = input() "n" : int32[2]
      %1 = constant() {3} : int32[]
      %2 = mul(%0, %1) : int32[2]
      %3 = constant() {2} : int32[]
      %4 = div(%2, %3) : int32[2]
      return output = %4
      (unchanged)
      "
    `);
    expect(show(n, ({ n }) => n.mul(2).mul(3))).toMatchInlineSnapshot(`
      "%0 = input() "n" : int32[2]
      %1 = constant() {2} : int32[]
      %2 = mul(%0, %1) : int32[2]
      %3 = constant() {3} : int32[]
      %4 = mul(%2, %3) : int32[2]
      return output = %4
      (unchanged)
      "
    `);
  });
});

describe("repeated operands", () => {
  test("op(expand(s), x) broadcasts by itself", () => {
    expect(show({ s: [3], x: [2, 3] }, ({ s, x }) => s.expand([2, 3]).mul(x))).toMatchInlineSnapshot(`
      "%0 = input() "s" : float32[3]
      %1 = expand(%0) {shape=[2, 3]} : float32[2, 3]
      %2 = input() "x" : float32[2, 3]
      %3 = mul(%1, %2) : float32[2, 3]
      return output = %3
      =>
      %0 = input() "s" : float32[3]
      %1 = input() "x" : float32[2, 3]
      %2 = mul(%0, %1) : float32[2, 3]
      return output = %2
      "
    `);
    expect(show({ s: [1], x: [2, 3] }, ({ s, x }) => where(s.expand([2, 3]).less(x), x, 0))).toMatchInlineSnapshot(`
      "%0 = input() "s" : float32[1]
      %1 = expand(%0) {shape=[2, 3]} : float32[2, 3]
      %2 = input() "x" : float32[2, 3]
      %3 = less(%1, %2) : bool[2, 3]
      %4 = constant() {0} : float32[]
      %5 = where(%3, %2, %4) : float32[2, 3]
      return output = %5
      =>
      %0 = input() "s" : float32[1]
      %1 = input() "x" : float32[2, 3]
      %2 = less(%0, %1) : bool[2, 3]
      %3 = constant() {0} : float32[]
      %4 = where(%2, %1, %3) : float32[2, 3]
      return output = %4
      "
    `);
  });
  test("an expand that gives the result its shape stays", () => {
    expect(show({ s: [3], t: [3] }, ({ s, t }) => s.expand([2, 3]).add(t))).toMatchInlineSnapshot(`
      "%0 = input() "s" : float32[3]
      %1 = expand(%0) {shape=[2, 3]} : float32[2, 3]
      %2 = input() "t" : float32[3]
      %3 = add(%1, %2) : float32[2, 3]
      return output = %3
      (unchanged)
      "
    `);
  });
  test("of two equal ones one stays", () => {
    expect(show({ s: [3], t: [1] }, ({ s, t }) => s.expand([2, 3]).add(t.expand([2, 3])))).toMatchInlineSnapshot(`
      "%0 = input() "s" : float32[3]
      %1 = expand(%0) {shape=[2, 3]} : float32[2, 3]
      %2 = input() "t" : float32[1]
      %3 = expand(%2) {shape=[2, 3]} : float32[2, 3]
      %4 = add(%1, %3) : float32[2, 3]
      return output = %4
      =>
      %0 = input() "s" : float32[3]
      %1 = input() "t" : float32[1]
      %2 = expand(%1) {shape=[2, 3]} : float32[2, 3]
      %3 = add(%0, %2) : float32[2, 3]
      return output = %3
      "
    `);
  });
  test("ops that do not broadcast keep theirs", () => {
    expect(show({ s: [1, 3] }, ({ s }) => concat([s.expand([2, 3]), s]))).toMatchInlineSnapshot(`
      "%0 = input() "s" : float32[1, 3]
      %1 = expand(%0) {shape=[2, 3]} : float32[2, 3]
      %2 = concat(%1, %0) {axis=0} : float32[3, 3]
      return output = %2
      (unchanged)
      "
    `);
  });
});

describe("layout", () => {
  test("a reshape of a reshape is one; one back to the start is none", () => {
    expect(show(x, ({ x }) => x.reshape([6]).reshape([3, 2]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = reshape(%0) {shape=[6]} : float32[6]
      %2 = reshape(%1) {shape=[3, 2]} : float32[3, 2]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = reshape(%0) {shape=[3, 2]} : float32[3, 2]
      return output = %1
      "
    `);
    expect(show({ x: [4] }, ({ x }) => x.reshape([2, 2]).reshape([4]).exp())).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[4]
      %1 = reshape(%0) {shape=[2, 2]} : float32[2, 2]
      %2 = reshape(%1) {shape=[4]} : float32[4]
      %3 = exp(%2) : float32[4]
      return output = %3
      =>
      %0 = input() "x" : float32[4]
      %1 = exp(%0) : float32[4]
      return output = %1
      "
    `);
  });
  test("transposes compose, to none where they cancel", () => {
    expect(show({ x: [2, 3, 4] }, ({ x }) => x.transpose([1, 2, 0]).transpose([2, 0, 1]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3, 4]
      %1 = transpose(%0) {permutation=[1, 2, 0]} : float32[3, 4, 2]
      %2 = transpose(%1) {permutation=[2, 0, 1]} : float32[2, 3, 4]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3, 4]
      return output = %0
      "
    `);
    expect(show({ x: [2, 3, 4] }, ({ x }) => x.transpose([1, 2, 0]).transpose([1, 0, 2]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3, 4]
      %1 = transpose(%0) {permutation=[1, 2, 0]} : float32[3, 4, 2]
      %2 = transpose(%1) {permutation=[1, 0, 2]} : float32[4, 3, 2]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3, 4]
      %1 = transpose(%0) {permutation=[2, 1, 0]} : float32[4, 3, 2]
      return output = %1
      "
    `);
  });
  test("a transpose that moves nothing goes", () => {
    expect(show(x, ({ x }) => x.transpose([0, 1]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = transpose(%0) {permutation=[0, 1]} : float32[2, 3]
      return output = %1
      =>
      %0 = input() "x" : float32[2, 3]
      return output = %0
      "
    `);
  });
  test("whole slices, pads by nothing and concatenations of one go", () => {
    expect(show(x, ({ x }) => concat([x.slice(1, 0, 3).pad([0, 0], [0, 0])]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = slice(%0) {starts=[0, 0], sizes=[2, 3]} : float32[2, 3]
      %2 = pad(%1) {low=[0, 0], high=[0, 0]} : float32[2, 3]
      %3 = concat(%2) {axis=0} : float32[2, 3]
      return output = %3
      =>
      %0 = input() "x" : float32[2, 3]
      return output = %0
      "
    `);
  });
  test("a reshape of a transpose stays", () => {
    expect(show(x, ({ x }) => x.transpose().reshape([6]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = transpose(%0) {permutation=[1, 0]} : float32[3, 2]
      %2 = reshape(%1) {shape=[6]} : float32[6]
      return output = %2
      (unchanged)
      "
    `);
  });
  test("parts, paddings and other element types stay", () => {
    expect(show(x, ({ x }) => x.slice(1, 0, 2).pad([0, 0], [0, 1]).cast("int32"))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = slice(%0) {starts=[0, 0], sizes=[2, 2]} : float32[2, 2]
      %2 = pad(%1) {low=[0, 0], high=[0, 1]} : float32[2, 3]
      %3 = cast(%2) {dtype=int32} : int32[2, 3]
      return output = %3
      (unchanged)
      "
    `);
  });
});

describe("sums over axes", () => {
  test("over axes of size 1 they are reshapes", () => {
    expect(show({ x: [2, 1, 3] }, ({ x }) => x.sum(1))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 1, 3]
      %1 = reduceSum(%0) {axes=[1], keepDims=false} : float32[2, 3]
      return output = %1
      =>
      %0 = input() "x" : float32[2, 1, 3]
      %1 = reshape(%0) {shape=[2, 3]} : float32[2, 3]
      return output = %1
      "
    `);
    expect(show(x, ({ x }) => x.sum([]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = reduceSum(%0) {axes=[], keepDims=false} : float32[2, 3]
      return output = %1
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = reshape(%0) {shape=[2, 3]} : float32[2, 3]
      return output = %1
      "
    `);
  });
  test("factors leave them", () => {
    expect(show(x, ({ x }) => x.mul(0.5).sum(1))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {0.5} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = reduceSum(%2) {axes=[1], keepDims=false} : float32[2]
      return output = %3
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = reduceSum(%0) {axes=[1], keepDims=false} : float32[2]
      %2 = constant() {0.5} : float32[]
      %3 = mul(%1, %2) : float32[2]
      return output = %3
      "
    `);
    expect(show(x, ({ x }) => x.neg().sum(0, true))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = neg(%0) : float32[2, 3]
      %2 = reduceSum(%1) {axes=[0], keepDims=true} : float32[1, 3]
      return output = %2
      =>
      %0 = input() "x" : float32[2, 3]
      %1 = reduceSum(%0) {axes=[0], keepDims=true} : float32[1, 3]
      %2 = neg(%1) : float32[1, 3]
      return output = %2
      "
    `);
  });
  test("a factor of 0 stays inside", () => {
    expect(show(x, ({ x }) => x.mul(0).sum(1))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[2, 3]
      %1 = constant() {0} : float32[]
      %2 = mul(%0, %1) : float32[2, 3]
      %3 = reduceSum(%2) {axes=[1], keepDims=false} : float32[2]
      return output = %3
      (unchanged)
      "
    `);
  });
  test("over axes that were repeated they are products", () => {
    expect(show({ x: [3, 1] }, ({ x }) => x.expand([4, 3, 2]).sum([0, 2]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[3, 1]
      %1 = expand(%0) {shape=[4, 3, 2]} : float32[4, 3, 2]
      %2 = reduceSum(%1) {axes=[0, 2], keepDims=false} : float32[3]
      return output = %2
      =>
      %0 = input() "x" : float32[3, 1]
      %1 = reshape(%0) {shape=[1, 3, 1]} : float32[1, 3, 1]
      %2 = expand(%1) {shape=[1, 3, 1]} : float32[1, 3, 1]
      %3 = reshape(%2) {shape=[3]} : float32[3]
      %4 = constant() {8} : float32[]
      %5 = mul(%3, %4) : float32[3]
      return output = %5
      "
    `);
    expect(show({ x: [3, 1] }, ({ x }) => x.expand([4, 3, 2]).sum(0))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[3, 1]
      %1 = expand(%0) {shape=[4, 3, 2]} : float32[4, 3, 2]
      %2 = reduceSum(%1) {axes=[0], keepDims=false} : float32[3, 2]
      return output = %2
      =>
      %0 = input() "x" : float32[3, 1]
      %1 = reshape(%0) {shape=[1, 3, 1]} : float32[1, 3, 1]
      %2 = expand(%1) {shape=[1, 3, 2]} : float32[1, 3, 2]
      %3 = reshape(%2) {shape=[3, 2]} : float32[3, 2]
      %4 = constant() {4} : float32[]
      %5 = mul(%3, %4) : float32[3, 2]
      return output = %5
      "
    `);
  });
  test("over another axis they stay", () => {
    expect(show({ x: [3, 1] }, ({ x }) => x.expand([4, 3, 2]).sum([0, 1]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[3, 1]
      %1 = expand(%0) {shape=[4, 3, 2]} : float32[4, 3, 2]
      %2 = reduceSum(%1) {axes=[0, 1], keepDims=false} : float32[2]
      return output = %2
      (unchanged)
      "
    `);
  });
  test("of nothing they stay 0, also where what was repeated no times is NaN", () => {
    expect(show({ x: [1, 3] }, ({ x }) => x.expand([0, 3]).sum(0))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[1, 3]
      %1 = expand(%0) {shape=[0, 3]} : float32[0, 3]
      %2 = reduceSum(%1) {axes=[0], keepDims=false} : float32[3]
      return output = %2
      (unchanged)
      "
    `);
  });
});

test("stopGradient goes", () => {
  expect(show(x, ({ x }) => x.stopGradient().exp())).toMatchInlineSnapshot(`
    "%0 = input() "x" : float32[2, 3]
    %1 = stopGradient(%0) : float32[2, 3]
    %2 = exp(%1) : float32[2, 3]
    return output = %2
    =>
    %0 = input() "x" : float32[2, 3]
    %1 = exp(%0) : float32[2, 3]
    return output = %1
    "
  `);
});

test("factors that may move are those of full precision in float32", () => {
  expect([1, -1, 1e-30, 3e38, -(2 ** -126)].map(isMovable)).not.toContain(false);
  const fixed = [0, -0, 4e38, Number.POSITIVE_INFINITY, Number.NaN, 2 ** -127];
  expect(fixed.map(isMovable)).not.toContain(true);
});
