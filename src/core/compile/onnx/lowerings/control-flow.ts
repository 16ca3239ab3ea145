/** Loops in ONNX. */

import { allocateHost } from "../../../base/index.ts";
import { graphOf } from "../../../graph/index.ts";
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

export const controlFlow = {
  scan: lowerScan,
} satisfies SomeLowerings;
