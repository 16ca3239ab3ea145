import { describe, expect, test } from "vitest";
import { graphOf, showPass, type Types } from "../../../../test/golden/show-pass.ts";
import { gradients } from "../../autodiff/index.ts";
import { nodesOf } from "../../graph/index.ts";
import type { Tensor } from "../../trace/index.ts";
import { joinBlocks } from "./join-blocks.ts";

type Result = Tensor | Readonly<Record<string, Tensor>>;

function show<T extends Types>(types: T, fn: (args: { readonly [K in keyof T]: Tensor }) => Result): string {
  return showPass(joinBlocks, types, fn);
}

/** The ops of the graph after the pass, but for inputs. */
function opsOf<T extends Types>(types: T, fn: (args: { readonly [K in keyof T]: Tensor }) => Result): string[] {
  const graph = joinBlocks(graphOf(types, fn));
  return nodesOf(graph).flatMap(({ op }) => (op === "input" ? [] : [op]));
}

const parts = { a: [2, 3], b: [2, 1], c: [2, 2] };

/** A part of [2, 6] from column `start` on, zeros around it. */
function at(part: Tensor, start: number): Tensor {
  return part.pad([0, start], [0, 6 - start - part.shape[1]]);
}

describe("blocks side by side", () => {
  test("become one concat, in whatever order they are added", () => {
    expect(show(parts, ({ a, b, c }) => at(c, 4).add(at(a, 0)).add(at(b, 3)))).toMatchInlineSnapshot(`
      "%0 = input() "c" : float32[2, 2]
      %1 = pad(%0) {low=[0, 4], high=[0, 0]} : float32[2, 6]
      %2 = input() "a" : float32[2, 3]
      %3 = pad(%2) {low=[0, 0], high=[0, 3]} : float32[2, 6]
      %4 = add(%1, %3) : float32[2, 6]
      %5 = input() "b" : float32[2, 1]
      %6 = pad(%5) {low=[0, 3], high=[0, 2]} : float32[2, 6]
      %7 = add(%4, %6) : float32[2, 6]
      return output = %7
      =>
      %0 = input() "a" : float32[2, 3]
      %1 = input() "b" : float32[2, 1]
      %2 = input() "c" : float32[2, 2]
      %3 = concat(%0, %1, %2) {axis=1} : float32[2, 6]
      return output = %3
      "
    `);
  });
  test("that leave room at the ends are padded together", () => {
    expect(show(parts, ({ b, c }) => at(b, 1).add(at(c, 2)))).toMatchInlineSnapshot(`
      "%0 = input() "b" : float32[2, 1]
      %1 = pad(%0) {low=[0, 1], high=[0, 4]} : float32[2, 6]
      %2 = input() "c" : float32[2, 2]
      %3 = pad(%2) {low=[0, 2], high=[0, 2]} : float32[2, 6]
      %4 = add(%1, %3) : float32[2, 6]
      return output = %4
      =>
      %0 = input() "b" : float32[2, 1]
      %1 = input() "c" : float32[2, 2]
      %2 = concat(%0, %1) {axis=1} : float32[2, 3]
      %3 = pad(%2) {low=[0, 1], high=[0, 2]} : float32[2, 6]
      return output = %3
      "
    `);
  });
  test("have zeros between them where there is a gap", () => {
    expect(show(parts, ({ b, c }) => at(b, 0).add(at(c, 4)))).toMatchInlineSnapshot(`
      "%0 = input() "b" : float32[2, 1]
      %1 = pad(%0) {low=[0, 0], high=[0, 5]} : float32[2, 6]
      %2 = input() "c" : float32[2, 2]
      %3 = pad(%2) {low=[0, 4], high=[0, 0]} : float32[2, 6]
      %4 = add(%1, %3) : float32[2, 6]
      return output = %4
      =>
      %0 = input() "b" : float32[2, 1]
      %1 = constant() {0} : float32[]
      %2 = expand(%1) {shape=[2, 3]} : float32[2, 3]
      %3 = input() "c" : float32[2, 2]
      %4 = concat(%0, %2, %3) {axis=1} : float32[2, 6]
      return output = %4
      "
    `);
  });
  test("leave the other terms of the sum", () => {
    expect(opsOf({ ...parts, x: [2, 6] }, ({ a, b, x }) => at(a, 0).add(x).add(at(b, 3)))).toEqual([
      "concat",
      "pad",
      "add",
    ]);
  });
  test("are joined for each axis apart", () => {
    const types = { a: [2, 3], b: [2, 3], c: [1, 6], d: [1, 6] };
    expect(
      opsOf(types, ({ a, b, c, d }) =>
        at(a, 0)
          .add(c.pad([0, 0], [1, 0]))
          .add(at(b, 3))
          .add(d.pad([1, 0], [0, 0])),
      ),
    ).toEqual(["concat", "concat", "add"]);
  });
});

describe("stay as they are", () => {
  const unchanged = <T extends Types>(types: T, fn: (args: { readonly [K in keyof T]: Tensor }) => Result): void => {
    const graph = graphOf(types, fn);
    expect(joinBlocks(graph).outputs).toEqual(graph.outputs);
  };
  test("blocks that overlap", () => {
    unchanged(parts, ({ a, b }) => at(a, 0).add(at(b, 2)));
    unchanged(parts, ({ a }) => at(a, 0).add(at(a, 0)));
  });
  test("borders that are not 0, or mirrored", () => {
    unchanged(parts, ({ b, c }) => b.pad([0, 0], [0, 2], 1).add(c.pad([0, 1], [0, 0])));
    unchanged({ a: [2, 4], c: [2, 2] }, ({ a, c }) => a.padReflect([0, 0], [0, 2]).add(c.pad([0, 4], [0, 0])));
  });
  test("blocks along two axes, and those that a sum repeats", () => {
    unchanged({ a: [1, 3], b: [1, 3] }, ({ a, b }) => a.pad([0, 0], [1, 3]).add(b.pad([1, 3], [0, 0])));
    unchanged({ a: [3], b: [2, 3] }, ({ a, b }) => a.pad([0], [3]).add(b.pad([0, 3], [0, 0])));
  });
  test("products and differences", () => {
    unchanged(parts, ({ a, c }) => at(a, 0).mul(at(c, 4)));
    unchanged(parts, ({ a, c }) => at(a, 0).sub(at(c, 4)));
  });
});

test("one block that overlaps another is added to those that fit", () => {
  expect(opsOf(parts, ({ a, b, c }) => at(a, 0).add(at(b, 2)).add(at(c, 4)))).toEqual([
    "constant",
    "expand",
    "concat",
    "pad",
    "add",
  ]);
});

test("a sum that something else reads stays, and is a block for the sum that it goes into", () => {
  const ops = opsOf(parts, ({ a, b, c }) => {
    const inner = at(a, 0).add(at(b, 3));
    return { inner, sum: inner.add(at(c, 4)) };
  });
  expect(ops).toEqual(["concat", "pad", "concat"]);
});

test("the gradient of a split is a concat", () => {
  const graph = graphOf({ x: [2, 6] }, ({ x }) => {
    const [a, b, c] = x.split(3);
    return gradients(a.mul(b).add(c.exp()).sum(), [x])[0];
  });
  const ops = nodesOf(joinBlocks(graph)).map(({ op }) => op);
  expect(ops.filter((op) => op === "concat").length).toBe(1);
  expect(ops).not.toContain("pad");
});
