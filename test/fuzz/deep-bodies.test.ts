/** Passes look at each value once: of values that are read twice and again there are more ways than atoms. */

import { expect, test } from "vitest";
import { nodesInOrder } from "../../src/core/graph/index.ts";
import { grad, optimize } from "../../src/core/index.ts";
import { scan, type Tensor, trace } from "../../src/core/trace/index.ts";
import { evaluateConstants } from "../../src/engine/index.ts";

const depth = 80;

/** x + x / 2, again and again: 2^80 ways from the end to x. */
function ladder(x: Tensor): Tensor {
  return Array.from({ length: depth }).reduce<Tensor>((y) => y.add(y.mul(0.5)).tanh(), x);
}

test.each([
  ["before the loop", (big: Tensor, _: Tensor) => ladder(big)],
  ["in the loop's steps", (big: Tensor, step: Tensor) => ladder(big.mul(step))],
  ["of the carry", (big: Tensor, step: Tensor, sum: Tensor) => ladder(sum.mul(step)).add(big)],
])("a long ladder %s", (_, inStep) => {
  const types = {
    big: { dtype: "float32", shape: [64, 64] },
    steps: { dtype: "float32", shape: [5] },
  } as const;
  const { graph } = trace(types, ({ big, steps }) => {
    const { carry } = scan(
      (sum: Tensor, { step }: { readonly step: Tensor }) => ({ carry: sum.add(inStep(big, step, sum)), y: {} }),
      big,
      { step: steps },
    );
    const loss = carry.sum();
    return { loss, ...grad(loss, { big }) };
  });
  const compiled = optimize(graph, evaluateConstants);
  expect(nodesInOrder(compiled.outputs.map(({ value }) => value)).length).toBeGreaterThan(0);
});
