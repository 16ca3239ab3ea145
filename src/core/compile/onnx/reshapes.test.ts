import { describe, expect, test } from "vitest";
import type { Shape } from "../../base/index.ts";
import { OnnxBuilder } from "./builder.ts";
import { shortenReshapes } from "./reshapes.ts";

/** What is left of nodes that lowerings wrote, as `op(inputs) -> output`. */
function shortened(write: (onnx: OnnxBuilder) => void, shapes: Readonly<Record<string, Shape>>): readonly string[] {
  const onnx = new OnnxBuilder();
  write(onnx);
  const nodes = shortenReshapes(onnx.nodes, (name) => onnx.shapes.get(name) ?? shapes[name], ["out"]);
  return nodes.map(({ opType, inputs, outputs }) => {
    const names = inputs.filter((name) => !name.startsWith("constant"));
    return `${opType}(${names.join(", ")}) -> ${outputs.join(", ")}`;
  });
}

describe("reshapes", () => {
  test("that undo one another vanish", () => {
    const nodes = shortened(
      (onnx) => {
        const first = onnx.node("Conv", ["x"], { shape: [2, 6] });
        const parted = onnx.reshape(first, [2, 2, 3]);
        onnx.node("Conv", [onnx.reshape(parted, [2, 6])], { output: "out" });
      },
      { x: [2, 6] },
    );
    expect(nodes).toEqual(["Conv(x) -> Conv_0", "Conv(Conv_0) -> out"]);
  });
  test("that follow one another start at the first one's operand", () => {
    const nodes = shortened(
      (onnx) => {
        const flat = onnx.reshape("x", [12]);
        onnx.node("Add", [onnx.node("Neg", [flat]), onnx.reshape(flat, [3, 4])], { output: "out" });
      },
      { x: [2, 6] },
    );
    expect(nodes).toEqual([
      "Reshape(x) -> Reshape_1",
      "Neg(Reshape_1) -> Neg_2",
      "Reshape(x) -> Reshape_4",
      "Add(Neg_2, Reshape_4) -> out",
    ]);
  });
  test("that stand twice stand once, and those that do nothing not at all", () => {
    const nodes = shortened(
      (onnx) => {
        onnx.node("Sum", [onnx.reshape("x", [12]), onnx.reshape("x", [12]), onnx.reshape("y", [12])], {
          output: "out",
        });
      },
      { x: [2, 6], y: [12] },
    );
    expect(nodes).toEqual(["Reshape(x) -> Reshape_1", "Sum(Reshape_1, Reshape_1, y) -> out"]);
  });
  test("that write an output stay", () => {
    const nodes = shortened((onnx) => void onnx.reshape(onnx.reshape("x", [12]), [2, 6], { output: "out" }), {
      x: [2, 6],
    });
    expect(nodes).toEqual(["Reshape(x) -> out"]);
  });
  test("that a graph inside reads keep their names", () => {
    const inner = { opType: "Neg", domain: "", name: "", inputs: ["rows"], outputs: ["y"], attributes: {} };
    const body = { name: "body", nodes: [inner], initializers: [], inputs: [], outputs: [] };
    const nodes = shortened(
      (onnx) => {
        onnx.reshape("x", [2, 6], { output: "rows" });
        onnx.node("Loop", ["count"], { output: "out", attributes: { body: { graph: body } } });
      },
      { x: [2, 6] },
    );
    expect(nodes).toEqual(["Reshape(x) -> rows", "Loop(count) -> out"]);
  });
});
