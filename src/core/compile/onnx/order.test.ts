import { describe, expect, test } from "vitest";
import { gradients } from "../../autodiff/index.ts";
import { type Graph, type Node, nodesOf } from "../../graph/index.ts";
import { type Tensor, trace } from "../../trace/index.ts";
import { fileOrder } from "./order.ts";

const square = { dtype: "float32", shape: [8, 8] } as const;

/** ONNX Runtime's order for a file of these nodes; test/platform holds the runtime to it. */
function runtimeOrder(file: readonly Node[]): Node[] {
  const places = new Map(file.map((node, place) => [node, place]));
  const read = new Set(file.flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  const order = new Set<Node>();
  const visit = (node: Node): void => {
    const inputs = node.inputs.map((input) => input.node);
    for (const input of inputs.sort((a, b) => (places.get(b) ?? 0) - (places.get(a) ?? 0))) {
      if (!order.has(input)) visit(input);
    }
    order.add(node);
  };
  for (const node of [...file].reverse()) if (!read.has(node)) visit(node);
  return [...order].filter(({ op }) => op !== "input" && op !== "constant");
}

/** A chain of layers with a step of gradient descent for each, its parameters in any order. */
function descent(names: readonly string[]): Graph {
  const parameters = Object.fromEntries(names.map((name) => [name, { weight: square }]));
  return trace({ x: square, parameters }, (args) => {
    const weights = Object.fromEntries(names.map((name) => [name, args.parameters[name].weight]));
    const sorted = [...names].sort();
    const output = sorted.reduce((x: Tensor, name) => x.matmul(weights[name]).tanh(), args.x);
    const loss = output.square().mean();
    const slopes = gradients(
      loss,
      names.map((name) => weights[name]),
    );
    return { ...Object.fromEntries(names.map((name, i) => [name, weights[name].sub(slopes[i].mul(0.1))])), loss };
  }).graph;
}

describe("the order in the file", () => {
  test("has each node once, after its inputs", () => {
    const graph = descent(["b", "d", "a", "c"]);
    const order = fileOrder(graph);
    expect(new Set(order)).toEqual(new Set(nodesOf(graph)));
    expect(order).toHaveLength(nodesOf(graph).length);
    const places = new Map(order.map((node, place) => [node, place]));
    for (const node of order) {
      for (const { node: input } of node.inputs) {
        expect(places.get(input)).toBeLessThan(places.get(node) ?? 0);
      }
    }
  });

  test.each([[["a", "b", "c", "d"]], [["d", "c", "b", "a"]], [["b", "d", "a", "c"]]])(
    "makes each layer's update follow its gradient, the last layer first, for parameters %j",
    (names) => {
      const order = runtimeOrder(fileOrder(descent(names)));
      const isEnd = (node: Node): boolean => !order.some(({ inputs }) => inputs.some((input) => input.node === node));
      const ends = order.filter(isEnd).map(({ op, path }) => (op === "sub" ? path : "loss"));
      expect(ends).toEqual(["loss", "d", "c", "b", "a"]);
      // When a layer is updated, no gradient of a layer before it has been made.
      const gradientsBy = order.flatMap(({ op, attrs, path }, place) =>
        op === "matmul" && "transposeA" in attrs && attrs.transposeA ? [{ path: path.slice(0, 1), place }] : [],
      );
      for (const { path, place } of gradientsBy) {
        const update = order.findIndex((node) => node.op === "sub" && node.path === path);
        expect(gradientsBy.filter((other) => other.place > place && other.place < update)).toEqual([]);
      }
    },
  );

  test("makes what is quickly made wait for what takes long", () => {
    const graph = trace({ x: square, mask: square }, ({ x, mask }) => {
      const scaled = mask.mul(2);
      return scaled.mul(x.exp().sin().cos().tanh());
    }).graph;
    const ops = runtimeOrder(fileOrder(graph)).map(({ op }) => op);
    expect(ops).toEqual(["exp", "sin", "cos", "tanh", "mul", "mul"]);
  });

  test("of a chain of 100,000 nodes does not overflow the stack", () => {
    const { graph } = trace({ x: square }, ({ x }) => {
      let y = x;
      for (let i = 0; i < 100_000; i++) y = y.add(y);
      return y;
    });
    expect(fileOrder(graph)).toHaveLength(100_001);
  });
});
