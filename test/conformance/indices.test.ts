/** What happens to an index outside: the run fails, on every backend and whatever an op is lowered to. */

import { afterAll, describe, expect, test } from "vitest";
import type { Shape } from "../../src/core/base/index.ts";
import { type Tensor, tensor, trace } from "../../src/core/trace/index.ts";
import { hostValue, interpret, toHost } from "../../src/engine/interpreter/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

interface Access {
  readonly name: string;
  /** How many places there are. */
  readonly size: number;
  readonly indices: Shape;
  readonly f: (indices: Tensor) => Tensor;
}

const row = tensor([1, 2, 3], [3]);
const accesses: readonly Access[] = [
  { name: "gather", size: 3, indices: [2], f: (at) => row.gather(at) },
  { name: "takeAlongAxis", size: 3, indices: [2], f: (at) => row.takeAlongAxis(at, 0) },
  { name: "scatterAdd by a product", size: 5, indices: [3], f: (at) => row.scatterAdd(at, 5) },
  { name: "scatterAdd by ScatterElements", size: 300, indices: [3], f: (at) => row.scatterAdd(at, 300) },
  { name: "scatterAddAlongAxis", size: 4, indices: [3], f: (at) => row.scatterAddAlongAxis(at, 4, 0) },
];

describe.each(accesses.map((one) => [one.name, one] as const))("%s", (_, { size, indices, f }) => {
  const { graph } = trace({ at: { dtype: "int64", shape: indices } }, ({ at }) => f(at));
  const filled = (index: number) => hostValue("int64", indices, new Array<number>(indices[0]).fill(index));

  test.each([size, -size - 1])("%d makes the run fail", async (index) => {
    const program = await backend.compile(graph, "indices");
    await expect(program.run([toHost(filled(index))])).rejects.toThrow(/^indices: /);
    await program.dispose();
    const right = `it must lie within ${-size} to ${size - 1}`;
    expect(() => interpret(graph, [filled(index)])).toThrow(`interpreter: index ${index}; ${right}`);
  });
  test.each([size - 1, -size])("%d does not", async (index) => {
    const program = await backend.compile(graph, "indices");
    const [output] = await program.run([toHost(filled(index))]);
    expect([...output.data]).toEqual([...interpret(graph, [filled(index)])[0].data]);
    await program.dispose();
  });
});

test("no element of an empty axis can be named", () => {
  const { graph } = trace({ at: { dtype: "int64", shape: [1] } }, ({ at }) => tensor([], [0]).gather(at));
  expect(() => interpret(graph, [hostValue("int64", [1], [0])])).toThrow("interpreter: index 0; the axis is empty");
});
