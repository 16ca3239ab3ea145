/** Loops, and what is computed twice, in ONNX. */

import { allocateHost, sizeOf } from "../../../base/index.ts";
import { graphOf } from "../../../graph/index.ts";
import type { OnnxBuilder } from "../builder.ts";
import { onnxDType } from "../schema.ts";
import { type Lowering, lowerEmpty, type SomeLowerings } from "./lowering.ts";

/** Scan; invariants are read from the graph around the body. */
const lowerScan: Lowering<"scan"> = ({ onnx, inputs, attrs, outputs, lowerBody, path }) => {
  const { carries, scanned, length, reverse } = attrs;
  const body = graphOf(attrs.body);
  if (length === 0) {
    // ONNX Runtime refuses a sequence of no steps.
    outputs.forEach((output, i) => {
      if (i < carries) onnx.node("Identity", [inputs[i]], { output, path });
      else {
        const { dtype, shape } = body.outputs[i].value;
        lowerEmpty(onnx, { dtype, shape: [0, ...shape] }, { output, path });
      }
    });
    return;
  }
  const declared = carries + scanned;
  const captured = new Map(inputs.map((name, i) => [i, name] as const).slice(declared));
  const graph = lowerBody(body, captured);
  // ONNX takes the number of steps from what is scanned: where nothing is, from something that no step reads.
  const clock = { name: onnx.freshName("clock"), dtype: "bool", shape: [] } as const;
  const sequences =
    scanned > 0 ? inputs.slice(carries, declared) : [onnx.constant("bool", [length], allocateHost("bool", length))];
  const directions = (count: number) => ({ ints: new Array<number>(count).fill(Number(reverse)) });
  onnx.node("Scan", [...inputs.slice(0, carries), ...sequences], {
    outputs,
    path,
    attributes: {
      body: { graph: scanned > 0 ? graph : { ...graph, inputs: [...graph.inputs, clock] } },
      num_scan_inputs: { int: sequences.length },
      scan_input_directions: directions(sequences.length),
      scan_output_directions: directions(outputs.length - carries),
    },
  });
};

/** Loop; invariants are read from the graph around the body. */
const lowerLoop: Lowering<"loop"> = ({ onnx, inputs, attrs, outputs, lowerBody, path }) => {
  const { carries, most } = attrs;
  if (carries === 0) return;
  const captured = new Map(inputs.map((name, i) => [i, name] as const).slice(carries));
  const graph = lowerBody(graphOf(attrs.body), captured);
  // ONNX also gives the step's number and the last condition, which no body of ours reads.
  const step = { name: onnx.freshName("step"), dtype: "int64", shape: [] } as const;
  const wentOn = { name: onnx.freshName("wentOn"), dtype: "bool", shape: [] } as const;
  const limit = onnx.constant("int64", [], BigInt64Array.of(BigInt(most)));
  onnx.node("Loop", [limit, "", ...inputs.slice(0, carries)], {
    outputs,
    path,
    attributes: { body: { graph: { ...graph, inputs: [step, wentOn, ...graph.inputs] } } },
  });
};

/** Zero that a runtime learns only from the first element of a tensor: whether it is less than itself. */
function lateZero(onnx: OnnxBuilder, after: string, dtype: "int64" | "float32", path: string): string {
  const flat = onnx.reshape(after, [-1], { path });
  const first = onnx.node("Slice", [flat, onnx.ints([0]), onnx.ints([1])], { path });
  const never = onnx.node("Less", [first, first], { path });
  return onnx.node("Cast", [never], { path, attributes: { to: { int: onnxDType[dtype] } } });
}

/** Reshape copies nothing, and waits for the shape; where shapes are read before the run, a difference to 0 waits. */
const lowerBarrier: Lowering<"barrier"> = ({ onnx, target, inputs: [x, after], types, type, output, path }) => {
  if (sizeOf(types[1].shape) === 0) {
    onnx.node("Identity", [x], { output, path });
  } else if (target.kernels) {
    const zero = onnx.reshape(lateZero(onnx, after, "float32", path), [], { path });
    onnx.node("Sub", [x, zero], { output, path });
  } else {
    const zero = lateZero(onnx, after, "int64", path);
    onnx.node("Reshape", [x, onnx.node("Add", [onnx.ints(type.shape), zero], { path })], { output, path });
  }
};

export const controlFlow = {
  scan: lowerScan,
  loop: lowerLoop,
  checkpoint: ({ attrs, lowerInline }) => lowerInline(graphOf(attrs.body)),
  barrier: lowerBarrier,
} satisfies SomeLowerings;
