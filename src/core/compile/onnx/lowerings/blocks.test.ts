/** How graphs are spelled for a runtime with blocked convolutions. What the operators compute is conformance's matter. */

import { describe, expect, test } from "vitest";
import { graphOf, type Types } from "../../../../../test/golden/show-pass.ts";
import { apply, type Tensor } from "../../../trace/index.ts";
import { lowerGraph } from "../lower.ts";

const block = 16;

/** Operators but for Reshape, with the domain of those that are not standard. */
function operatorsOf<T extends Types>(types: T, fn: (args: { readonly [K in keyof T]: Tensor }) => Tensor): string[] {
  const { nodes } = lowerGraph(graphOf(types, fn), { contrib: true, convolutionBlock: block });
  return nodes
    .filter(({ opType }) => opType !== "Reshape")
    .map(({ opType, domain }) => (domain === "" ? opType : `${domain}.${opType}`));
}

describe("axes in another order", () => {
  test.each<[string, readonly number[], readonly number[], string]>([
    ["rows by the block", [3, 16, 5], [0, 2, 1], "com.microsoft.nchwc.ReorderInput"],
    ["columns by the block", [3, 5, 16], [0, 2, 1], "com.microsoft.nchwc.ReorderOutput"],
    ["one matrix", [16, 9], [1, 0], "com.microsoft.nchwc.ReorderInput"],
    ["axes that stay together", [2, 16, 3, 1, 5], [0, 2, 3, 4, 1], "com.microsoft.nchwc.ReorderInput"],
    ["no axis as long as the block", [3, 8, 5], [0, 2, 1], "Transpose"],
    ["three parts", [2, 16, 3], [2, 1, 0], "Transpose"],
    ["outer axes", [16, 3, 5], [1, 0, 2], "Transpose"],
    ["nothing", [0, 16, 5], [0, 2, 1], "Identity"],
  ])("%s", (_, shape, permutation, operator) => {
    expect(operatorsOf({ x: shape }, ({ x }) => x.transpose(permutation))).toEqual([operator]);
  });

  test("of whole numbers", () => {
    const types = { x: { dtype: "int32", shape: [3, 16, 5] } } as const;
    expect(operatorsOf(types, ({ x }) => x.transpose([0, 2, 1]))).toEqual(["Transpose"]);
  });
});

describe("operands that are repeated", () => {
  test("longer before they are, where that costs little", () => {
    const image = [4, 2, 8, 8, 16];
    const product = (shape: readonly number[]): string[] => operatorsOf({ x: image, y: shape }, ({ x, y }) => x.mul(y));
    expect(product([2, 1, 1, 16])).toEqual(["Expand", "Mul"]);
    expect(product([4, 2, 1, 1, 16])).toEqual(["Expand", "Mul"]);
    expect(product([2, 1, 8, 16])).toEqual(["Mul"]);
    expect(product([4, 1, 1, 1, 1])).toEqual(["Mul"]);
    expect(product(image)).toEqual(["Mul"]);
    expect(operatorsOf({ x: [2, 4, 2, 16], y: [1, 4, 1, 16] }, ({ x, y }) => x.add(y))).toEqual(["Add"]);
  });

  test("not for other runtimes", () => {
    const graph = graphOf({ x: [4, 2, 8, 8, 16], y: [2, 1, 1, 16] }, ({ x, y }) => x.mul(y));
    expect(lowerGraph(graph, { contrib: true }).nodes.map(({ opType }) => opType)).toEqual(["Mul"]);
  });
});

test("sums over axes that alternate are taken in two steps, others in one", () => {
  const sums = (shape: readonly number[], axes: readonly number[]): string[] =>
    operatorsOf({ x: shape }, ({ x }) => x.sum(axes));
  expect(sums([4, 2, 8, 8, 16], [0, 2, 3])).toEqual(["ReduceSum", "ReduceSum"]);
  expect(sums([4, 16, 8, 8], [0, 2, 3])).toEqual(["ReduceSum"]);
  expect(sums([4, 2, 8, 8, 16], [2, 3])).toEqual(["ReduceSum"]);
  expect(sums([1, 2, 8, 8, 16], [0, 2, 3])).toEqual(["ReduceSum"]);
});

test("a blocked convolution is one operator of the runtime, where the block is the runtime's", () => {
  const operators = (size: number): string[] => {
    const attrs = {
      stride: [1, 1],
      padding: [0, 0, 0, 0],
      dilation: [1, 1],
      bias: true,
      sum: true,
      relu: true,
    } as const;
    const types = { x: [1, 2, 5, 5, size], w: [1, 2, 2, 2, size, size], bias: [1, size], sum: [1, 1, 4, 4, size] };
    return operatorsOf(types, ({ x, w, bias, sum }) => apply("blockedConv2d", [x, w, bias, sum], attrs));
  };
  expect(operators(block)).toEqual(["com.microsoft.nchwc.Conv"]);
  expect(operators(8)).toEqual(["Transpose", "Transpose", "Conv", "Transpose", "Add", "Relu"]);
});
