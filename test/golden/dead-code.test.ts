import { expect, test } from "vitest";
import { grad } from "../../src/core/autodiff/index.ts";
import { optimize } from "../../src/core/compile/index.ts";
import { type Graph, nodesOf, printGraph } from "../../src/core/graph/index.ts";
import { trace } from "../../src/core/trace/index.ts";
import { evaluateConstants } from "../../src/engine/interpreter/index.ts";

const types = {
  params: { first: { dtype: "float32", shape: [4, 3] }, second: { dtype: "float32", shape: [1, 4] } },
  x: { dtype: "float32", shape: [2, 3] },
} as const;

/** Two layers, of which only the asked-for gradients are returned. */
function gradientGraph(wanted: readonly ("first" | "second")[]): Graph {
  return trace(types, ({ params, x }) => {
    const loss = x.matmul(params.first, { transposeB: true }).tanh().matmul(params.second, { transposeB: true }).mean();
    const gradients = grad(loss, params);
    return Object.fromEntries(wanted.map((name) => [name, gradients[name]]));
  }).graph;
}

/** A graph is what its outputs reach: the gradient that nobody returns, and the loss itself, are gone. */
test("an unused gradient and an unused value are no part of the optimized graph", async () => {
  const graph = optimize(gradientGraph(["second"]), evaluateConstants);
  await expect(printGraph(graph)).toMatchFileSnapshot("./dead-code.txt");
  const both = nodesOf(optimize(gradientGraph(["first", "second"]), evaluateConstants));
  expect(nodesOf(graph).length).toBeLessThan(both.length);
});

test("what only a removed node used goes with it, and unused inputs stay declared", () => {
  const { graph } = trace({ x: types.x, unused: types.x }, ({ x }) => ({
    y: x.exp().expand([2, 3]).slice(0, 0, 2).add(0),
  }));
  const optimized = optimize(graph, evaluateConstants);
  expect(printGraph(optimized)).toMatchInlineSnapshot(`
    "%0 = input() "x" : float32[2, 3]
    %1 = exp(%0) : float32[2, 3]
    return y = %1
    "
  `);
  expect(optimized.inputs.length).toBe(2);
});
