import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leavesOf, mapTree, type Tree, treeFromLeaves } from "./tree.ts";

const parameters = { encoder: [{ weight: 1, bias: 2 }, { weight: 3 }], scale: 4 };

test("leaves come in the order in which they were written, named by their path", () => {
  expect(leavesOf<number>(parameters)).toEqual([
    { path: "encoder.0.weight", value: 1 },
    { path: "encoder.0.bias", value: 2 },
    { path: "encoder.1.weight", value: 3 },
    { path: "scale", value: 4 },
  ]);
  expect(leavesOf<number>({ b: 1, a: 2 }, "params").map(({ path }) => path)).toEqual(["params.b", "params.a"]);
  expect(leavesOf<number>(7)).toEqual([{ path: "", value: 7 }]);
});

describe("what is a leaf", () => {
  test("typed arrays, class instances, null and descriptions with a dtype", () => {
    const description = { dtype: "float32", shape: [2] };
    const leaves = [new Float32Array(2), new Date(0), null, description];
    expect(leavesOf<unknown>(leaves as Tree<unknown>).map(({ value }) => value)).toEqual(leaves);
  });
  test("records without a prototype are branches, empty branches have no leaves", () => {
    const bare = Object.assign(Object.create(null) as Record<string, number>, { x: 1 });
    expect(leavesOf<number>({ bare, none: {}, nothing: [] })).toEqual([{ path: "bare.x", value: 1 }]);
  });
});

test("mapTree keeps the structure and gives each leaf's path", () => {
  expect(mapTree<number, string>(parameters, (leaf, path) => `${path}=${leaf}`)).toEqual({
    encoder: [{ weight: "encoder.0.weight=1", bias: "encoder.0.bias=2" }, { weight: "encoder.1.weight=3" }],
    scale: "scale=4",
  });
});

test("a tree is its structure and its leaves", () => {
  const trees = fc.letrec<{ tree: Tree<number> }>((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.array(tie("tree")), fc.dictionary(fc.string(), tie("tree"))),
  })).tree;
  fc.assert(
    fc.property(trees, (tree) => {
      const leaves = leavesOf<number>(tree).map(({ value }) => value);
      expect(treeFromLeaves<number, number>(tree, leaves)).toEqual(tree);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("another number of leaves is an error", () => {
  expect(() => treeFromLeaves(parameters, [1, 2, 3])).toThrow("tree: 3 leaves for a structure of 4");
  expect(() => treeFromLeaves(parameters, [1, 2, 3, 4, 5])).toThrow("tree: 5 leaves for a structure of 4");
});
