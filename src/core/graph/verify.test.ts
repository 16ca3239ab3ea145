import { describe, expect, test } from "vitest";
import { GalateaError } from "../base/index.ts";
import { emitValue, type Graph, inputValue, type Node, type Value } from "./node.ts";
import { verifyGraph } from "./verify.ts";

const x = inputValue("params.layer.weight", { dtype: "float32", shape: [2] });
const sum = emitValue("add", [x, x], {});

function graphOf(value: Value, inputs: readonly Value[] = [x]): Graph {
  return { inputs, outputs: [{ name: "out", value }] };
}

/** The same node with something wrong about it, as a careless pass would make it. */
function broken(node: Node, change: Partial<Node>, type: Partial<Value> = {}): Value {
  const outputs: Value[] = [];
  const copy: Node = { ...node, outputs, ...change };
  outputs.push({ ...node.outputs[0], node: copy, ...type });
  return { ...outputs[0], node: copy };
}

function messageOf(graph: Graph): string {
  try {
    verifyGraph(graph, "a pass");
  } catch (error) {
    if (error instanceof GalateaError && error.code === "internal") return error.message;
    throw error;
  }
  return "nothing is wrong";
}

test("a sound graph comes back", () => {
  const graph = graphOf(sum);
  expect(verifyGraph(graph, "tracing")).toBe(graph);
});

describe("a broken graph is named, with what ran last", () => {
  test("a shape that the inputs do not imply", () => {
    expect(messageOf(graphOf(broken(sum.node, {}, { shape: [3] })))).toBe(
      "a pass: add at layer has wrong output types",
    );
  });
  test("an element type that the inputs do not imply", () => {
    expect(messageOf(graphOf(broken(sum.node, { path: "" }, { dtype: "int32" })))).toBe(
      "a pass: add at the root has wrong output types",
    );
  });
  test("too few and too many outputs", () => {
    expect(messageOf(graphOf(broken(sum.node, { outputs: [] })))).toBe("a pass: add at layer has wrong output types");
    const twice = broken(sum.node, { outputs: [sum, sum] });
    expect(messageOf(graphOf(twice))).toBe("a pass: add at layer has wrong output types");
  });
  test("an output that belongs to another node", () => {
    expect(messageOf(graphOf(broken(sum.node, {}, { node: sum.node })))).toBe(
      "a pass: add at layer has wrong output types",
    );
  });
  test("inputs that do not fit", () => {
    const other = inputValue("other", { dtype: "float32", shape: [3] });
    expect(messageOf(graphOf(broken(sum.node, { inputs: [x, other] }), [x, other]))).toBe(
      "a pass: add at layer: shapes do not broadcast, [2] and [3]; " +
        "sizes must be equal or 1, counted from the last axis",
    );
  });
  test("an input that is not declared", () => {
    expect(messageOf(graphOf(sum, []))).toBe(
      "a pass: the graph uses the input params.layer.weight, which it does not declare",
    );
  });
  test("a name that two inputs share", () => {
    const again = inputValue("params.layer.weight", { dtype: "float32", shape: [2] });
    expect(messageOf(graphOf(sum, [x, again]))).toBe("a pass: two inputs are named params.layer.weight");
  });
});
