import { expect, test } from "vitest";
import { nodesInOrder } from "../graph/index.ts";
import { trace } from "../trace/index.ts";
import { gradients } from "./grad.ts";

const types = {
  parameters: { linear: { weight: { dtype: "float32", shape: [3, 4] } } },
  x: { dtype: "float32", shape: [2, 4] },
} as const;

test("gradients belong to the backward stage of the layer that they are of", () => {
  const { graph } = trace(types, ({ parameters, x }) => {
    const { weight } = parameters.linear;
    return gradients(x.matmul(weight, { transposeB: true }).sin().mean(), [weight])[0];
  });
  const computed = nodesInOrder(graph.outputs.map(({ value }) => value)).filter(({ inputs }) => inputs.length > 0);
  const opsAt = (wanted: string): string[] => computed.filter(({ path }) => path === wanted).map(({ op }) => op);
  expect(opsAt("linear")).toEqual(["matmul"]);
  // The rule of sin reads the forward stage alone, and is backward all the same.
  expect(opsAt("linear (backward)")).toContain("cos");
  expect(opsAt("linear").length + opsAt("linear (backward)").length).toBe(computed.length);
});

test("what is computed from gradients is forward again", () => {
  const { output } = trace(types, ({ parameters }) => {
    const { weight } = parameters.linear;
    const [slope] = gradients(weight.square().sum(), [weight]);
    return slope.square().sum();
  });
  expect(output.path).toBe("linear");
});
