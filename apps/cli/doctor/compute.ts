/** ONNX Runtime: a real graph, compiled, run and compared with the reference; and how fast it multiplies. */

import { availableParallelism } from "node:os";
import { GalateaError, gradients, keyFromSeed, randomBits, type TensorType, trace } from "../../../src/core/index.ts";
import { type Backend, fromHost, type HostTensor, interpret } from "../../../src/engine/index.ts";
import { createCpuBackend, createWebgpuBackend, onnxRuntimeVersion } from "../../../src/platform/node/index.ts";
import type { Finding } from "./check.ts";

/** Float32 against float64 over sums of 16 numbers of about 1: rounding alone stays ten times below. */
const tolerance = 1e-5;
/** WGSL allows a device more in tanh than a processor makes use of; a wrong kernel is further off. */
const deviceTolerance = 1e-3;

const side = 1024;
const timedRuns = 10;

/** Whether the CPU backend computes what the reference interpreter does, and at what speed. */
export async function checkCompute(): Promise<Finding[]> {
  const version = onnxRuntimeVersion();
  const backend = createCpuBackend({ threads: availableParallelism() });
  try {
    const gap = await gapToReference(backend);
    if (gap <= tolerance) {
      const detail = `${version}: a gradient was compiled, run, and agrees with the reference interpreter`;
      return [{ name: "onnxruntime", health: "ok", detail, value: gap }, await speedOf(backend)];
    }
    const detail = `${version}: a gradient is ${gap.toExponential(1)} off the reference interpreter's`;
    return [{ name: "onnxruntime", health: "fail", detail, value: gap }];
  } finally {
    await backend.dispose();
  }
}

/** The graphics device and whether it computes what the reference interpreter does, or why there is none. */
export async function checkWebgpu(): Promise<Finding[]> {
  const name = "backend webgpu";
  const backend = await createWebgpuBackend().catch(onlyRefusal);
  if (typeof backend === "string") return [{ name, health: "info", detail: backend }];
  try {
    const gap = await gapToReference(backend);
    const detail = backend.description;
    if (gap <= deviceTolerance) return [{ name, health: "ok", detail, value: gap }];
    const seen = `${detail}: a gradient is ${gap.toExponential(1)} off the reference interpreter's`;
    return [{ name, health: "warn", detail: seen, value: gap }];
  } finally {
    await backend.dispose();
  }
}

/** What a backend says when this machine cannot run it; other errors go on. */
function onlyRefusal(error: unknown): string {
  if (!(error instanceof GalateaError)) throw error;
  return error.message.replace(`${error.where}: `, "");
}

/** Numbers between -1 and 1 that are the same everywhere. */
function numbers({ dtype, shape }: TensorType, seed: number): HostTensor {
  const key = keyFromSeed(seed);
  const size = shape.reduce((product, axis) => product * axis, 1);
  const data = Float32Array.from({ length: size }, (_, i) => randomBits(key, i) / 2 ** 31 - 1);
  return { dtype, shape, data };
}

/** Largest difference between backend and reference over a small network's loss and gradient. */
async function gapToReference(backend: Backend): Promise<number> {
  const types = {
    x: { dtype: "float32", shape: [8, 16] },
    w: { dtype: "float32", shape: [16, 4] },
  } as const satisfies Record<string, TensorType>;
  const { graph } = trace(types, ({ x, w }) => {
    const loss = x.matmul(w).tanh().square().mean();
    return { loss, gradient: gradients(loss, [w])[0] };
  });
  const inputs = [numbers(types.x, 1), numbers(types.w, 2)];
  const program = await backend.compile(graph, "doctor");
  const seen = await program.run(inputs);
  await program.dispose();
  const expected = interpret(graph, inputs.map(fromHost));
  const gaps = expected.flatMap(({ data }, output) =>
    Array.from(data, (value, i) => Math.abs(value - Number(seen[output].data[i]))),
  );
  // A NaN anywhere must not get lost.
  return gaps.reduce((largest, gap) => (gap > largest || Number.isNaN(gap) ? gap : largest), 0);
}

async function speedOf(backend: Backend): Promise<Finding> {
  const type: TensorType = { dtype: "float32", shape: [side, side] };
  const { graph } = trace({ a: type, b: type }, ({ a, b }) => a.matmul(b));
  const program = await backend.compile(graph, "doctor");
  const [a, b, product] = [await backend.allocate(type), await backend.allocate(type), await backend.allocate(type)];
  await backend.write(a, numbers(type, 3).data);
  await backend.write(b, numbers(type, 4).data);
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run <= timedRuns; run++) {
    const started = performance.now();
    await program.run([a, b], [product]);
    // The first run warms up.
    if (run > 0) fastestMs = Math.min(fastestMs, performance.now() - started);
  }
  if (!(Number((await backend.read(product))[0]) !== 0)) {
    throw new GalateaError("backend", "doctor", "a product of matrices came back as zero");
  }
  const gflops = (2 * side ** 3) / fastestMs / 1e6;
  const detail = `${gflops.toFixed(0)} GFLOP/s on matrices of ${side} x ${side}, ${backend.description}`;
  return { name: "speed", health: gflops < 10 ? "warn" : "ok", detail, value: gflops };
}
