/** What the WebGPU backend does beside computing. */

import { afterAll, expect, test } from "vitest";
import { trace } from "../../src/core/index.ts";
import { createWebgpuBackend } from "../../src/platform/node/index.ts";
import { host, keepsContract, refused } from "../conformance/backend.ts";

const carries = ["float32", "int32", "uint32", "int64", "uint8", "bool"] as const;
keepsContract("webgpu", createWebgpuBackend, { steps: 500, side: 96, carries });

const backend = await createWebgpuBackend();
afterAll(() => backend.dispose());

test("int64 numbers beyond 32 bits are refused wherever they come from", async () => {
  const type = { dtype: "int64", shape: [2] } as const;
  const wide = host("int64", [1, -(2 ** 31) - 1]);
  const problem = "holds the int64 number -2147483649; on WebGPU int64 numbers must lie between -2^31 and 2^31 - 1";
  const program = await backend.compile(trace({ x: type }, ({ x }) => x.reshape([1, 2])).graph, "wide");
  await refused(program.run([wide]), `wide, operand 0: ${problem}`);
  await refused(backend.write(await backend.allocate(type), wide.data), `write: ${problem}`);
  const [{ data }] = await program.run([host("int64", [-(2 ** 31), 2 ** 31 - 1])]);
  expect(data).toEqual(BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n));
});

test("a program that the device cannot run is refused when it is compiled", async () => {
  const { graph } = trace({ x: { dtype: "int64", shape: [2] } }, ({ x }) => x.add(x));
  const right = "this device computes int64 in 32 bits: cast to int32, or use the CPU";
  await refused(backend.compile(graph, "sum"), `add of int64 may give numbers beyond 2^31; ${right}`);
});

test("the description names the device", () => {
  expect(backend.description).toMatch(/^ONNX Runtime \d+\.\d+\.\d+ on WebGPU, \w/);
});
