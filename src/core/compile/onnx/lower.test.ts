import ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { conformanceCases } from "../../../../test/conformance/cases.ts";
import { tolerances } from "../../../../test/conformance/cases-tolerances.ts";
import { difference, graphOf as graphOfCase } from "../../../../test/conformance/run.ts";
import { graphOf } from "../../../../test/golden/show-pass.ts";
import type { HostTensor } from "../../../engine/index.ts";
import { evaluateConstants, type HostValue, hostValue, interpret, toHost } from "../../../engine/interpreter/index.ts";
import type { Graph } from "../../graph/index.ts";
import { apply, constantKey, randomNormal, tensor, trace } from "../../trace/index.ts";
import { optimize } from "../pipeline.ts";
import { lowerGraph } from "./lower.ts";
import { inputName, outputName } from "./names.ts";
import type { OnnxModel } from "./writer.ts";
import { encodeModel } from "./writer.ts";

const portable = { contrib: false };
const cpu = { contrib: true };

/** Loads a model into ONNX Runtime once and runs it on each of the given inputs. */
async function runModel(
  model: OnnxModel,
  inputs: readonly HostTensor[],
  threads = 1,
  times = 1,
): Promise<HostTensor[][]> {
  const session = await ort.InferenceSession.create(encodeModel(model), {
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
  });
  const feeds = Object.fromEntries(
    inputs.map(({ dtype, shape, data }, i) => [inputName(i), new ort.Tensor(dtype, data as never, shape)]),
  );
  const results: HostTensor[][] = [];
  for (let i = 0; i < times; i++) {
    const outputs = await session.run(feeds);
    results.push(
      model.outputs.map(({ name }) => {
        const { type, dims, data } = outputs[name];
        return { dtype: type as HostTensor["dtype"], shape: dims, data: data.slice() as HostTensor["data"] };
      }),
    );
  }
  await session.release();
  return results;
}

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
    const [outputs] = await runModel(lowerGraph(graph, target), inputs.map(toHost));
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
      const [[output]] = await runModel(model, one.inputs.map(toHost));
      const [expected] = interpret(graphOfCase(one), one.inputs);
      expect(`${one.op} ${one.name}: ${difference(output, expected, tolerances[one.op])}`).toBe(
        `${one.op} ${one.name}: undefined`,
      );
    }
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
  const [[{ data }]] = await runModel(model, [
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
  test("stay two where what is added is no row", async () => {
    await expectOps(
      graphOf({ ...types, b: [4, 5] }, ({ x, w, b }) => x.matmul(w).add(b)),
      ["Gemm", "Add"],
    );
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

describe("many updates of few rows, on two threads", () => {
  const count = 4096;
  const updates = hostValue(
    "float32",
    [count, 16],
    Array.from({ length: count * 16 }, (_, i) => (i % 13) - 6),
  );

  // Up to 256 rows are added by a product, more by ScatterElements; whole numbers make every order exact.
  test.each([
    ["a product", 8],
    ["ScatterElements", 300],
  ] as const)("by %s: each of 50 runs gives the same and right sums", async (_, rows) => {
    const indices = hostValue(
      "int32",
      [count],
      Array.from({ length: count }, (__, i) => (i * i) % 7),
    );
    const types = { updates: [count, 16], indices: { dtype: "int32", shape: [count] } } as const;
    const graph = graphOf(types, (args) => apply("scatterAdd", [args.updates, args.indices], { axis: 0, size: rows }));
    const inputs = [updates, indices];
    const [expected] = interpret(graph, inputs);
    const runs = await runModel(lowerGraph(graph, cpu), inputs.map(toHost), 2, 50);
    const wrong = runs.map(([output]) => difference(output, expected, { relative: 0, absolute: 0 }));
    expect(wrong.filter((found) => found !== undefined)).toEqual([]);
  });
});

test("the optimized sampler of a small network is portable", async () => {
  const graph = graphOf({ w: [4, 6], b: [6] }, ({ w, b }) => {
    const z = randomNormal(constantKey([5, 7]), [3, 4]);
    return z.matmul(w.mul(2)).add(b).softplus();
  });
  const inputs = graph.inputs.map(({ shape }) => ramp(shape));
  const model = lowerGraph(optimize(graph, evaluateConstants), portable);
  const [[output]] = await runModel(model, inputs.map(toHost));
  const [expected] = interpret(graph, inputs);
  expect(difference(output, expected, tolerances.matmul)).toBeUndefined();
  expect(model.nodes.filter(({ domain }) => domain !== "")).toEqual([]);
});
