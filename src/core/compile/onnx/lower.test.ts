import { describe, expect, test } from "vitest";
import { conformanceCases } from "../../../../test/conformance/cases.ts";
import { tolerances } from "../../../../test/conformance/cases-tolerances.ts";
import { difference, graphOf as graphOfCase } from "../../../../test/conformance/run.ts";
import { runModel } from "../../../../test/conformance/run-model.ts";
import { graphOf } from "../../../../test/golden/show-pass.ts";
import { evaluateConstants, type HostValue, hostValue, interpret, toHost } from "../../../engine/interpreter/index.ts";
import type { Graph, OpName } from "../../graph/index.ts";
import { apply, constantKey, randomNormal, tensor, trace, triangularSolve } from "../../trace/index.ts";
import { optimize } from "../pipeline.ts";
import { lowerGraph } from "./lower.ts";
import { outputName } from "./names.ts";
import { onnxDType } from "./schema.ts";
import type { OnnxModel } from "./writer.ts";

const portable = { contrib: false };
const cpu = { contrib: true };

function ramp(shape: readonly number[], scale = 0.25): HostValue {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return hostValue(
    "float32",
    shape,
    Array.from({ length: size }, (_, i) => ((i * 7) % 11) * scale - 1),
  );
}

/** Runs a graph as it is on ramps, for both targets, and compares with the interpreter exactly. */
async function expectExact(graph: Graph): Promise<void> {
  const inputs = graph.inputs.map(({ shape }) => ramp(shape));
  const expected = interpret(graph, inputs);
  for (const target of [portable, cpu]) {
    const outputs = await runModel(lowerGraph(graph, target), inputs.map(toHost));
    expected.forEach((value, i) => {
      expect(difference(outputs[i], value, { relative: 0, absolute: 0 })).toBeUndefined();
    });
  }
}

function opTypes({ nodes }: OnnxModel): string[] {
  return nodes.map(({ opType }) => opType);
}

describe("the portable target", () => {
  const lowered = conformanceCases.map((one) => ({ one, model: lowerGraph(graphOfCase(one), portable) }));

  test("uses standard operators only, whatever the op", () => {
    const foreign = lowered.flatMap(({ one, model }) =>
      model.nodes.filter(({ domain }) => domain !== "").map(({ opType }) => `${one.op}: ${opType}`),
    );
    expect(foreign).toEqual([]);
    expect(lowered.flatMap(({ model }) => Object.keys(model.opsets)).filter((domain) => domain !== "")).toEqual([]);
  });
  test("while the CPU's target does use others", () => {
    const domains = conformanceCases.flatMap((one) => Object.keys(lowerGraph(graphOfCase(one), cpu).opsets));
    expect(domains).toContain("com.microsoft");
  });
  test("computes the same: stacked products and one case of each op", async () => {
    const met = new Set<string>();
    const subset = lowered.filter(({ one }) => {
      const isFirst = !met.has(one.op);
      met.add(one.op);
      return isFirst || (one.op === "matmul" && one.inputs.some(({ shape }) => shape.length > 2));
    });
    for (const { one, model } of subset) {
      const [output] = await runModel(model, one.inputs.map(toHost));
      const [expected] = interpret(graphOfCase(one), one.inputs);
      expect(`${one.op} ${one.name}: ${difference(output, expected, tolerances[one.op])}`).toBe(
        `${one.op} ${one.name}: undefined`,
      );
    }
  });
});

describe("a target without wide integers and bitwise operators", () => {
  const narrow = { contrib: false, narrowIntegers: true };
  const random: readonly OpName[] = ["randomUniform", "randomBernoulli", "randomNormal", "foldKey"];
  const lowered = conformanceCases
    .filter(({ op }) => random.includes(op))
    .map((one) => ({ one, model: lowerGraph(graphOfCase(one), narrow) }));

  test("needs few operators, on 32-bit numbers", () => {
    const arithmetic = ["Add", "Sub", "Mul", "Div", "Less", "HardSigmoid", "Log", "Sqrt"];
    const used = new Set(lowered.flatMap(({ model }) => opTypes(model)));
    expect([...used].sort()).toEqual(
      [...arithmetic, "Cast", "Concat", "Gather", "Identity", "Reshape", "Slice"].sort(),
    );
    const shapes = new Set(["Reshape", "Slice"]);
    for (const { model } of lowered) {
      const wide = new Set(model.initializers.flatMap(({ name, dtype }) => (dtype.endsWith("64") ? [name] : [])));
      const users = model.nodes.filter(({ inputs }) => inputs.some((input) => wide.has(input)));
      expect(users.filter(({ opType }) => !shapes.has(opType))).toEqual([]);
      const casts = model.nodes.flatMap(({ opType, attributes }) => (opType === "Cast" ? [attributes.to] : []));
      const narrowTypes = [onnxDType.float32, onnxDType.int32, onnxDType.uint32];
      expect(casts.filter((to) => !narrowTypes.some((int) => "int" in to && to.int === int))).toEqual([]);
    }
  });
  test.each(lowered.map(({ one, model }) => [`${one.op}: ${one.name}`, one, model] as const))(
    "gives the same bits: %s",
    async (_, one, model) => {
      const [output] = await runModel(model, one.inputs.map(toHost));
      const [wide] = await runModel(lowerGraph(graphOfCase(one), portable), one.inputs.map(toHost));
      expect(output).toEqual(wide);
    },
  );
});

describe("a target whose MaxPool gives no places", () => {
  const without = { ...portable, lacksPoolPlaces: true };
  const cases = conformanceCases.filter(({ op }) => op === "maxPool2dPlaces");

  test.each(cases.map((one) => [one.name, one] as const))("compares windows: %s", async (_, one) => {
    const model = lowerGraph(graphOfCase(one), without);
    expect(opTypes(model)).not.toContain("MaxPool");
    const [output] = await runModel(model, one.inputs.map(toHost));
    const [expected] = interpret(graphOfCase(one), one.inputs);
    expect(difference(output, expected, tolerances.maxPool2dPlaces)).toBeUndefined();
  });
});

test("ScatterND, which loses updates, is never written", () => {
  const models = [portable, cpu].flatMap((target) =>
    conformanceCases.map((one) => lowerGraph(graphOfCase(one), target)),
  );
  expect(models.flatMap(opTypes)).not.toContain("ScatterND");
});

describe("outputs", () => {
  test("that are an input, a constant, or one value twice", async () => {
    const graph = graphOf({ x: [2, 3] }, ({ x }) => {
      const doubled = x.add(x);
      return { input: x, constant: tensor([1, 2], [2]), first: doubled, second: doubled };
    });
    const { nodes } = lowerGraph(graph, cpu);
    const written = nodes.map(({ opType, outputs }) => [opType, ...outputs].join(" ")).sort();
    expect(written).toEqual(["Add output_2", "Identity output_0", "Identity output_1", "Identity output_3"]);
    const copied = nodes.find(({ outputs }) => outputs[0] === outputName(3));
    expect(copied).toMatchObject({ inputs: [outputName(2)], origin: { op: "copy" } });
    await expectExact(graph);
  });
  test("that other nodes go on from", async () => {
    await expectExact(graphOf({ x: [3] }, ({ x }) => ({ first: x.neg(), second: x.neg().abs() })));
  });
});

test("unused inputs are declared, with their types", async () => {
  const graph = graphOf({ x: [2], unused: { dtype: "int64", shape: [0, 3] } }, ({ x }) => x.abs());
  const model = lowerGraph(graph, cpu);
  expect(model.inputs).toEqual([
    { name: "input_0", dtype: "float32", shape: [2] },
    { name: "input_1", dtype: "int64", shape: [0, 3] },
  ]);
  const [{ data }] = await runModel(model, [
    { dtype: "float32", shape: [2], data: Float32Array.of(-1, 2) },
    { dtype: "int64", shape: [0, 3], data: new BigInt64Array(0) },
  ]);
  expect([...data]).toEqual([1, 2]);
});

test("nodes are named after their layers", () => {
  const types = { params: { decoder: { linear1: { weight: { dtype: "float32", shape: [2, 2] } } } } } as const;
  const { graph } = trace(types, ({ params }) => params.decoder.linear1.weight.exp());
  expect(lowerGraph(graph, cpu).nodes.map(({ name }) => name)).toEqual(["decoder.linear1/output_0"]);
});

describe("a product and a row that is added", () => {
  const types = { x: [4, 3], w: [3, 5], b: [5] };

  async function expectOps(graph: Graph, ops: readonly string[]): Promise<void> {
    expect(opTypes(lowerGraph(graph, cpu))).toEqual(ops);
    await expectExact(graph);
  }
  test("are one Gemm, in either order, with a row as vector or matrix", async () => {
    await expectOps(
      graphOf(types, ({ x, w, b }) => x.matmul(w).add(b)),
      ["Gemm"],
    );
    await expectOps(
      graphOf(types, ({ x, w, b }) => b.add(x.matmul(w))),
      ["Gemm"],
    );
    await expectOps(
      graphOf({ ...types, b: [1, 5] }, ({ x, w, b }) => x.matmul(w).add(b)),
      ["Gemm"],
    );
    const flagged = graphOf({ x: [3, 4], w: [5, 3], b: [5] }, ({ x, w, b }) =>
      apply("matmul", [x, w], { transposeA: true, transposeB: true, alpha: -0.5 }).add(b),
    );
    await expectOps(flagged, ["Gemm"]);
  });
  test("are one also where the row is a product itself", async () => {
    const graph = graphOf({ x: [4, 3], w: [3, 5], y: [1, 2], v: [2, 5] }, ({ x, w, y, v }) =>
      x.matmul(w).add(y.matmul(v)),
    );
    await expectOps(graph, ["Gemm", "Gemm"]);
  });
  test("stay two where the product is used twice, added to itself, or returned", async () => {
    await expectOps(
      graphOf(types, ({ x, w, b }) => {
        const product = x.matmul(w);
        return product.add(b).mul(product);
      }),
      ["Gemm", "Add", "Mul"],
    );
    await expectOps(
      graphOf({ x: [1, 3], w: [3, 5] }, ({ x, w }) => {
        const product = x.matmul(w);
        return product.add(product);
      }),
      ["Gemm", "Add"],
    );
    await expectOps(
      graphOf(types, ({ x, w, b }) => {
        const product = x.matmul(w);
        return { product, sum: product.add(b) };
      }),
      ["Gemm", "Add"],
    );
  });
  test("are one where what is added is a matrix, unless it is large", async () => {
    await expectOps(
      graphOf({ ...types, b: [4, 5] }, ({ x, w, b }) => x.matmul(w).add(b)),
      ["Gemm"],
    );
    await expectOps(
      graphOf({ ...types, y: [4, 2], v: [2, 5] }, ({ x, w, y, v }) => x.matmul(w).add(y.matmul(v))),
      ["Gemm", "Gemm"],
    );
    await expectOps(
      graphOf({ x: [257, 3], w: [3, 256], b: [257, 256] }, ({ x, w, b }) => x.matmul(w).add(b)),
      ["Gemm", "Add"],
    );
  });
  test("stay two where what is added is a column", async () => {
    await expectOps(
      graphOf({ ...types, b: [4, 1] }, ({ x, w, b }) => x.matmul(w).add(b)),
      ["Gemm", "Add"],
    );
    await expectOps(
      graphOf({ ...types, b: [2, 1, 5] }, ({ x, w, b }) => x.matmul(w).add(b)),
      ["Gemm", "Add"],
    );
    await expectOps(
      graphOf({ ...types, b: [] }, ({ x, w, b }) => x.matmul(w).add(b)),
      ["Gemm", "Add"],
    );
  });
  test("stay two for a difference, and for stacks of products", async () => {
    await expectOps(
      graphOf(types, ({ x, w, b }) => x.matmul(w).sub(b)),
      ["Gemm", "Sub"],
    );
    const stacked = graphOf({ ...types, x: [2, 4, 3] }, ({ x, w, b }) => x.matmul(w).add(b));
    await expectOps(stacked, ["FusedMatMul", "Add"]);
  });
  test("give the row alone where the sums have no terms", async () => {
    await expectOps(
      graphOf({ x: [4, 0], w: [0, 5], b: [5] }, ({ x, w, b }) => x.matmul(w).add(b)),
      ["Gemm"],
    );
  });
});

/** ONNX Runtime's MatMul leaves all but the first matrix as the memory was. */
test("a stack of products without terms is all 0", async () => {
  const graph = graphOf({ x: [3, 2, 0], w: [3, 0, 2] }, ({ x, w }) => x.matmul(w));
  for (const target of [portable, cpu]) expect(opTypes(lowerGraph(graph, target))).not.toContain("MatMul");
  await expectExact(graph);
});

/** ONNX Runtime drops an Expand to size 0 that something else reads. */
test("an axis of size 1 that is repeated no times is empty", async () => {
  await expectExact(graphOf({ x: [2, 1, 3] }, ({ x }) => x.expand([2, 0, 3]).neg()));
});

/** ONNX Runtime multiplies factors behind a stack of products into the product's own. */
test("the sign of a product that is 0 is 0", async () => {
  const graph = graphOf({ a: [2, 1, 2], b: [2, 2, 1] }, ({ a, b }) => a.matmul(b).sign());
  const inputs = [hostValue("float32", [2, 1, 2], [1, 2, 3, 4]), hostValue("float32", [2, 2, 1], [2, -1, 1, -1])];
  for (const target of [portable, cpu]) {
    const [{ data }] = await runModel(lowerGraph(graph, target), inputs.map(toHost));

    expect([...data]).toEqual([0, -1]);
  }
});

describe("integer quotients and remainders", () => {
  const types = { x: { dtype: "int32", shape: [3] } } as const;
  const number = (value: number) => tensor([value], [], "int32");

  test("by a constant other than -1 are one operator", () => {
    expect(
      opTypes(
        lowerGraph(
          graphOf(types, ({ x }) => x.div(-3).mod(2)),
          cpu,
        ),
      ),
    ).toEqual(["Div", "Mod"]);
  });
  test("of the lowest number by -1, known or not, do not stop the process", async () => {
    for (const graph of [
      graphOf(types, ({ x }) => ({ quotient: x.div(-1), rest: x.mod(number(-1)) })),
      graphOf({ ...types, y: types.x }, ({ x, y }) => ({ quotient: x.div(y), rest: x.mod(y) })),
    ]) {
      const inputs = [hostValue("int32", [3], [-2147483648, 7, -7]), hostValue("int32", [3], [-1, -1, -1])];
      const given = inputs.slice(0, graph.inputs.length);
      const outputs = await runModel(lowerGraph(graph, cpu), given.map(toHost));
      expect(outputs.map(({ data }) => [...data])).toEqual([
        [-2147483648, -7, 7],
        [0, 0, 0],
      ]);
    }
  });
});

describe("sums of many numbers", () => {
  const reduces = (shape: readonly number[], axes: readonly number[]): string[] =>
    opTypes(
      lowerGraph(
        graphOf({ x: shape }, ({ x }) => x.sum(axes)),
        cpu,
      ),
    ).filter((op) => op.startsWith("Reduce"));

  test("are taken in two stages, over outer and middle axes sooner than over the last ones", () => {
    expect(reduces([128, 3], [0])).toHaveLength(2);
    expect(reduces([2, 128, 3], [1])).toHaveLength(2);
    expect(reduces([4, 32, 3], [0, 1])).toHaveLength(2);
    expect(reduces([3, 8192], [1])).toHaveLength(2);
    expect(reduces([64, 8, 2, 64], [0, 2, 3])).toHaveLength(1);
  });
  test("but not where they are short or have no divisor that fits, and not at all where they are empty", () => {
    expect(reduces([8192, 0], [0])).toEqual([]);
    for (const [shape, axis] of [
      [[127, 3], 0],
      [[3, 4096], 1],
      [[131, 3], 0],
      [[8209], 0],
    ] as const) {
      expect(reduces([...shape], [axis])).toHaveLength(1);
    }
  });
});

test("no updates add up to zeros, whichever axis is empty", async () => {
  const indices = tensor([1, 0], [2], "int32");
  for (const [shape, axis, size] of [
    [[0, 2], 1, 3],
    [[2, 0], 0, 3],
    [[2, 0], 0, 300],
  ] as const) {
    await expectExact(graphOf({ x: [...shape] }, ({ x }) => apply("scatterAdd", [x, indices], { axis, size }).neg()));
  }
  const none = tensor([], [0], "int64");
  for (const size of [3, 300]) {
    await expectExact(graphOf({ x: [0, 2] }, ({ x }) => apply("scatterAdd", [x, none], { axis: 0, size }).neg()));
  }
});

describe("what is faster is measured, and chosen by shape", () => {
  const steps = (shape: readonly number[], axis: number) =>
    graphOf({ x: [...shape] }, ({ x }) => x.slice(axis, 0, Math.ceil(shape[axis] / 2), 2).reverse(axis));

  test("rows in steps and reversed are gathered, single elements sliced", () => {
    expect(opTypes(lowerGraph(steps([6, 4], 0), cpu))).toEqual(["Gather", "Gather"]);
    expect(opTypes(lowerGraph(steps([4, 6], 1), cpu))).toEqual(["Slice", "Slice"]);
  });
  test("a small update is written into a copy, a large one joined with what stays", () => {
    const types = { x: [64, 128], one: [1, 128], half: [32, 128] };
    const at = tensor([3], [], "int64");
    const update = (name: "one" | "half") =>
      opTypes(
        lowerGraph(
          graphOf(types, (args) => args.x.dynamicUpdateSlice(0, at, args[name])),
          cpu,
        ),
      );
    expect(update("one")).toContain("ScatterElements");
    expect(update("half")).toContain("Concat");
  });
  test("a triangular system of 64 rows takes a few dozen nodes", () => {
    for (const [size, most] of [
      [32, 30],
      [48, 45],
      [64, 45],
    ]) {
      const graph = graphOf({ a: [size, size], b: [size, 8] }, ({ a, b }) => triangularSolve(a, b));
      expect(lowerGraph(graph, cpu).nodes.length).toBeLessThan(most);
    }
  });
});

test("the optimized sampler of a small network is portable", async () => {
  const graph = graphOf({ w: [4, 6], b: [6] }, ({ w, b }) => {
    const z = randomNormal(constantKey([5, 7]), [3, 4]);
    return z.matmul(w.mul(2)).add(b).softplus();
  });
  const inputs = graph.inputs.map(({ shape }) => ramp(shape));
  const model = lowerGraph(optimize(graph, evaluateConstants), portable);
  const [output] = await runModel(model, inputs.map(toHost));
  const [expected] = interpret(graph, inputs);
  expect(difference(output, expected, tolerances.matmul)).toBeUndefined();
  expect(model.nodes.filter(({ domain }) => domain !== "")).toEqual([]);
});
