import { afterAll, expect, test } from "vitest";
import { bufferOf, four, host, keepsContract, numbersOf } from "../../../test/conformance/backend.ts";
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

test("an output may overwrite an input of which nothing else is made", async () => {
  const types = { parameter: four, moment: four, average: four, gradient: four };
  const { graph } = trace(types, ({ parameter, moment, average, gradient }) => {
    const slope = gradient.mul(parameter);
    const next = moment.mul(0.5).add(slope);
    const moved = parameter.sub(next.square());
    return {
      parameter: moved,
      moment: next,
      average: average.add(moved.sub(average).mul(0.25)),
      seen: parameter.exp(),
    };
  });
  const program = await backend.compile(graph, "update");
  const over = [0, 1, 2, 3].map((i) => program.overwrites?.(i, i));
  // What is seen reads the parameter too, and who knows when.
  expect(over).toEqual([false, true, true, false]);
  const numbers = [1, -2, 3, 0.5].map((scale) =>
    host(
      "float32",
      [1, 2, 3, 4].map((x) => x * scale),
    ),
  );
  const expected = (await program.run(numbers)).map(({ data }) => data);
  const [parameter, moment, average] = [
    await bufferOf(backend, numbers[0]),
    await bufferOf(backend, numbers[1]),
    await bufferOf(backend, numbers[2]),
  ];
  const next = await backend.allocate(four);
  const [seen] = await program.run([parameter, moment, average, numbers[3]], [next, moment, average, undefined]);
  const written = [await backend.read(next), await backend.read(moment), await backend.read(average), seen.data];
  expect(written).toEqual(expected);
});
