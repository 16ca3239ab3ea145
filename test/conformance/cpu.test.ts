/** Every op on the CPU backend. */

import { afterAll } from "vitest";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { conformsOn } from "./run.ts";

const backend = createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

conformsOn(
  "cpu",
  async (graph, inputs) => {
    const program = await backend.compile(graph, "conformance");
    const outputs = await program.run(inputs);
    await program.dispose();
    return outputs;
  },
  {
    "maxPool2d: infinities beside what is outside":
      "ONNX Runtime's MaxPool takes the smallest float32 number, not -infinity, for what is outside",
  },
);
