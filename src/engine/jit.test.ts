import { afterAll, describe, expect, test } from "vitest";
import type { Tensor } from "../core/trace/index.ts";
import { createCpuBackend } from "../platform/node/index.ts";
import type { Backend, HostTensor } from "./backend.ts";
import { jit } from "./jit.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

/** The same backend, which notes the label of each compilation. */
function counting(): { readonly counted: Backend; readonly labels: string[] } {
  const labels: string[] = [];
  const compile: Backend["compile"] = (graph, label) => {
    labels.push(label);
    return backend.compile(graph, label);
  };
  return { counted: { ...backend, compile }, labels };
}

function floats(shape: readonly number[], ...numbers: number[]): HostTensor {
  return { dtype: "float32", shape, data: Float32Array.from(numbers) };
}

type Pair = { readonly x: Tensor; readonly y: Tensor };

describe("jit compiles once for each signature", () => {
  test("again for another shape or element type, not for other numbers", async () => {
    const { counted, labels } = counting();
    let traces = 0;
    const sum = jit(counted, "sum", ({ x, y }: Pair) => {
      traces++;
      return x.add(y);
    });
    const run = async (x: HostTensor, y: HostTensor): Promise<number[]> =>
      Array.from((await sum({ x, y } as never)).data, Number);
    expect(await run(floats([2], 1, 2), floats([2], 3, 4))).toEqual([4, 6]);
    expect(await run(floats([2], 5, 6), floats([2], 7, 8))).toEqual([12, 14]);
    expect([labels, traces]).toEqual([["sum"], 1]);
    expect(await run(floats([2, 1], 1, 2), floats([2], 3, 4))).toEqual([4, 5, 5, 6]);
    const integer: HostTensor = { dtype: "int32", shape: [1], data: Int32Array.of(7) };
    expect(await run(integer, integer)).toEqual([14]);
    expect([labels, traces]).toEqual([["sum", "sum", "sum"], 3]);
    await sum.dispose();
  });
  test("calls that start together share one compilation", async () => {
    const { counted, labels } = counting();
    const square = jit(counted, "square", ({ x }: { readonly x: Tensor }) => x.square());
    const results = await Promise.all([1, 2, 3].map((number) => square({ x: floats([1], number) } as never)));
    expect(results.map(({ data }) => data[0])).toEqual([1, 4, 9]);
    expect(labels).toEqual(["square"]);
    await square.dispose();
  });
  test("after dispose it compiles anew", async () => {
    const { counted, labels } = counting();
    const square = jit(counted, "square", ({ x }: { readonly x: Tensor }) => x.square());
    await square({ x: floats([1], 2) } as never);
    await square.dispose();
    expect((await square({ x: floats([1], 3) } as never)).data[0]).toBe(9);
    expect(labels.length).toBe(2);
    await square.dispose();
  });
});

test("trees go in and come out", async () => {
  const split = jit(backend, "split", ({ pair }: { readonly pair: Pair }) => ({
    sums: [pair.x.add(pair.y), pair.x],
    nested: { product: pair.x.mul(pair.y) },
  }));
  const result = await split({ pair: { x: floats([2], 1, 2), y: floats([2], 3, 4) } } as never);
  expect(result).toEqual({
    sums: [floats([2], 4, 6), floats([2], 1, 2)],
    nested: { product: floats([2], 3, 8) },
  });
  await split.dispose();
});

test("device buffers are arguments like any other", async () => {
  const buffer = await backend.allocate({ dtype: "float32", shape: [2] });
  await backend.write(buffer, Float32Array.of(3, 4));
  const double = jit(backend, "double", ({ x }: { readonly x: Tensor }) => x.add(x));
  expect(await double({ x: buffer } as never)).toEqual(floats([2], 6, 8));
  await double.dispose();
  await buffer.dispose();
});

describe("errors", () => {
  test("of tracing are not remembered", async () => {
    const { counted, labels } = counting();
    let broken = true;
    const sum = jit(counted, "sum", ({ x, y }: Pair) => (broken ? x.argMax(1) : x.add(y)));
    const args = { x: floats([2], 1, 2), y: floats([2], 3, 4) } as never;
    await expect(sum(args)).rejects.toThrow("axis 1 is outside a tensor of rank 1");
    await expect(sum(args)).rejects.toThrow("axis 1");
    broken = false;
    expect((await sum(args)).data).toEqual(Float32Array.of(4, 6));
    expect(labels).toEqual(["sum"]);
    await sum.dispose();
  });
  test("of compiling are not remembered", async () => {
    let broken = true;
    const compile: Backend["compile"] = (graph, label) =>
      broken ? Promise.reject(new Error("out of memory")) : backend.compile(graph, label);
    const negate = jit({ ...backend, compile }, "negate", ({ x }: { readonly x: Tensor }) => x.neg());
    await expect(negate({ x: floats([1], 2) } as never)).rejects.toThrow("out of memory");
    broken = false;
    expect((await negate({ x: floats([1], 2) } as never)).data[0]).toBe(-2);
    await negate.dispose();
  });
});
