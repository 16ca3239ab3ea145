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

describe("sums with 0", () => {
  test("x + 0, 0 + x and x - 0 are x", () => {
    expect(show(x, ({ x }) => x.add(0))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => full([2, 3], 0).add(x))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.sub(tensor([0, 0, 0], [3])))).toMatchInlineSnapshot();
  });
  test("integers too", () => {
    expect(show({ n: { dtype: "int64", shape: [2] } }, ({ n }) => n.add(0))).toMatchInlineSnapshot();
  });
  test("0 - x stays", () => {
    expect(show(x, ({ x }) => tensor([0], []).sub(x))).toMatchInlineSnapshot();
  });
  test("zeros that give the sum its shape stay", () => {
    expect(show({ x: [3] }, ({ x }) => x.add(tensor([0, 0], [2, 1])))).toMatchInlineSnapshot();
  });
  test("numbers that are not all 0 stay", () => {
    expect(show(x, ({ x }) => x.add(tensor([0, 0, 1], [3])))).toMatchInlineSnapshot();
  });
});

describe("sums of negations and of equal multiples", () => {
  test("a + (-b), (-a) + b and a - (-b)", () => {
    expect(show(pair, ({ a, b }) => a.add(b.neg()))).toMatchInlineSnapshot();
    expect(show(pair, ({ a, b }) => a.neg().add(b))).toMatchInlineSnapshot();
    expect(show(pair, ({ a, b }) => a.sub(b.mul(-1)))).toMatchInlineSnapshot();
  });
  test("a c + b c, a c - b (-c)", () => {
    expect(show(pair, ({ a, b }) => a.mul(0.5).add(b.mul(0.5)))).toMatchInlineSnapshot();
    expect(show(pair, ({ a, b }) => a.mul(0.5).sub(b.mul(-0.5)))).toMatchInlineSnapshot();
  });
  test("different multiples stay", () => {
    expect(show(pair, ({ a, b }) => a.mul(0.5).add(b.mul(0.25)))).toMatchInlineSnapshot();
  });
  test("a - b where a is the negation stays: nothing is won", () => {
    expect(show(pair, ({ a, b }) => a.neg().sub(b))).toMatchInlineSnapshot();
  });
});

describe("products with constants", () => {
  test("x * 1 and x / 1 are x", () => {
    expect(show(x, ({ x }) => x.mul(1))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.div(tensor([1, 1, 1], [3])))).toMatchInlineSnapshot();
  });
  test("x * -1 is -x", () => {
    expect(show(x, ({ x }) => x.mul(-1))).toMatchInlineSnapshot();
  });
  test("constants gather in one factor: (x * 2) * 4, (x * 3) / 2, -(x * 2), (-x) * 2, -(-x)", () => {
    expect(show(x, ({ x }) => x.mul(2).mul(4))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.mul(3).div(2))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.mul(2).neg())).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.neg().mul(2))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.neg().neg())).toMatchInlineSnapshot();
  });
  test("the bare product stays where something else uses it", () => {
    expect(
      show(x, ({ x }) => {
        const doubled = x.mul(2);
        return { doubled, eightfold: doubled.mul(4) };
      }),
    ).toMatchInlineSnapshot();
  });
  test("x * 0 stays: NaN and infinity are not 0", () => {
    expect(show(x, ({ x }) => x.mul(0))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.mul(2).mul(0))).toMatchInlineSnapshot();
    expect(show(pair, ({ a, b }) => a.mul(0).add(b.mul(0)))).toMatchInlineSnapshot();
  });
  test("x / 0 stays", () => {
    expect(show(x, ({ x }) => x.div(0))).toMatchInlineSnapshot();
  });
  test("factors whose product over- or underflows in float32 stay apart, and quotients whose inverse does", () => {
    expect(show(x, ({ x }) => x.mul(2 ** 100).mul(2 ** 100))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.mul(2 ** -100).mul(2 ** -100))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.div(2 ** 127))).toMatchInlineSnapshot();
  });
  test("a non-uniform constant is no factor", () => {
    expect(show(x, ({ x }) => x.mul(tensor([1, 1, 2], [3])).mul(2))).toMatchInlineSnapshot();
  });
  test("a constant that gives the product its shape stays", () => {
    expect(show({ x: [3] }, ({ x }) => x.mul(tensor([1, 1], [2, 1])))).toMatchInlineSnapshot();
    expect(show({ x: [3] }, ({ x }) => x.mul(tensor([2, 2], [2, 1])).mul(2))).toMatchInlineSnapshot();
  });
  test("integers stay: their quotients round", () => {
    const n = { n: { dtype: "int32", shape: [2] } } as const;
    expect(show(n, ({ n }) => n.mul(3).div(2))).toMatchInlineSnapshot();
    expect(show(n, ({ n }) => n.mul(2).mul(3))).toMatchInlineSnapshot();
  });
});

describe("repeated operands", () => {
  test("op(expand(s), x) broadcasts by itself", () => {
    expect(show({ s: [3], x: [2, 3] }, ({ s, x }) => s.expand([2, 3]).mul(x))).toMatchInlineSnapshot();
    expect(show({ s: [1], x: [2, 3] }, ({ s, x }) => where(s.expand([2, 3]).less(x), x, 0))).toMatchInlineSnapshot();
  });
  test("an expand that gives the result its shape stays", () => {
    expect(show({ s: [3], t: [3] }, ({ s, t }) => s.expand([2, 3]).add(t))).toMatchInlineSnapshot();
  });
  test("of two equal ones one stays", () => {
    expect(show({ s: [3], t: [1] }, ({ s, t }) => s.expand([2, 3]).add(t.expand([2, 3])))).toMatchInlineSnapshot();
  });
  test("ops that do not broadcast keep theirs", () => {
    expect(show({ s: [1, 3] }, ({ s }) => concat([s.expand([2, 3]), s]))).toMatchInlineSnapshot();
  });
});

describe("layout", () => {
  test("a reshape of a reshape is one; one back to the start is none", () => {
    expect(show(x, ({ x }) => x.reshape([6]).reshape([3, 2]))).toMatchInlineSnapshot();
    expect(show({ x: [4] }, ({ x }) => simplifiedTwice(x))).toMatchInlineSnapshot();
  });
  test("transposes compose", () => {
    expect(show({ x: [2, 3, 4] }, ({ x }) => x.transpose([1, 2, 0]).transpose([1, 0, 2]))).toMatchInlineSnapshot();
  });
  test("a transpose that moves nothing goes", () => {
    expect(show(x, ({ x }) => x.transpose([0, 1]))).toMatchInlineSnapshot();
  });
  test("whole slices, pads by nothing and concatenations of one go", () => {
    expect(show(x, ({ x }) => concat([x.slice(1, 0, 3).pad([0, 0], [0, 0])]))).toMatchInlineSnapshot();
  });
  test("a reshape of a transpose stays", () => {
    expect(show(x, ({ x }) => x.transpose().reshape([6]))).toMatchInlineSnapshot();
  });
  test("parts, paddings and other element types stay", () => {
    expect(show(x, ({ x }) => x.slice(1, 0, 2).pad([0, 0], [0, 1]).cast("int32"))).toMatchInlineSnapshot();
  });
});

describe("sums over axes", () => {
  test("over axes of size 1 they are reshapes", () => {
    expect(show({ x: [2, 1, 3] }, ({ x }) => x.sum(1))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.sum([]))).toMatchInlineSnapshot();
  });
  test("factors leave them", () => {
    expect(show(x, ({ x }) => x.mul(0.5).sum(1))).toMatchInlineSnapshot();
    expect(show(x, ({ x }) => x.neg().sum(0, true))).toMatchInlineSnapshot();
  });
  test("a factor of 0 stays inside", () => {
    expect(show(x, ({ x }) => x.mul(0).sum(1))).toMatchInlineSnapshot();
  });
  test("over axes that were repeated they are products", () => {
    expect(show({ x: [3, 1] }, ({ x }) => x.expand([4, 3, 2]).sum([0, 2]))).toMatchInlineSnapshot();
    expect(show({ x: [3, 1] }, ({ x }) => x.expand([4, 3, 2]).sum(0))).toMatchInlineSnapshot();
  });
  test("over another axis they stay", () => {
    expect(show({ x: [3, 1] }, ({ x }) => x.expand([4, 3, 2]).sum([0, 1]))).toMatchInlineSnapshot();
  });
  test("of nothing they stay 0, also where what was repeated no times is NaN", () => {
    expect(show({ x: [1, 3] }, ({ x }) => x.expand([0, 3]).sum(0))).toMatchInlineSnapshot();
  });
});

test("stopGradient goes", () => {
  expect(show(x, ({ x }) => x.stopGradient().exp())).toMatchInlineSnapshot();
});

test("factors that may move are those of full precision in float32", () => {
  expect([1, -1, 1e-30, 3e38, -(2 ** -126)].map(isMovable)).not.toContain(false);
  const fixed = [0, -0, 4e38, Number.POSITIVE_INFINITY, Number.NaN, 2 ** -127];
  expect(fixed.map(isMovable)).not.toContain(true);
});

function simplifiedTwice(x: Tensor): Tensor {
  return x.reshape([2, 2]).reshape([4]).exp();
}
