/** How many channels ONNX Runtime's blocked convolutions take at a time on this processor: 16 with AVX-512, 8 with AVX2. */

import { GalateaError, type OnnxModel } from "../../core/index.ts";
import type { Program } from "../../engine/index.ts";

/** ReorderInput fills the last block of channels, so that its result tells how large blocks are. */
const channels = 4;

const probe: OnnxModel = {
  name: "convolution block",
  nodes: [
    {
      opType: "ReorderInput",
      domain: "com.microsoft.nchwc",
      name: "reorder",
      inputs: ["input_0"],
      outputs: ["blocks"],
      attributes: {},
    },
    { opType: "Shape", domain: "", name: "shape", inputs: ["blocks"], outputs: ["output_0"], attributes: {} },
  ],
  initializers: [],
  inputs: [{ name: "input_0", dtype: "float32", shape: [1, channels, 1, 1] }],
  outputs: [{ name: "output_0", dtype: "int64", shape: [4] }],
  opsets: { "": 21, "com.microsoft.nchwc": 1 },
  metadata: {},
};

/** Channels in a block, or `undefined` where the library has no such convolutions for this processor. */
export async function findConvolutionBlock(
  load: (model: OnnxModel, label: string) => Promise<Program>,
): Promise<number | undefined> {
  try {
    const program = await load(probe, probe.name);
    const input = { dtype: "float32", shape: [1, channels, 1, 1], data: new Float32Array(channels) } as const;
    const [shape] = await program.run([input]);
    await program.dispose();
    return Number(shape.data[1]);
  } catch (error) {
    if (error instanceof GalateaError) return undefined;
    throw error;
  }
}
