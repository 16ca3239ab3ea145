import { afterAll, expect, test } from "vitest";
import { four, host, keepsContract, numbersOf } from "../../../test/conformance/backend.ts";
import { trace } from "../../core/index.ts";
import type { HostTensor } from "../../engine/index.ts";
import { createCpuBackend } from "./index.ts";

keepsContract("cpu", async () => createCpuBackend({ threads: 2 }), { steps: 2000, side: 768 });

const backend = createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

test("numbers below 1.2e-38 count for zero on every thread, or on none", async () => {
  const type = { dtype: "float32", shape: [1 << 20] } as const;
  const program = await backend.compile(trace({ x: type }, ({ x }) => x.mul(0.9)).graph, "denormals");
  const tiny: HostTensor = { ...type, data: new Float32Array(1 << 20).fill(1e-40) };
  for (let run = 0; run < 4; run++) {
    const [{ data }] = await program.run([tiny]);
    const zeros = (data as Float32Array).reduce((count, value) => count + Number(value === 0), 0);
    expect(zeros).toBe(process.arch === "x64" && process.platform !== "darwin" ? data.length : 0);
  }
  // The main thread's own arithmetic is not touched.
  expect(new Float64Array([Number.MIN_VALUE])[0] * 2).toBeGreaterThan(0);
});

test("refusals of the runtime come with the program's name, and the next run works", async () => {
  const types = { x: four, at: { dtype: "int32", shape: [1] } } as const;
  const program = await backend.compile(trace(types, ({ x, at }) => x.gather(at)).graph, "lookup");
  const x = host("float32", [1, 2, 3, 4]);
  await expect(program.run([x, host("int32", [9])])).rejects.toMatchObject({
    code: "backend",
    message: expect.stringMatching(/^lookup: .*Gather.*idx=9/),
  });
  const [{ data }] = await program.run([x, host("int32", [2])]);
  expect(numbersOf(data)).toEqual([3]);
});

test.each([0, 1.5, Number.NaN])("%d threads are refused", (threads) => {
  expect(() => createCpuBackend({ threads })).toThrow(`threads: is ${threads}; it must be a whole number`);
});
