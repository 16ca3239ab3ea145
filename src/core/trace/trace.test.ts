import { expect, expectTypeOf, test } from "vitest";
import type { TensorType } from "../graph/index.ts";
import type { Tensor } from "./tensor.ts";
import { trace, typesOf } from "./trace.ts";

const types = {
  params: { layers: [{ weight: { dtype: "float32", shape: [3, 4] } }], bias: { dtype: "float32", shape: [3] } },
  x: { dtype: "float32", shape: [2, 4] },
} as const;

test("inputs are the leaves of all arguments in order, outputs those of the result", () => {
  const { graph, output } = trace(types, ({ params, x }) => {
    const y = x.matmul(params.layers[0].weight, { transposeB: true }).add(params.bias);
    return { y, parts: [y.sum(), x] };
  });
  expect(graph.inputs.map(({ node }) => (node.attrs as { readonly name: string }).name)).toEqual([
    "params.layers.0.weight",
    "params.bias",
    "x",
  ]);
  expect(graph.outputs.map(({ name, value }) => [name, value.shape])).toEqual([
    ["y", [2, 3]],
    ["parts.0", []],
    ["parts.1", [2, 4]],
  ]);
  expect(output.y.value).toBe(graph.outputs[0].value);
  expectTypeOf(output.y).toEqualTypeOf<Tensor>();
});

test("a single result is named output", () => {
  expect(trace({ x: types.x }, ({ x }) => x.neg()).graph.outputs[0].name).toBe("output");
});

test("an argument that is not used is an input all the same", () => {
  expect(trace(types, ({ x }) => x).graph.inputs.length).toBe(3);
});

test("an error inside names the layer", () => {
  expect(() => trace(types, ({ params, x }) => x.matmul(params.layers[0].weight))).toThrow(
    "layers.0: matmul: inner sizes differ, [2, 4] x [3, 4]; the right operand must be [4, n]",
  );
});

test("typesOf describes a tree of tensors", () => {
  const { output } = trace(types, ({ params, x }) => ({ params, x }));
  const described = typesOf(output);
  expect(described).toEqual(types);
  expectTypeOf(described.x).toEqualTypeOf<TensorType>();
});
