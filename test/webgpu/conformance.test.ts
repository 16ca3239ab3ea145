/** Every op on the WebGPU backend. */

import { afterAll } from "vitest";
import { createWebgpuBackend } from "../../src/platform/node/index.ts";
import type { Tolerance } from "../conformance/cases-tolerances.ts";
import { conformsOn, type Skips } from "../conformance/run.ts";

const backend = await createWebgpuBackend();
afterAll(() => backend.dispose());

function skip(reason: string, ...cases: readonly string[]): Skips {
  return Object.fromEntries(cases.map((name) => [name, reason]));
}

/** What the device may not be asked, or need not get right. */
const skips: Skips = {
  ...skip(
    "refused, as ONNX Runtime's WebGPU kernels compute int64 in 32 bits",
    "input: int64 at the edges of its range",
    "constant: int64 at the edges of its range",
    "add: int64: beyond 32 bits",
    "sub: int64: beyond 32 bits",
    "mul: int64: beyond 32 bits",
    "div: int64: toward zero",
    "maximum: int64: beyond 32 bits",
    "minimum: int64: beyond 32 bits",
    "less: int64: beyond 32 bits",
    "equal: int64: beyond 32 bits",
    "where: int64",
    "cast: floats to int64",
    "cast: float32 to int64",
    "cast: uint32 to int64",
    "reduceSum: int64[3, 4] over [0, 1]",
    "reduceSum: int64[3, 4] over [0, 1], axes kept",
  ),
  ...skip(
    "WGSL lets a device compute as if there were no NaN and infinity",
    "exp: special numbers 0 0 -Infinity Infinity NaN 1 -80 88 100 -200",
    "log: special numbers 1 0 0 Infinity -1 NaN 1e-30 1e+30",
    "sigmoid: special numbers 0 Infinity -Infinity NaN -80 80 -1000 1000",
    "relu: special numbers 0 0 Infinity -Infinity NaN 1e-30",
    "reduceMax: a NaN at each place stays",
  ),
  ...skip("its lowering needs uint64 and shifts, which WebGPU has not", "randomUniform", "foldKey"),
};

/** WGSL asks for sine and cosine within 2^-11, and only between -pi and pi. */
const trigonometric: Tolerance = { relative: 0, absolute: 2 ** -11 };

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
  skips,
  { sin: trigonometric, cos: trigonometric },
);
