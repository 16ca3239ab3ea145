import { describe, expect, test } from "vitest";
import { graphOf } from "../../../../test/golden/show-pass.ts";
import { interpret } from "../../../engine/interpreter/index.ts";
import { keyFromSeed, randomUniform, sizeOf } from "../../base/index.ts";
import { type Graph, nodesOf, type OpName, verifyGraph } from "../../graph/index.ts";
import type { Tensor } from "../../trace/index.ts";
import { foldIntoBlockedAffine } from "./fold-into-blocked-affine.ts";

const block = 2;
/** Images, numbers for each channel of all examples, and of each example. */
const types = { x: [3, 2, 4, 5, block], y: [3, 2, 4, 5, block], all: [2, 1, 1, block], each: [3, 2, 1, 1, block] };
type Arguments = Readonly<Record<keyof typeof types, Tensor>>;

/** The graph after the pass, which computes what the one before does. */
function folded(fn: (args: Arguments) => Tensor | Readonly<Record<string, Tensor>>, of = block): Graph {
  const graph = graphOf(types, fn);
  const after = verifyGraph(foldIntoBlockedAffine(graph, of), "folding");
  const inputs = graph.inputs.map(({ shape }, seed) => ({
    dtype: "float32" as const,
    shape,
    data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => 2 * randomUniform(keyFromSeed(seed), i) - 1),
  }));
  const seen = interpret(after, inputs);
  interpret(graph, inputs).forEach(({ data }, output) => {
    data.forEach((number, i) => {
      expect(seen[output].data[i]).toBeCloseTo(number, 12);
    });
  });
  return after;
}

/** Attributes of what was folded, and the ops left that it could have taken. */
function summary(graph: Graph): { readonly affine: readonly object[]; readonly left: readonly OpName[] } {
  const nodes = nodesOf(graph);
  return {
    affine: nodes.flatMap(({ op, attrs }) => (op === "blockedAffine" ? [attrs] : [])),
    left: nodes.flatMap(({ op }) => (["mul", "add", "relu"].includes(op) ? [op] : [])),
  };
}

const none = { bias: false, sum: false, relu: false };

describe("one node for", () => {
  test.each<[string, (args: Arguments) => Tensor, object]>([
    ["a scale and a shift", ({ x, all }) => x.mul(all).add(all), { bias: true }],
    ["in any order, for each example", ({ x, each }) => each.add(each.mul(x)), { bias: true }],
    ["a scale of all and a shift of each", ({ x, all, each }) => x.mul(all).add(each), { bias: true }],
    ["a scale of each and a shift of all", ({ x, all, each }) => x.mul(each).add(all), { bias: true }],
    ["a scale and another image", ({ x, y, all }) => y.add(x.mul(all)), { sum: true }],
    ["all of it", ({ x, y, all, each }) => x.mul(all).add(y).add(each).relu(), { bias: true, sum: true, relu: true }],
    ["a shift, then relu", ({ x, all }) => x.mul(all).add(all).relu(), { bias: true, relu: true }],
  ])("%s", (_, fn, attrs) => {
    expect(summary(folded(fn))).toEqual({ affine: [{ ...none, ...attrs }], left: [] });
  });
});

describe("stay as they are", () => {
  test.each<[string, (args: Arguments) => Tensor | Record<string, Tensor>, readonly OpName[]]>([
    ["a scale alone, and with relu", ({ x, all }) => x.mul(all).relu(), ["mul", "relu"]],
    ["a shift alone", ({ x, all }) => x.add(all).relu(), ["add", "relu"]],
    ["numbers for each place", ({ x, y, all }) => x.mul(y.sum([0, 1], true)).add(all), ["mul", "add"]],
    ["a product that something else uses", ({ x, all }) => ((z) => ({ z, w: z.add(all) }))(x.mul(all)), ["mul", "add"]],
    ["products of images", ({ x, y, all }) => x.mul(y).add(all), ["mul", "add"]],
  ])("%s", (_, fn, left) => {
    expect(summary(folded(fn))).toEqual({ affine: [], left });
  });

  test("tensors with another last axis", () => {
    expect(summary(folded(({ x, all }) => x.mul(all).add(all), 3)).affine).toEqual([]);
  });
});

describe("a sum over places of two scaled images", () => {
  test("is taken apart, so that what is made of it can be added in the same pass", () => {
    const graph = folded(({ x, y, each }) => {
      const z = x.mul(each).add(y.mul(each.neg()));
      return z.add(z.sum([2, 3], true));
    });
    expect(summary(graph).affine).toEqual([{ bias: true, sum: true, relu: false }]);
    const images = nodesOf(graph).filter(({ op, outputs }) => op === "add" && outputs[0].shape[2] === 4);
    expect(images).toEqual([]);
  });

  test("not where the scales change along its axes", () => {
    const graph = folded(({ x, y, each }) => x.mul(each).add(y.mul(each)).sum([0, 2, 3], true));
    expect(nodesOf(graph).filter(({ op }) => op === "reduceSum")).toHaveLength(1);
  });
});
