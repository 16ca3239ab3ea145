import { describe, expect, test } from "vitest";
import { conformanceCases } from "../../../../test/conformance/cases.ts";
import { differences, graphOf } from "../../../../test/conformance/run.ts";
import { runModel } from "../../../../test/conformance/run-model.ts";
import { leniency } from "../../../../test/webgpu/leniency.ts";
import { evaluateConstants, interpret, toHost } from "../../../engine/interpreter/index.ts";
import { GalateaError, hostArrayFrom, type Shape } from "../../base/index.ts";
import { type Graph, nodesOf, type TensorType } from "../../graph/index.ts";
import { trace } from "../../trace/index.ts";
import { optimize } from "../pipeline.ts";
import { OnnxBuilder } from "./builder.ts";
import { lowerGraph } from "./lower.ts";
import type { KernelTable, LoweringTarget } from "./lowerings/lowering.ts";
import { findWideNumber } from "./narrow-int64.ts";
import { spellNodes } from "./spell.ts";
import { webgpuTarget } from "./targets.ts";
import type { OnnxDType, OnnxModel, OnnxNode, OnnxValue } from "./writer.ts";

const kernels = webgpuTarget.kernels as KernelTable;

describe("every op, spelled in the kernels of the WebGPU target and run on the CPU", () => {
  /** Whether the target may refuse a graph: it computes int64 in 32 bits and has no float16. */
  const mayRefuse = (graph: Graph): boolean =>
    nodesOf(graph).some(
      ({ op, inputs, outputs }) =>
        op === "loop" || [...inputs, ...outputs].some(({ dtype }) => dtype === "int64" || dtype === "float16"),
    );
  const refused: string[] = [];

  test.each(conformanceCases.map((one) => [`${one.op}: ${one.name}`, one] as const))("%s", async (name, one) => {
    const graph = optimize(graphOf(one), evaluateConstants, webgpuTarget);
    let model: OnnxModel;
    try {
      model = lowerGraph(graph, webgpuTarget);
    } catch (error) {
      expect(error).toBeInstanceOf(GalateaError);
      expect(error).toMatchObject({
        code: "backend",
        message: expect.stringMatching(/int64|no kernel for \w+/),
      });
      expect(mayRefuse(graph)).toBe(true);
      refused.push(name);
      return;
    }
    expect(model.nodes.filter(({ opType, domain }) => domain !== "" || !(opType in kernels))).toEqual([]);
    expect(new Set(model.nodes.map(({ name }) => name)).size).toBe(model.nodes.length);
    const inputs = one.inputs.map(toHost);
    // The backend does not feed numbers that 32 bits cannot hold.
    if (inputs.some(({ data }) => findWideNumber(data) !== undefined)) return;
    const seen = await runModel(model, inputs);
    const expected = interpret(graph, one.inputs);
    expect(differences(one.op, seen, expected, leniency)).toEqual(expected.map(() => undefined));
  });

  test("few cases are refused", () => {
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length / conformanceCases.length).toBeLessThan(0.08);
  });
});

/** A model of one node. */
interface Sample {
  readonly opType: string;
  readonly dtype: "float32" | "int32" | "uint32" | "uint8" | "int64" | "bool";
  readonly inputs: readonly (readonly number[])[];
  /** Of all inputs, or of each. */
  readonly shape?: Shape;
  readonly shapes?: readonly Shape[];
  readonly attributes?: OnnxNode["attributes"];
  /** Further inputs: shapes, axes, places. */
  readonly ints?: readonly (readonly number[])[];
  readonly result?: { readonly dtype?: OnnxDType; readonly shape?: Shape };
}

function modelOf(sample: Sample, spelled: boolean): OnnxModel {
  const { opType, dtype, inputs, shape = [inputs[0].length], shapes, attributes = {}, ints = [], result = {} } = sample;
  const onnx = new OnnxBuilder();
  const declared = inputs.map((_, i): OnnxValue => ({ name: `x${i}`, dtype, shape: shapes?.[i] ?? shape }));
  onnx.node(opType, [...declared.map(({ name }) => name), ...ints.map((values) => onnx.ints(values))], {
    output: "y",
    path: "layer",
    attributes,
  });
  const output: OnnxValue = { name: "y", dtype: result.dtype ?? dtype, shape: result.shape ?? shape };
  const values = new Map([...declared, output].map((value) => [value.name, value as TensorType]));
  return {
    name: "sample",
    nodes: spelled ? spellNodes(onnx, values, kernels) : onnx.nodes,
    initializers: onnx.initializers,
    inputs: declared,
    outputs: [output],
    opsets: { "": 21 },
    metadata: {},
  };
}

const numbers = [-2147483648, -70000, -3, -1, 0, 1, 2, 65535, 65536, 123456789, 2147483647];
const divisors = [7, -7, 2, -2, 5, 3, -3, 256, -65537, 10, 2147483647];
const signs = [-2.5, -1.5, -0.5, -0, 0, 0.5, 1.5, 2.5, 3.49, -1e30, 16777217];
const truth = [0, 0, 1, 1];
const whole = { shape: [2, 2], attributes: { axis: { int: 1 } } } as const;

const samples: readonly Sample[] = [
  { opType: "Sign", dtype: "float32", inputs: [[-3, -1e-30, 0, 1e-30, 4]] },
  { opType: "Round", dtype: "float32", inputs: [signs] },
  { opType: "Neg", dtype: "int32", inputs: [numbers] },
  { opType: "Abs", dtype: "int32", inputs: [numbers.slice(1)] },
  { opType: "Mod", dtype: "int32", inputs: [numbers, divisors] },
  { opType: "Or", dtype: "bool", inputs: [truth, [0, 1, 0, 1]] },
  { opType: "Xor", dtype: "bool", inputs: [truth, [0, 1, 0, 1]] },
  {
    opType: "Sum",
    dtype: "float32",
    inputs: [
      [1, 2],
      [3, 4],
      [5, -6],
    ],
  },
  { opType: "Sum", dtype: "float32", inputs: [[1, 2]] },
  { opType: "LogSoftmax", dtype: "float32", inputs: [[1, -2, 100, 3]], ...whole },
  { opType: "Slice", dtype: "int32", inputs: [numbers], ints: [[9], [1], [0], [-2]], result: { shape: [4] } },
  {
    opType: "Slice",
    dtype: "uint32",
    inputs: [[4294967295, 65536, 65535, 0]],
    ints: [[0], [3]],
    result: { shape: [3] },
  },
  { opType: "Slice", dtype: "bool", inputs: [truth], ints: [[1], [3]], result: { shape: [2] } },
  {
    opType: "Transpose",
    dtype: "uint8",
    inputs: [[1, 2, 3, 255]],
    shape: [2, 2],
    attributes: { perm: { ints: [1, 0] } },
  },
  {
    opType: "Concat",
    dtype: "uint8",
    inputs: [
      [1, -2],
      [3, 4],
    ],
    attributes: { axis: { int: 0 } },
    result: { shape: [4] },
  },
  { opType: "GatherElements", dtype: "int32", inputs: [numbers], ints: [[3, 3, 9]], result: { shape: [3] } },
  { opType: "Equal", dtype: "bool", inputs: [truth, [0, 1, 0, 1]] },
  { opType: "Identity", dtype: "uint8", inputs: [[0, 255]] },
  {
    opType: "Mod",
    dtype: "uint32",
    inputs: [
      [4294967295, 7],
      [10, 7],
    ],
  },
  {
    opType: "Pow",
    dtype: "float32",
    inputs: [
      [1, 2, 3],
      [2, -1],
    ],
    shapes: [[3], [2, 1]],
    result: { shape: [2, 3] },
  },
  {
    opType: "ConvTranspose",
    dtype: "float32",
    inputs: [
      [1, 2, 3, 4],
      [1, -2, 3, 4, 5, -6, 7, 8],
    ],
    shapes: [
      [1, 4, 1],
      [4, 1, 2],
    ],
    attributes: { group: { int: 2 }, kernel_shape: { ints: [2] } },
    result: { shape: [1, 2, 2] },
  },
];

test.each(samples.map((sample) => [`${sample.opType} of ${sample.dtype}`, sample] as const))(
  "%s is spelled in other operators, to the same numbers",
  async (_, sample) => {
    const [own, spelled] = [modelOf(sample, false), modelOf(sample, true)];
    const inputs = sample.inputs.map((values, i) => ({
      dtype: sample.dtype,
      shape: own.inputs[i].shape,
      data: hostArrayFrom(sample.dtype, values),
    }));
    expect(spelled.nodes.map(({ name }) => name.startsWith("layer/"))).not.toContain(false);
    expect(spelled.nodes).not.toEqual(own.nodes);
    const [[{ data: expected }], [{ data: seen }]] = [await runModel(own, inputs), await runModel(spelled, inputs)];
    expect(seen.constructor).toBe(expected.constructor);
    expect(seen.length).toBe(expected.length);
    expected.forEach((number, i) => {
      expect(Math.abs(Number(seen[i]) - Number(number))).toBeLessThanOrEqual(1e-6 * Math.abs(Number(number)));
    });
  },
);

test("float64 on the way is float32 where there is nothing wider", () => {
  const onnx = new OnnxBuilder();
  const wide = onnx.node("Cast", ["x"], { attributes: { to: { int: 11 } } });
  const sums = onnx.node("CumSum", [wide, onnx.ints([0])]);
  onnx.node("Cast", [sums], { attributes: { to: { int: 1 } }, output: "y" });
  const nodes = spellNodes(onnx, new Map([["x", { dtype: "float32", shape: [3] }]]), kernels);
  expect(nodes.map(({ attributes }) => attributes.to)).toEqual([{ int: 1 }, undefined, { int: 1 }]);
});

describe("what cannot be spelled is refused, by layer, operator and type", () => {
  const { graph } = trace({ all: { layer: { w: { dtype: "int64", shape: [2] } } } }, ({ all: { layer } }) =>
    layer.w.add(layer.w),
  );
  const lower = (target: LoweringTarget) => () => lowerGraph(graph, target);

  test("an operator without a kernel", () => {
    const message =
      "layer: this device has no kernel for Add of int64; compute it with float32 or int32 numbers, or on the CPU";
    expect(lower({ contrib: false, kernels: { Cast: ["int64"] } })).toThrow(message);
    const none = { contrib: false, kernels: {} };
    const float = trace({ x: { dtype: "float32", shape: [2] } }, ({ x }) => x.exp()).graph;
    expect(() => lowerGraph(float, none)).toThrow("this device has no kernel for Exp of float32");
  });
  test("numbers that 32 bits may not hold", () => {
    const right = "this device computes int64 in 32 bits: cast to int32, or use the CPU";
    expect(lower(webgpuTarget)).toThrow(`layer: add of int64 may give numbers beyond 2^31; ${right}`);
    const casting = trace({ x: { dtype: "uint32", shape: [2] } }, ({ x }) => x.cast("int64")).graph;
    expect(() => lowerGraph(casting, webgpuTarget)).toThrow("cast of uint32 to int64 may give numbers beyond 2^31");
  });
});
