import { afterAll, expect, test } from "vitest";
import { gradients, type Tensor, type TensorType, trace } from "../../core/index.ts";
import { createCpuBackend } from "./cpu-backend.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

const square: TensorType = { dtype: "float32", shape: [16, 16] };

/** What core/compile/onnx/order.ts counts on. */
test("the runtime updates the last layer first, each layer as soon as its gradient is there", async () => {
  const names = ["b", "d", "a", "c"];
  const types = { x: square, parameters: Object.fromEntries(names.map((name) => [name, { weight: square }])) };
  const { graph } = trace(types, ({ x, parameters }) => {
    const weights = names.map((name) => parameters[name].weight);
    const output = [...names].sort().reduce((y: Tensor, name) => y.matmul(parameters[name].weight).tanh(), x);
    const loss = output.square().mean();
    const slopes = gradients(loss, weights);
    const moved = names.map((name, i) => [name, weights[i].sub(slopes[i].mul(0.1))] as const);
    return { ...Object.fromEntries(moved), loss };
  });
  const { program, finish } = (await backend.compileRecorded?.(graph, "descent")) ?? expect.fail();
  const data = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i));
  await program.run(graph.inputs.map(() => ({ ...square, data })));
  const { kernels } = await finish();
  const updates = kernels.filter(({ operator }) => operator === "Sub").map(({ origin }) => origin?.path ?? "");
  expect(updates.filter((path) => names.includes(path))).toEqual(["d", "c", "b", "a"]);
  for (const name of ["b", "c", "d"]) {
    const update = kernels.findIndex(({ operator, origin }) => operator === "Sub" && origin?.path === name);
    const before = kernels.slice(0, update).map(({ origin }) => origin?.path);
    const earlier = String.fromCharCode(name.charCodeAt(0) - 1);
    expect(before).not.toContain(`${earlier} (backward)`);
  }
});
