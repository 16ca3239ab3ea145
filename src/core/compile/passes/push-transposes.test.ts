import { describe, expect, test } from "vitest";
import { graphOf, showPass, type Types } from "../../../../test/golden/show-pass.ts";
import { isOp, nodesOf } from "../../graph/index.ts";
import { concat, type Tensor, tensor, where } from "../../trace/index.ts";
import { pushTransposes } from "./push-transposes.ts";

type Result = Tensor | Readonly<Record<string, Tensor>>;
type Traced<T extends Types> = (args: { readonly [K in keyof T]: Tensor }) => Result;

function show<T extends Types>(types: T, fn: Traced<T>): string {
  return showPass(pushTransposes, types, fn);
}

/** How many transposes there are before and after. */
function counts<T extends Types>(types: T, fn: Traced<T>): readonly [number, number] {
  const graph = graphOf(types, fn);
  const count = (one: typeof graph): number => nodesOf(one).filter(({ op }) => op === "transpose").length;
  return [count(graph), count(pushTransposes(graph))];
}

const x = { x: [20, 30, 40] };
const pair = { x: [20, 30], y: [20, 30] };

describe("transposes that meet again cancel", () => {
  test("through elementwise ops", () => {
    expect(show(x, ({ x }) => x.transpose([2, 0, 1]).relu().exp().transpose([1, 2, 0]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[20, 30, 40]
      %1 = transpose(%0) {permutation=[2, 0, 1]} : float32[40, 20, 30]
      %2 = relu(%1) : float32[40, 20, 30]
      %3 = exp(%2) : float32[40, 20, 30]
      %4 = transpose(%3) {permutation=[1, 2, 0]} : float32[20, 30, 40]
      return output = %4
      =>
      %0 = input() "x" : float32[20, 30, 40]
      %1 = relu(%0) : float32[20, 30, 40]
      %2 = exp(%1) : float32[20, 30, 40]
      return output = %2
      "
    `);
  });
  test("through an operand of one axis, which gets axes of size 1", () => {
    expect(
      show({ x: [20, 30, 40], b: [30] }, ({ x, b }) => x.transpose([0, 2, 1]).add(b).tanh().transpose([0, 2, 1])),
    ).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[20, 30, 40]
      %1 = transpose(%0) {permutation=[0, 2, 1]} : float32[20, 40, 30]
      %2 = input() "b" : float32[30]
      %3 = add(%1, %2) : float32[20, 40, 30]
      %4 = tanh(%3) : float32[20, 40, 30]
      %5 = transpose(%4) {permutation=[0, 2, 1]} : float32[20, 30, 40]
      return output = %5
      =>
      %0 = input() "x" : float32[20, 30, 40]
      %1 = input() "b" : float32[30]
      %2 = reshape(%1) {shape=[1, 30, 1]} : float32[1, 30, 1]
      %3 = add(%0, %2) : float32[20, 30, 40]
      %4 = tanh(%3) : float32[20, 30, 40]
      return output = %4
      "
    `);
  });
  test("through reductions, whose axes are others then", () => {
    expect(
      show(x, ({ x }) => {
        const flipped = x.transpose([0, 2, 1]);
        return flipped.sub(flipped.max(2, true)).transpose([0, 2, 1]);
      }),
    ).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[20, 30, 40]
      %1 = transpose(%0) {permutation=[0, 2, 1]} : float32[20, 40, 30]
      %2 = reduceMax(%1) {axes=[2], keepDims=true} : float32[20, 40, 1]
      %3 = sub(%1, %2) : float32[20, 40, 30]
      %4 = transpose(%3) {permutation=[0, 2, 1]} : float32[20, 30, 40]
      return output = %4
      =>
      %0 = input() "x" : float32[20, 30, 40]
      %1 = reduceMax(%0) {axes=[1], keepDims=true} : float32[20, 1, 40]
      %2 = sub(%0, %1) : float32[20, 30, 40]
      return output = %2
      "
    `);
    expect(counts(x, ({ x }) => x.transpose([2, 0, 1]).sum(1).transpose())).toEqual([2, 0]);
  });
  test("through concat, slice, pad and reverse", () => {
    expect(
      show({ x: [20, 30], y: [20, 50] }, ({ x, y }) =>
        concat([x.transpose(), y.transpose()], 0).slice(0, 10, 20, 3).pad([1, 2], [3, 4]).reverse(0).transpose(),
      ),
    ).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[20, 30]
      %1 = transpose(%0) {permutation=[1, 0]} : float32[30, 20]
      %2 = input() "y" : float32[20, 50]
      %3 = transpose(%2) {permutation=[1, 0]} : float32[50, 20]
      %4 = concat(%1, %3) {axis=0} : float32[80, 20]
      %5 = slice(%4) {starts=[10, 0], sizes=[20, 20], steps=[3, 1]} : float32[20, 20]
      %6 = pad(%5) {low=[1, 2], high=[3, 4]} : float32[24, 26]
      %7 = reverse(%6) {axes=[0]} : float32[24, 26]
      %8 = transpose(%7) {permutation=[1, 0]} : float32[26, 24]
      return output = %8
      =>
      %0 = input() "x" : float32[20, 30]
      %1 = input() "y" : float32[20, 50]
      %2 = concat(%0, %1) {axis=1} : float32[20, 80]
      %3 = slice(%2) {starts=[0, 10], sizes=[20, 20], steps=[1, 3]} : float32[20, 20]
      %4 = pad(%3) {low=[2, 1], high=[4, 3]} : float32[26, 24]
      %5 = reverse(%4) {axes=[1]} : float32[26, 24]
      return output = %5
      "
    `);
  });
  test("through axes that are repeated", () => {
    expect(
      counts({ x: [20, 1, 40] }, ({ x }) => x.transpose([2, 1, 0]).expand([40, 5, 20]).exp().transpose([2, 1, 0])),
    ).toEqual([2, 0]);
  });
  test("through reshapes that only add or drop axes of size 1", () => {
    expect(
      show({ x: [20, 30] }, ({ x }) => x.transpose().reshape([30, 1, 20]).exp().transpose([2, 0, 1])),
    ).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[20, 30]
      %1 = transpose(%0) {permutation=[1, 0]} : float32[30, 20]
      %2 = reshape(%1) {shape=[30, 1, 20]} : float32[30, 1, 20]
      %3 = exp(%2) : float32[30, 1, 20]
      %4 = transpose(%3) {permutation=[2, 0, 1]} : float32[20, 30, 1]
      return output = %4
      =>
      %0 = input() "x" : float32[20, 30]
      %1 = reshape(%0) {shape=[20, 1, 30]} : float32[20, 1, 30]
      %2 = exp(%1) : float32[20, 1, 30]
      %3 = reshape(%2) {shape=[20, 30, 1]} : float32[20, 30, 1]
      return output = %3
      "
    `);
  });
  test("where some operands are comparisons", () => {
    expect(counts(pair, ({ x, y }) => where(x.transpose().less(y.transpose()), x.transpose(), 0).transpose())).toEqual([
      4, 0,
    ]);
  });
});

describe("fewer or smaller transposes", () => {
  test("two operands are transposed once, as their sum", () => {
    expect(show(pair, ({ x, y }) => x.transpose().add(y.transpose()))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[20, 30]
      %1 = transpose(%0) {permutation=[1, 0]} : float32[30, 20]
      %2 = input() "y" : float32[20, 30]
      %3 = transpose(%2) {permutation=[1, 0]} : float32[30, 20]
      %4 = add(%1, %3) : float32[30, 20]
      return output = %4
      =>
      %0 = input() "x" : float32[20, 30]
      %1 = input() "y" : float32[20, 30]
      %2 = add(%0, %1) : float32[20, 30]
      %3 = transpose(%2) {permutation=[1, 0]} : float32[30, 20]
      return output = %3
      "
    `);
  });
  test("three readers of one transpose change together", () => {
    expect(
      counts(pair, ({ x, y }) => {
        const flipped = x.transpose();
        return {
          a: flipped.exp().transpose(),
          b: flipped.mul(y.transpose()).transpose(),
          c: flipped.tanh().transpose(),
        };
      }),
    ).toEqual([5, 0]);
  });
  test("what a reduction leaves is transposed, not what it takes", () => {
    expect(show(x, ({ x }) => x.transpose([1, 0, 2]).sum(2))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[20, 30, 40]
      %1 = transpose(%0) {permutation=[1, 0, 2]} : float32[30, 20, 40]
      %2 = reduceSum(%1) {axes=[2], keepDims=false} : float32[30, 20]
      return output = %2
      =>
      %0 = input() "x" : float32[20, 30, 40]
      %1 = reduceSum(%0) {axes=[2], keepDims=false} : float32[20, 30]
      %2 = transpose(%1) {permutation=[1, 0]} : float32[30, 20]
      return output = %2
      "
    `);
  });
  test("what is to be repeated is transposed before", () => {
    expect(show({ x: [20, 30] }, ({ x }) => x.expand([9, 20, 30]).transpose([0, 2, 1]))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[20, 30]
      %1 = expand(%0) {shape=[9, 20, 30]} : float32[9, 20, 30]
      %2 = transpose(%1) {permutation=[0, 2, 1]} : float32[9, 30, 20]
      return output = %2
      =>
      %0 = input() "x" : float32[20, 30]
      %1 = reshape(%0) {shape=[1, 20, 30]} : float32[1, 20, 30]
      %2 = transpose(%1) {permutation=[0, 2, 1]} : float32[1, 30, 20]
      %3 = expand(%2) {shape=[9, 30, 20]} : float32[9, 30, 20]
      return output = %3
      "
    `);
  });
  test("small constants are, for constant folding to do it", () => {
    const row = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
    expect(counts({ x: [3, 2] }, ({ x }) => x.transpose().add(row).exp().transpose())).toEqual([2, 1]);
  });
});

describe("matrix products", () => {
  test("get a transpose next to them, to take as a flag", () => {
    expect(show({ x: [30, 20], y: [30, 40] }, ({ x, y }) => x.transpose().relu().matmul(y))).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[30, 20]
      %1 = transpose(%0) {permutation=[1, 0]} : float32[20, 30]
      %2 = relu(%1) : float32[20, 30]
      %3 = input() "y" : float32[30, 40]
      %4 = matmul(%2, %3) {transposeA=false, transposeB=false, alpha=1} : float32[20, 40]
      return output = %4
      =>
      %0 = input() "x" : float32[30, 20]
      %1 = relu(%0) : float32[30, 20]
      %2 = transpose(%1) {permutation=[1, 0]} : float32[20, 30]
      %3 = input() "y" : float32[30, 40]
      %4 = matmul(%2, %3) {transposeA=false, transposeB=false, alpha=1} : float32[20, 40]
      return output = %4
      "
    `);
    expect(
      show({ x: [20, 30], y: [30, 40] }, ({ x, y }) => x.matmul(y).mul(x.matmul(y).sigmoid()).transpose()),
    ).toMatchInlineSnapshot(`
      "%0 = input() "x" : float32[20, 30]
      %1 = input() "y" : float32[30, 40]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[20, 40]
      %3 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[20, 40]
      %4 = sigmoid(%3) : float32[20, 40]
      %5 = mul(%2, %4) : float32[20, 40]
      %6 = transpose(%5) {permutation=[1, 0]} : float32[40, 20]
      return output = %6
      =>
      %0 = input() "x" : float32[20, 30]
      %1 = input() "y" : float32[30, 40]
      %2 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[20, 40]
      %3 = transpose(%2) {permutation=[1, 0]} : float32[40, 20]
      %4 = matmul(%0, %1) {transposeA=false, transposeB=false, alpha=1} : float32[20, 40]
      %5 = transpose(%4) {permutation=[1, 0]} : float32[40, 20]
      %6 = sigmoid(%5) : float32[40, 20]
      %7 = mul(%3, %6) : float32[40, 20]
      return output = %7
      "
    `);
  });
  test("keep a transpose that is free where it stands", () => {
    const graph = graphOf({ x: [20, 30], y: [40, 30] }, ({ x, y }) => x.exp().matmul(y.exp().transpose()));
    expect(pushTransposes(graph)).toBe(graph);
  });
});

describe("unchanged stay", () => {
  test("a transpose that would come back elsewhere", () => {
    const graph = graphOf(pair, ({ x, y }) => ({ a: x.transpose().exp(), b: y }));
    expect(pushTransposes(graph)).toBe(graph);
    const mixed = graphOf({ x: [20, 30], y: [30, 20] }, ({ x, y }) => x.transpose().add(y));
    expect(pushTransposes(mixed)).toBe(mixed);
  });
  test("a transpose of heads between products", () => {
    const graph = graphOf({ x: [320, 60], y: [4, 3, 5, 5] }, ({ x, y }) =>
      y.matmul(x.reshape([4, 5, 3, 320]).transpose([0, 2, 1, 3])),
    );
    expect(pushTransposes(graph)).toBe(graph);
  });
  test("graphs without a transpose", () => {
    const graph = graphOf(pair, ({ x, y }) => x.add(y).sum());
    expect(pushTransposes(graph)).toBe(graph);
  });
});

test("two outputs in different orders take one transpose", () => {
  expect(
    counts(pair, ({ x }) => {
      const flipped = x.transpose().exp();
      return { flipped, straight: flipped.transpose() };
    }),
  ).toEqual([2, 1]);
});

test("a long chain is left with one at most", () => {
  const graph = graphOf({ x: [20, 30] }, ({ x }) => {
    let y = x;
    for (let i = 0; i < 201; i++) y = y.transpose().exp().add(y.transpose());
    return y;
  });
  const after = pushTransposes(graph);
  expect(nodesOf(after).filter((node) => isOp(node, "transpose")).length).toBe(1);
});
