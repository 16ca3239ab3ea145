import { describe, expect, test } from "vitest";
import type { Shape } from "../base/index.ts";
import {
  constantOf,
  constantValue,
  emit,
  emitValue,
  type Graph,
  inputValue,
  isOp,
  nodesInOrder,
  nodesOf,
  rewriteGraph,
  uniformConstant,
  type Value,
} from "./node.ts";

function input(name: string, ...shape: number[]): Value {
  return inputValue(name, { dtype: "float32", shape });
}

function graphOf(inputs: readonly Value[], ...outputs: Value[]): Graph {
  return { inputs, outputs: outputs.map((value, i) => ({ name: `out${i}`, value })) };
}

const plain = { transposeA: false, transposeB: false, alpha: 1 };

describe("paths", () => {
  test("an input's path leaves out its argument and its own name", () => {
    const paths = ["params.encoder.0.weight", "batch.images", "x", "params.weight"].map(
      (name) => input(name).node.path,
    );
    expect(paths).toEqual(["encoder.0", "", "", ""]);
  });

  test("an error names the layer of the parameter, and both shapes", () => {
    const images = input("batch.images", 32, 784);
    const weight = input("params.decoder.linear1.weight", 512, 10);
    expect(() => emit("matmul", [images, weight], plain)).toThrow(
      "decoder.linear1: matmul: inner sizes differ, [32, 784] x [512, 10]; the right operand must be [784, n]",
    );
  });

  test("a parameter's path wins over that of an earlier result; results inherit", () => {
    const first = emitValue("neg", [input("params.first.weight", 2)], {});
    const second = emitValue("add", [first, input("params.second.bias", 2)], {});
    expect([first, second, emitValue("exp", [second], {})].map(({ node }) => node.path)).toEqual([
      "first",
      "second",
      "second",
    ]);
    expect(emitValue("exp", [second], {}, "given").node.path).toBe("given");
  });
});

test("isOp narrows a node to its op", () => {
  const { node } = constantValue("float32", [], [2]);
  expect(isOp(node, "constant") && node.attrs.data[0]).toBe(2);
  expect(isOp(node, "input")).toBe(false);
});

test("a defect in a shape rule is not dressed up as a user's error", () => {
  expect(() => emit("neg", [undefined as unknown as Value], {})).toThrow(TypeError);
});

test("uniformConstant: the one number of a constant", () => {
  const of = (shape: Shape, ...numbers: number[]): number | undefined =>
    uniformConstant(constantValue("float32", shape, numbers));
  expect(of([], 3)).toBe(3);
  expect(of([3], 2, 2, 2)).toBe(2);
  expect(of([2], 2, 3)).toBeUndefined();
  expect(of([0])).toBeUndefined();
  expect(uniformConstant(constantOf({ dtype: "int64", shape: [2] }, BigInt64Array.of(5n, 5n)))).toBe(5);
  expect(uniformConstant(constantValue("float16", [2], [0.5, 0.5]))).toBe(0.5);
  expect(uniformConstant(constantValue("float32", [4096], new Array(4096).fill(1)))).toBe(1);
  expect(uniformConstant(constantValue("float32", [4097], new Array(4097).fill(1)))).toBeUndefined();
  expect(uniformConstant(input("x"))).toBeUndefined();
});

test("uniformConstant looks through what repeats or negates a number", () => {
  const three = constantValue("float32", [1], [3]);
  const repeated = emitValue("expand", [emitValue("reshape", [three], { shape: [] })], { shape: [2, 3] });
  expect(uniformConstant(emitValue("neg", [repeated], {}))).toBe(-3);
  expect(uniformConstant(emitValue("exp", [repeated], {}))).toBeUndefined();
  expect(uniformConstant(emitValue("neg", [input("x")], {}))).toBeUndefined();
});

describe("nodesInOrder", () => {
  test("inputs come before users, each node once, unused nodes not at all", () => {
    const x = input("x", 2);
    emitValue("exp", [x], {});
    const squared = emitValue("mul", [x, x], {});
    const sum = emitValue("add", [squared, x], {});
    const order = nodesInOrder([sum, squared, sum]);
    expect(order.map(({ op }) => op)).toEqual(["input", "mul", "add"]);
  });

  test("operands are visited from left to right", () => {
    const [x, y] = [input("x", 2), input("y", 2)];
    const left = emitValue("exp", [x], {});
    const right = emitValue("log", [y], {});
    expect(nodesInOrder([emitValue("add", [left, right], {})]).map(({ op }) => op)).toEqual([
      "input",
      "exp",
      "input",
      "log",
      "add",
    ]);
  });

  test("a chain of 100,000 nodes does not overflow the stack", () => {
    let value = input("x");
    for (let i = 0; i < 100_000; i++) value = emitValue("add", [value, value], {});
    const order = nodesInOrder([value]);
    expect(order.length).toBe(100_001);
    expect(order[0].op).toBe("input");
    expect(order.at(-1)).toBe(value.node);
  });
});

describe("rewriteGraph", () => {
  const x = input("params.layer.weight", 2);
  const doubled = emitValue("add", [x, x], {});
  const graph = graphOf([x], emitValue("exp", [doubled], {}), x);

  test("without a change the nodes are the same", () => {
    const same = rewriteGraph(graph, () => undefined);
    expect(same.outputs).toEqual(graph.outputs);
    expect(same.outputs[0].value).toBe(graph.outputs[0].value);
  });

  test("users of a replaced node are made again, with their path and its new type", () => {
    const changed = rewriteGraph(graph, (node) => {
      if (node.op !== "add") return undefined;
      return emit("reduceSum", [node.inputs[0]], { axes: [0], keepDims: false }, "elsewhere").outputs;
    });
    expect(nodesOf(changed).map(({ op, path }) => `${op} ${path}`)).toEqual([
      "input layer",
      "reduceSum elsewhere",
      "exp layer",
    ]);
    expect(changed.outputs[0].value.shape).toEqual([]);
    expect(changed.outputs.map(({ name }) => name)).toEqual(["out0", "out1"]);
    expect(changed.outputs[1].value).toBe(x);
    // The graph that was rewritten is as before.
    expect(nodesOf(graph).map(({ op }) => op)).toEqual(["input", "add", "exp"]);
  });

  test("the function sees inputs that are replaced already", () => {
    const seen: string[] = [];
    rewriteGraph(graph, (node, inputs) => {
      seen.push(`${node.op}(${inputs.map((value) => value.node.op)})`);
      return node.op === "add" ? emit("neg", [inputs[0]], {}).outputs : undefined;
    });
    expect(seen).toEqual(["input()", "add(input,input)", "exp(neg)"]);
  });
});
