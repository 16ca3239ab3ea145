/** Many updates of few places, on two threads, again and again: an update that is lost, or added in another order,
 * shows. ONNX Runtime's ScatterND loses updates (its issue 18048), which is why no lowering writes it. */

import { afterAll, expect, test } from "vitest";
import { gradients } from "../../src/core/autodiff/index.ts";
import type { Shape } from "../../src/core/base/index.ts";
import { type Tensor, trace } from "../../src/core/trace/index.ts";
import { type HostValue, hostValue, interpret, toHost } from "../../src/engine/interpreter/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { difference } from "../conformance/run.ts";

const backend = createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

const runs = 50;
// So many that ScatterND, put in the place of ScatterElements, is caught in most runs of this file.
const count = 16_384;
const columns = 64;

/** `count` numbers, of which few differ. */
function indices(shape: Shape): HostValue {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return hostValue(
    "int64",
    shape,
    Array.from({ length: size }, (_, i) => (i * i) % 3),
  );
}

interface Scattering {
  readonly name: string;
  readonly updates: Shape;
  readonly indices: HostValue;
  readonly f: (updates: Tensor, indices: Tensor) => Tensor;
}

/** The gradient of a sum of rows that were read and multiplied by `weights`. */
function gradientOf(read: (table: Tensor) => Tensor, table: Shape, weights: Tensor): Tensor {
  // The table's numbers do not matter: the sum is linear in them.
  const zeros = weights.slice(0, 0, 1).sum().mul(0).expand(table);
  return gradients(read(zeros).mul(weights).sum(), [zeros])[0];
}

const scatterings: readonly Scattering[] = [
  {
    name: "scatterAdd into 8 rows, by a product",
    updates: [count, columns],
    indices: indices([count]),
    f: (updates, at) => updates.scatterAdd(at, 8),
  },
  {
    name: "scatterAdd into 300 rows, by ScatterElements",
    updates: [count, columns],
    indices: indices([count]),
    f: (updates, at) => updates.scatterAdd(at, 300),
  },
  {
    name: "scatterAdd along the last axis",
    updates: [columns, count],
    indices: indices([count]),
    f: (updates, at) => updates.scatterAdd(at, 8, 1),
  },
  {
    name: "scatterAddAlongAxis, first axis",
    updates: [count, columns],
    indices: indices([count, columns]),
    f: (updates, at) => updates.scatterAddAlongAxis(at, 8, 0),
  },
  {
    name: "scatterAddAlongAxis, last axis",
    updates: [columns, count],
    indices: indices([columns, count]),
    f: (updates, at) => updates.scatterAddAlongAxis(at, 300, 1),
  },
  {
    name: "the gradient of an embedding of 1000 words",
    updates: [count, columns],
    indices: indices([count]),
    f: (updates, at) => gradientOf((table) => table.gather(at), [1000, columns], updates),
  },
  {
    name: "the gradient of takeAlongAxis",
    updates: [columns, count],
    indices: indices([columns, count]),
    f: (updates, at) => gradientOf((table) => table.takeAlongAxis(at, 1), [columns, 9], updates),
  },
];

test.each(scatterings.map((one) => [one.name, one] as const))("%s", async (_, one) => {
  // Sums of fractions depend on the order of their terms: it must be the same in every run.
  const numbers = Array.from({ length: count * columns }, (__, i) => Math.fround(Math.sin(i) * 3));
  const updates = hostValue("float32", one.updates, numbers);
  const types = { updates: { dtype: "float32", shape: one.updates }, indices: one.indices } as const;
  const { graph } = trace(types, (args) => one.f(args.updates, args.indices));
  const program = await backend.compile(graph, "stress");
  const operands = [updates, one.indices].map(toHost);
  const outputs: Float32Array[] = [];
  for (let i = 0; i < runs; i++) outputs.push((await program.run(operands))[0].data as Float32Array);
  await program.dispose();

  const [expected] = interpret(graph, [updates, one.indices]);
  // Rounding moves a sum of 16384 numbers below 3 by less than 0.02; most updates are larger.
  const [first, ...rest] = outputs;
  expect(difference({ ...expected, data: first }, expected, { relative: 0, absolute: 0.02 })).toBeUndefined();
  expect(rest.filter((output) => !output.every((element, i) => Object.is(element, first[i]))).length).toBe(0);
});
