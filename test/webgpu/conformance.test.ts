/** Every op on the WebGPU backend. */

import { afterAll, expect, test } from "vitest";
import { findWideNumber, GalateaError, lowerGraph, optimize, webgpuTarget } from "../../src/core/index.ts";
import { evaluateConstants, toHost } from "../../src/engine/index.ts";
import { createWebgpuBackend } from "../../src/platform/node/index.ts";
import { type ConformanceCase, conformanceCases } from "../conformance/cases.ts";
import { conformsOn, graphOf } from "../conformance/run.ts";
import { leniency } from "./leniency.ts";

const backend = await createWebgpuBackend();
afterAll(() => backend.dispose());

/** Types that the device computes in 32 bits, or need not have at all; what it refuses of them is refused clearly. */
const narrowTypes: readonly string[] = ["int64", "float16"];

/** Why the backend refuses a case: its graph, or an int64 number beyond 32 bits. */
function refusal(one: ConformanceCase): string | undefined {
  if (one.inputs.some((value) => findWideNumber(toHost(value).data) !== undefined)) {
    return "refused, as the device computes int64 in 32 bits";
  }
  try {
    lowerGraph(optimize(graphOf(one), evaluateConstants, webgpuTarget), webgpuTarget);
    return undefined;
  } catch (error) {
    if (error instanceof GalateaError && error.code === "backend") return `refused: ${error.message.split(";")[0]}`;
    throw error;
  }
}

function typesOf(one: ConformanceCase): readonly string[] {
  const { inputs, outputs } = graphOf(one);
  return [...inputs, ...outputs.map(({ value }) => value)].map(({ dtype }) => dtype);
}

test("only cases of the narrow types are refused, and loops of unknown length", () => {
  const refused = conformanceCases.filter((one) => refusal(one) !== undefined);
  expect(refused.length).toBeGreaterThan(0);
  const others = refused.filter(
    (one) => one.op !== "loop" && !typesOf(one).some((dtype) => narrowTypes.includes(dtype)),
  );
  expect(others.map(({ op, name }) => `${op}: ${name}`)).toEqual([]);
});

test("int64 indices, labels and what they are compared with are not", () => {
  const used: readonly string[] = ["gather", "scatterAdd", "argMax", "equal", "less", "where", "reshape", "concat"];
  const refused = conformanceCases.filter((one) => used.includes(one.op) && /kernel|may give/.test(refusal(one) ?? ""));
  expect(refused.filter((one) => !typesOf(one).includes("float16"))).toEqual([]);
});

const fillsWithFinite = "ONNX Runtime's WebGPU TopK puts the extreme finite numbers in place of infinities";

conformsOn(
  "webgpu",
  async (graph, inputs) => {
    const program = await backend.compile(graph, "conformance");
    try {
      return await program.run(inputs);
    } finally {
      await program.dispose();
    }
  },
  {
    "pow: every pair of special numbers": "WGSL lets a device compute as if there were no NaN and infinity",
    "topK: infinities: 5 largest of float32[5] along 0": fillsWithFinite,
    "topK: infinities: 5 smallest of float32[5] along 0": fillsWithFinite,
    "layerNorm: a mean far from 0":
      "ONNX Runtime's WebGPU kernel takes the variance for a difference of means, of squares and squared",
  },
  { ...leniency, refusal },
);
