import { expect, test } from "vitest";
import { graphOf } from "../../../../test/golden/show-pass.ts";
import type { Tensor } from "../../trace/index.ts";
import { lowerGraph } from "./lower.ts";

const operators = (shape: readonly number[], cut: (x: Tensor) => readonly Tensor[]): readonly string[] =>
  lowerGraph(
    graphOf({ x: [...shape] }, ({ x }) => Object.fromEntries(cut(x).map((part, i) => [`part${i}`, part.neg()]))),
    { contrib: false },
  ).nodes.map(({ opType }) => opType);

test("slices that are a whole tensor together are one Split, in whatever order", () => {
  const split = operators([5, 2], (x) => [x.slice(0, 3, 2), x.slice(0, 0, 1), x.slice(0, 1, 2)]);
  expect(split).toEqual(["Split", "Neg", "Neg", "Neg"]);
});

test.each<[string, readonly number[], (x: Tensor) => readonly Tensor[]]>([
  ["leave something out", [5], (x) => [x.slice(0, 0, 2), x.slice(0, 2, 2)]],
  ["overlap", [5], (x) => [x.slice(0, 0, 3), x.slice(0, 2, 3)]],
  ["are cut along an inner axis", [2, 4], (x) => [x.slice(1, 0, 2), x.slice(1, 2, 2)]],
  ["are taken in steps", [4], (x) => [x.slice(0, 0, 2, 2), x.slice(0, 1, 2, 2)]],
])("slices that %s stay slices", (_, shape, cut) => {
  expect(operators(shape, cut).filter((op) => op === "Split")).toEqual([]);
});
