import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { GalateaError, gradients, type OnnxModel, parsePlace, type TensorType, trace } from "../../core/index.ts";
import type { HostTensor } from "../../engine/index.ts";
import { createCpuBackend } from "./cpu-backend.ts";
import { readRecording } from "./recording.ts";

const type = (...shape: number[]): TensorType => ({ dtype: "float32", shape });
const ramp = (...shape: number[]): HostTensor => {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return { ...type(...shape), data: Float32Array.from({ length: size }, (_, i) => ((i * 7) % 11) / 8 - 0.5) };
};

describe("a recorded program", () => {
  const backend = createCpuBackend({ threads: 1 });
  const shapes = { x: [6, 4], first: [5, 4], bias: [5], second: [3, 5] };
  const { graph } = trace(
    {
      x: type(...shapes.x),
      parameters: {
        first: { weight: type(...shapes.first), bias: type(...shapes.bias) },
        second: { weight: type(...shapes.second) },
      },
    },
    ({ x, parameters: { first, second } }) => {
      const hidden = x.matmul(first.weight, { transposeB: true }).add(first.bias).relu();
      const loss = hidden.matmul(second.weight, { transposeB: true }).square().mean();
      return { loss, gradients: gradients(loss, [first.weight, first.bias, second.weight]) };
    },
  );
  const inputs = [ramp(...shapes.x), ramp(...shapes.first), ramp(...shapes.bias), ramp(...shapes.second)];
  const folder = mkdtempSync(join(tmpdir(), "galatea-recording-"));
  vi.stubEnv("TMPDIR", folder);
  const records = (): string[] => readdirSync(folder).filter((name) => name.startsWith("galatea-"));
  afterAll(async () => {
    vi.unstubAllEnvs();
    await backend.dispose();
    rmSync(folder, { recursive: true });
  });

  test("computes the same numbers and says what each of its kernels is for", async () => {
    const plain = await backend.compile(graph, "plain");
    const { program, file, finish } = (await backend.compileRecorded?.(graph, "recorded")) ?? expect.fail();
    const expected = await plain.run(inputs);
    for (let run = 0; run < 3; run++) expect(await program.run(inputs)).toEqual(expected);
    expect(records()).toHaveLength(1);
    const { kernels, runMs, heldBytes } = await finish();

    expect(runMs).toHaveLength(3);
    expect(heldBytes).toBeGreaterThan(0);
    expect(Buffer.from(file).includes("first/backward/")).toBe(true);
    for (const { ms, origin } of kernels) {
      expect(ms).toHaveLength(3);
      expect(ms.every((each) => each >= 0)).toBe(true);
      expect(origin).toBeDefined();
    }
    const activated = kernels.find(({ operator }) => operator === "Relu");
    expect(activated?.origin).toEqual({ ops: ["relu"], path: "first" });
    const products = kernels.filter(({ origin }) => origin?.ops.includes("matmul")).map(({ origin }) => origin?.path);
    expect(products.sort()).toEqual(["first", "first (backward)", "second", "second (backward)", "second (backward)"]);
    expect(new Set(kernels.map(({ origin }) => parsePlace(origin?.path ?? "").stage))).toEqual(
      new Set(["forward", "backward"]),
    );

    // The hidden activations are alive until the second layer's gradient is done; outputs are the caller's.
    const hidden = activated?.values[0];
    expect(hidden).toMatchObject({ dtype: "float", shape: [6, 5], bytes: 120 });
    expect(kernels[hidden?.lastUse ?? 0].origin?.path).toMatch(/ \(backward\)$/);
    const gradient = kernels.find(({ origin, values }) => origin?.path === "first (backward)" && values.length === 0);
    expect(gradient).toBeDefined();
    await program.dispose();
    await plain.dispose();
  });

  test("leaves no files behind", () => {
    expect(records()).toEqual([]);
  });
});

describe("a record", () => {
  const event = (name: string, op_name: string, ts: number, dur: number, ...shapes: number[][]) => ({
    cat: "Node",
    name: `${name}_kernel_time`,
    ts,
    dur,
    args: { op_name, mem_arena_held: "4096", output_type_shape: shapes.map((shape) => ({ float: shape })) },
  });
  const run = (ts: number, dur: number) => ({ cat: "Session", name: "model_run", ts, dur, args: {} });
  const node = (opType: string, name: string, inputs: string[], outputs: string[]) => ({
    ...{ opType, name, inputs, outputs, domain: "" },
  });
  const model: OnnxModel = {
    name: "tiny",
    nodes: [
      { ...node("Mul", "a", ["input_0", "input_0"], ["a_out"]), attributes: {}, origin: { op: "mul", path: "one" } },
      { ...node("Exp", "b", ["a_out"], ["b_out"]), attributes: {}, origin: { op: "exp", path: "two" } },
      { ...node("Scan", "c", ["b_out"], ["output_0"]), attributes: {}, origin: { op: "scan", path: "three" } },
    ],
    initializers: [],
    inputs: [{ name: "input_0", dtype: "float32", shape: [2, 3] }],
    outputs: [{ name: "output_0", dtype: "float32", shape: [2, 3] }],
    opsets: {},
    metadata: {},
  };

  test("counts the kernels of a loop's body apart from the loop", () => {
    const events = [10, 1000].flatMap((start) => [
      event("a", "Mul", start, 5, [2, 3]),
      event("b", "Exp", start + 5, 5, [2, 3]),
      event("body", "Tanh", start + 11, 20, [2, 3]),
      event("body", "Tanh", start + 32, 20, [2, 3]),
      event("c", "Scan", start + 10, 50, [2, 3]),
      run(start, 70),
    ]);
    const seen = readRecording("tiny", model, { optimized: model.nodes, events: JSON.stringify(events) });
    expect(seen.runMs).toEqual([0.07, 0.07]);
    expect(seen.heldBytes).toBe(4096);
    expect(seen.kernels.map(({ operator }) => operator)).toEqual(["Mul", "Exp", "Scan"]);
    const [mul, exp, scan] = seen.kernels;
    expect(scan.ms.map((each) => Math.round(each * 1000))).toEqual([10, 10]);
    expect(scan.inner).toEqual([{ operator: "Tanh", ms: [0.04, 0.04], values: [] }]);
    // Exp writes over what Mul made; Scan's output is the caller's.
    expect(mul.values).toEqual([{ dtype: "float", shape: [2, 3], bytes: 24, lastUse: 0 }]);
    expect(exp.values).toEqual([{ dtype: "float", shape: [2, 3], bytes: 24, lastUse: 2 }]);
    expect(scan.values).toEqual([]);
  });

  test("tells what joined kernels compute, and says nothing about those that it cannot know", () => {
    const optimized = [
      node("FusedMulExp", "made up", ["input_0"], ["b_out"]),
      node("ReorderInput", "layout", ["b_out"], ["other"]),
      node("Scan", "fused c", ["other"], ["unknown"]),
    ];
    const events = [event("made up", "X", 0, 1), event("layout", "Y", 1, 1), event("fused c", "Z", 2, 1), run(0, 4)];
    const { kernels } = readRecording("tiny", model, { optimized, events: JSON.stringify(events) });
    expect(kernels.map(({ origin }) => origin)).toEqual([
      { ops: ["mul", "exp"], path: "one" },
      undefined,
      { ops: ["scan"], path: "three" },
    ]);
  });

  test("that does not fit its graph is refused", () => {
    const events = JSON.stringify([event("a", "Mul", 0, 1, [2, 3]), run(0, 4)]);
    expect(() => readRecording("tiny", model, { optimized: model.nodes, events })).toThrow(
      new GalateaError(
        "backend",
        "tiny",
        "a run had 1 kernels, unlike its graph from number 1",
        "the graph has 3, each once",
      ),
    );
  });
});
