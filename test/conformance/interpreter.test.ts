import { describe, expect, test } from "vitest";
import { sizeOf } from "../../src/core/base/index.ts";
import { opNames } from "../../src/core/graph/index.ts";
import { fromHost, interpret, type Kernel, kernels, toHost } from "../../src/engine/interpreter/index.ts";
import { conformanceCases } from "./cases.ts";
import { conformsOn, difference, graphOf } from "./run.ts";

describe("each kernel computes the type that the op table infers", () => {
  const computed = conformanceCases.filter(({ op }) => op !== "input");
  test.each(computed.map((one) => [`${one.op}: ${one.name}`, one] as const))("%s", (_, one) => {
    const { node } = graphOf(one).outputs[0].value;
    const computed = (kernels[one.op] as Kernel<never>)(one.inputs, one.attrs as never);
    const outputs = "data" in computed ? [computed] : computed;
    const types = outputs.map(({ dtype, shape }) => ({ dtype, shape }));
    expect(types).toEqual(node.outputs.map(({ dtype, shape }) => ({ dtype, shape })));
    for (const { shape, data } of outputs) expect(data.length).toBe(sizeOf(shape));
  });
});

test("names of cases are unique within an op", () => {
  for (const op of opNames) {
    const names = conformanceCases.filter((one) => one.op === op).map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  }
});

// Rounded to float32, the interpreter is a backend like any other: this tests the suite itself.
conformsOn("interpreter", async (graph, inputs) => interpret(graph, inputs.map(fromHost)).map(toHost));

describe("what the suite calls a difference", () => {
  const tolerance = { relative: 1e-3, absolute: 1e-6 };
  const expected = { dtype: "float32", shape: [2], data: Float64Array.of(1000, Number.NaN) } as const;
  const seen = (...numbers: number[]) => ({ dtype: "float32", shape: [2], data: Float32Array.from(numbers) }) as const;

  test("numbers beyond the tolerance, NaN for a number and a number for NaN", () => {
    expect(difference(seen(1000.9, Number.NaN), expected, tolerance)).toBeUndefined();
    expect(difference(seen(1002, Number.NaN), expected, tolerance)).toBe("element 0 is 1002, not 1000");
    expect(difference(seen(Number.NaN, Number.NaN), expected, tolerance)).toBe("element 0 is NaN, not 1000");
    expect(difference(seen(1000, 0), expected, tolerance)).toBe("element 1 is 0, not NaN");
  });
  test("a finite number for an infinity, and the other infinity", () => {
    const infinite = { ...expected, data: Float64Array.of(Number.POSITIVE_INFINITY, 0) };
    expect(difference(seen(3e38, 0), infinite, tolerance)).toBe("element 0 is 3.0000000054977558e+38, not Infinity");
    expect(difference(seen(Number.NEGATIVE_INFINITY, 0), infinite, tolerance)).toBe(
      "element 0 is -Infinity, not Infinity",
    );
  });
  test("another type, another shape, integers that are off by one", () => {
    const integer = { dtype: "int32", shape: [2], data: Int32Array.of(1000, 1) } as const;
    expect(difference(integer, expected, tolerance)).toBe("it is int32, not float32");
    expect(difference({ ...seen(1, 2), shape: [2, 1] }, expected, tolerance)).toBe("its shape is [2, 1], not [2]");
    expect(difference({ ...seen(1, 2), data: Float32Array.of(1) }, expected, tolerance)).toBe(
      "it has 1 elements, not 2",
    );
    expect(difference(integer, { ...integer, data: Float64Array.of(1001, 1) }, tolerance)).toBe(
      "element 0 is 1000, not 1001",
    );
  });
});
