import { describe, expect, test } from "vitest";
import { graphOf, type Types } from "../../../../test/golden/show-pass.ts";
import type { Tensor } from "../../trace/index.ts";
import { overwritesOf } from "./in-place.ts";
import { lowerGraph } from "./lower.ts";

/** Whether each output may overwrite the input of the same place. */
function overwrites<T extends Types>(types: T, fn: (args: { readonly [K in keyof T]: Tensor }) => readonly Tensor[]) {
  const graph = graphOf(types, (args) => Object.fromEntries(fn(args).map((tensor, i) => [`y${i}`, tensor])));
  const ask = overwritesOf(lowerGraph(graph, { contrib: true }));
  return graph.outputs.map((_, i) => ask(i, i));
}

const four = { x: [4], g: [4] };

describe("an output overwrites", () => {
  test("what it is made of, element by element", () => {
    expect(overwrites(four, ({ x, g }) => [x.add(g)])).toEqual([true]);
    expect(overwrites(four, ({ x, g }) => [g.mul(3).sub(x.mul(x))])).toEqual([true]);
    expect(overwrites(four, ({ x, g }) => [x.add(g.sub(x).mul(0.1))])).toEqual([true]);
  });
  test("what is copied to it unchanged, whoever reads it besides", () => {
    expect(overwrites(four, ({ x, g }) => [x, g.mul(x.exp())])).toEqual([true, true]);
  });
  test("what its own reader has turned round before", () => {
    expect(overwrites({ x: [2, 2], g: [2, 2] }, ({ x, g }) => [x.matmul(g).transpose().mul(2)])).toEqual([true]);
  });
});

describe("an output does not overwrite", () => {
  test("what something else is made of", () => {
    expect(overwrites(four, ({ x, g }) => [x.add(g), x.exp()])).toEqual([false, false]);
    expect(overwrites(four, ({ x, g }) => [x.mul(2).add(g), x.mul(2)])).toEqual([false, false]);
    expect(overwrites(four, ({ x, g }) => [g.add(x), x.add(g.mul(2))])).toEqual([false, false]);
  });
  test("what another input was", () => {
    const ask = overwritesOf(
      lowerGraph(
        graphOf(four, ({ x, g }) => x.mul(2).add(g.exp())),
        { contrib: true },
      ),
    );
    expect([ask(0, 0), ask(0, 1)]).toEqual([true, true]);
    expect([ask(1, 0), ask(0, 2)]).toEqual([false, false]);
  });
  test("another type or shape, even of as many bytes", () => {
    expect(overwrites({ x: [4, 1], g: [4] }, ({ x, g }) => [x.reshape([4]).add(g)])).toEqual([false]);
    expect(overwrites({ x: [4], g: [3, 4] }, ({ x, g }) => [x.add(g)])).toEqual([false]);
    const whole = { x: { dtype: "int32", shape: [4] }, g: [4] } as const;
    expect(overwrites(whole, ({ x, g }) => [x.cast("float32").add(g)])).toEqual([false]);
  });
  test("by a kernel that may read after it has written", () => {
    expect(overwrites({ x: [4, 4], g: [4, 4] }, ({ x, g }) => [x.matmul(g)])).toEqual([false]);
    expect(overwrites(four, ({ x }) => [x.softmax().exp()])).toEqual([false]);
  });
});
