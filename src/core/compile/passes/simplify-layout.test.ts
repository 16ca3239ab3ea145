import { describe, expect, test } from "vitest";
import { graphOf, type Types } from "../../../../test/golden/show-pass.ts";
import { printGraph } from "../../graph/index.ts";
import { concat, type Tensor } from "../../trace/index.ts";
import { simplify } from "./simplify.ts";

/** The simplified graph, without its inputs and the return of its only output. */
function simplified<T extends Types>(types: T, fn: (args: { readonly [K in keyof T]: Tensor }) => Tensor): string[] {
  const lines = printGraph(simplify(graphOf(types, fn)))
    .trimEnd()
    .split("\n");
  return lines.filter((line) => !line.includes("= input()") && !line.startsWith("return"));
}

const x = { x: [6, 8] };
const pair = { a: [6, 3], b: [6, 5] };

describe("transposes", () => {
  test("of axes of size 1 only are reshapes", () => {
    expect(simplified({ x: [2, 1, 5] }, ({ x }) => x.transpose([1, 0, 2]))).toEqual([
      "%1 = reshape(%0) {shape=[1, 2, 5]} : float32[1, 2, 5]",
    ]);
    expect(simplified({ x: [1, 5] }, ({ x }) => x.transpose().transpose([1, 0]).transpose())).toEqual([
      "%1 = reshape(%0) {shape=[5, 1]} : float32[5, 1]",
    ]);
    expect(simplified({ x: [1, 5] }, ({ x }) => x.transpose().reshape([5]))).toEqual([
      "%1 = reshape(%0) {shape=[5]} : float32[5]",
    ]);
  });
  test("of others stay", () => {
    expect(simplified({ x: [2, 1, 5] }, ({ x }) => x.transpose([2, 1, 0])).length).toBe(1);
  });
});

describe("slices", () => {
  test("of a slice are one", () => {
    expect(simplified(x, ({ x }) => x.slice(0, 1, 5).slice(0, 2, 3))).toEqual([
      "%1 = slice(%0) {starts=[3, 0], sizes=[3, 8]} : float32[3, 8]",
    ]);
    expect(simplified(x, ({ x }) => x.slice(1, 1, 4, 2).slice(1, 0, 2, 3))).toEqual([
      "%1 = slice(%0) {starts=[0, 1], sizes=[6, 2], steps=[1, 6]} : float32[6, 2]",
    ]);
  });
  test("of a concat read the one part that they lie in", () => {
    expect(simplified(pair, ({ a, b }) => concat([a, b], 1).slice(1, 3, 5))).toEqual([]);
    expect(simplified(pair, ({ a, b }) => concat([a, b], 1).slice(1, 4, 2, 2))).toEqual([
      "%1 = slice(%0) {starts=[0, 1], sizes=[6, 2], steps=[1, 2]} : float32[6, 2]",
    ]);
    expect(simplified(pair, ({ a, b }) => concat([a, b], 1).slice(1, 2, 2)).length).toBe(2);
  });
  test("of a padded tensor read the tensor", () => {
    expect(simplified(x, ({ x }) => x.pad([2, 0], [0, 0]).slice(0, 2, 6))).toEqual([]);
    expect(simplified(x, ({ x }) => x.padReflect([0, 1], [0, 1]).slice(1, 3, 2))).toEqual([
      "%1 = slice(%0) {starts=[0, 2], sizes=[6, 2]} : float32[6, 2]",
    ]);
    expect(simplified(x, ({ x }) => x.pad([2, 0], [0, 0]).slice(0, 1, 6)).length).toBe(2);
  });
  test("of repeated axes repeat less", () => {
    expect(simplified({ x: [1, 8] }, ({ x }) => x.expand([6, 8]).slice(0, 1, 3))).toEqual([
      "%1 = expand(%0) {shape=[3, 8]} : float32[3, 8]",
    ]);
    expect(simplified({ x: [1, 8] }, ({ x }) => x.expand([6, 8]).slice(1, 2, 3))).toEqual([
      "%1 = slice(%0) {starts=[0, 2], sizes=[1, 3]} : float32[1, 3]",
      "%2 = expand(%1) {shape=[6, 3]} : float32[6, 3]",
    ]);
  });
  test("that take nothing stay", () => {
    expect(simplified(x, ({ x }) => x.pad([2, 0], [0, 0]).slice(0, 8, 0)).length).toBe(2);
  });
});

describe("joins", () => {
  test("of joined parts are one, without empty parts", () => {
    expect(simplified({ ...pair, c: [6, 0] }, ({ a, b, c }) => concat([concat([a, b], 1), c, a], 1))).toEqual([
      "%2 = concat(%0, %1, %0) {axis=1} : float32[6, 11]",
    ]);
  });
  test("along another axis stay", () => {
    expect(simplified(pair, ({ a, b }) => concat([concat([a, b], 1), concat([b, a], 1)], 0)).length).toBe(3);
  });
  test("of neighboring blocks of one tensor are a block of it", () => {
    expect(simplified(x, ({ x }) => concat(x.split([3, 2, 3]), 1))).toEqual([]);
    expect(simplified(x, ({ x }) => concat([x.slice(1, 1, 3), x.slice(1, 4, 2)], 1))).toEqual([
      "%1 = slice(%0) {starts=[0, 1], sizes=[6, 5]} : float32[6, 5]",
    ]);
  });
  test("of blocks in another order, or apart, stay", () => {
    expect(simplified(x, ({ x }) => concat(x.split(2).reverse(), 1)).length).toBe(3);
    expect(simplified(x, ({ x }) => concat([x.slice(1, 1, 3), x.slice(1, 5, 2)], 1)).length).toBe(3);
    expect(simplified(x, ({ x }) => concat([x.slice(1, 0, 3, 2), x.slice(1, 3, 2)], 1)).length).toBe(3);
  });
});

describe("borders and reversal", () => {
  test("around borders of the same number are one", () => {
    expect(simplified(x, ({ x }) => x.pad([1, 0], [0, 2]).pad([1, 1], [1, 0]))).toEqual([
      "%1 = pad(%0) {low=[2, 1], high=[1, 2]} : float32[9, 11]",
    ]);
  });
  test("of another number, or mirrored, stay", () => {
    expect(simplified(x, ({ x }) => x.pad([1, 0], [0, 2], 3).pad([1, 1], [1, 0])).length).toBe(2);
    expect(simplified(x, ({ x }) => x.padEdge([1, 0], [0, 2]).padEdge([1, 1], [1, 0])).length).toBe(2);
  });
  test("twice reversed is as it was, along the axes that are", () => {
    expect(simplified(x, ({ x }) => x.reverse([0, 1]).reverse(1))).toEqual([
      "%1 = reverse(%0) {axes=[0]} : float32[6, 8]",
    ]);
    expect(simplified(x, ({ x }) => x.reverse(0).reverse(0))).toEqual([]);
    expect(simplified({ x: [1, 8] }, ({ x }) => x.reverse(0))).toEqual([]);
  });
  test("repeated twice is once", () => {
    expect(simplified({ x: [1, 8] }, ({ x }) => x.expand([3, 8]).expand([2, 3, 8]))).toEqual([
      "%1 = expand(%0) {shape=[2, 3, 8]} : float32[2, 3, 8]",
    ]);
  });
});
