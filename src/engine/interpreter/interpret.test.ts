import { describe, expect, test } from "vitest";
import { dtypes } from "../../core/base/index.ts";
import { constantOf, constantValue, emitValue, type Graph, inputValue, type Node } from "../../core/graph/index.ts";
import { trace } from "../../core/trace/index.ts";
import { evaluateConstants, evaluateNode, interpret } from "./interpret.ts";
import { fromHost, hostValue, toHost } from "./value.ts";

const type = { dtype: "float32", shape: [2] } as const;

describe("interpret", () => {
  test("gives outputs in order, an input and one value twice among them", () => {
    const { graph } = trace({ x: type, y: type }, ({ x, y }) => {
      const sum = x.add(y);
      return { sum, again: sum, x, product: sum.mul(x) };
    });
    const outputs = interpret(graph, [hostValue("float32", [2], [1, 2]), hostValue("float32", [2], [10, 20])]);
    expect(outputs.map(({ data }) => [...data])).toEqual([
      [11, 22],
      [11, 22],
      [1, 2],
      [11, 44],
    ]);
  });

  test("computes in float64", () => {
    const { graph } = trace({ x: type }, ({ x }) => x.add(x.mul(2 ** -40)));
    expect(interpret(graph, [hostValue("float32", [2], [1, 0])])[0].data[0]).toBe(1 + 2 ** -40);
  });

  test("takes a chain of 100,000 nodes", () => {
    const { graph } = trace({ x: { dtype: "float32", shape: [] } }, ({ x }) => {
      let sum = x;
      for (let i = 0; i < 100_000; i++) sum = sum.add(x);
      return sum;
    });
    expect(interpret(graph, [hostValue("float32", [], [2])])[0].data[0]).toBe(200_002);
  });

  test("refuses values that the graph does not declare", () => {
    const { graph } = trace({ x: type }, ({ x }) => x.neg());
    expect(() => interpret(graph, [])).toThrow("interpreter: got 0 inputs; the graph takes 1");
    expect(() => interpret(graph, [hostValue("float32", [3], [1, 2, 3])])).toThrow(
      "x: the value is float32[3]; it must be float32[2]",
    );
    expect(() => interpret(graph, [hostValue("int32", [2], [1, 2])])).toThrow(
      "x: the value is int32[2]; it must be float32[2]",
    );
  });

  test("refuses a graph that uses an input without declaring it", () => {
    const value = emitValue("neg", [inputValue("lost", type)], {});
    const graph: Graph = { inputs: [], outputs: [{ name: "out", value }] };
    expect(() => interpret(graph, [])).toThrow("interpreter: no value for input lost; declare it in the graph");
  });
});

describe("evaluateNode", () => {
  test("notices when a kernel and the op table disagree", () => {
    const { node } = emitValue("neg", [inputValue("x", type)], {});
    const wrong: Node = { ...node, outputs: [{ ...node.outputs[0], shape: [3] }] };
    expect(() => evaluateNode(wrong, [hostValue("float32", [2], [1, 2])])).toThrow(
      "interpreter: neg computed float32[2]; the op table says float32[3]",
    );
  });
});

describe("evaluateConstants", () => {
  test("rounds to the element type", () => {
    const third = emitValue("div", [constantValue("float32", [], [1]), constantValue("float32", [], [3])], {});
    expect(evaluateConstants(third.node)).toEqual([Float32Array.of(1 / 3)]);
    const wide = emitValue("add", [constantValue("int64", [], [2 ** 40]), constantValue("int64", [], [1])], {});
    expect(evaluateConstants(wide.node)).toEqual([BigInt64Array.of(2n ** 40n + 1n)]);
    const flag = emitValue("less", [constantValue("int32", [], [1]), constantValue("int32", [], [3])], {});
    expect(evaluateConstants(flag.node)).toEqual([Uint8Array.of(1)]);
  });

  test("refuses inputs that are computed", () => {
    const node = emitValue("neg", [emitValue("neg", [inputValue("x", type)], {})], {}).node;
    expect(() => evaluateConstants(node)).toThrow("interpreter: an input is computed by neg; it must be a constant");
  });

  test("refuses int64 numbers that float64 cannot hold", () => {
    const large = constantOf({ dtype: "int64", shape: [1] }, BigInt64Array.of(2n ** 60n + 1n));
    const { node } = emitValue("add", [large, large], {});
    expect(() => evaluateConstants(node)).toThrow(
      "interpreter: the int64 number 1152921504606846977; it must lie within 2^53",
    );
  });
});

describe("values", () => {
  test("need as many numbers as their shape", () => {
    expect(() => hostValue("float32", [2, 2], [1, 2, 3])).toThrow(
      "interpreter: 3 numbers for shape [2, 2]; the counts must be equal",
    );
  });
  test("go to host memory and back", () => {
    for (const dtype of dtypes) {
      const value = hostValue(dtype, [2], [1, 0]);
      expect(fromHost(toHost(value))).toEqual(value);
    }
  });
});
