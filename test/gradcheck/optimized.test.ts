/** Gradients of loops before and after the passes, which take them apart: the same numbers. */

import { expect, test } from "vitest";
import { gradients } from "../../src/core/autodiff/index.ts";
import { optimize } from "../../src/core/compile/index.ts";
import { applyAll, trace } from "../../src/core/trace/index.ts";
import { evaluateConstants, interpret } from "../../src/engine/interpreter/index.ts";
import { gradientCases } from "./cases.ts";

/** Rewrites change the order of float64 sums; folded constants are rounded to float32. */
const tolerance = 1e-6;

test.each(gradientCases.scan.map((one) => [one.name, one] as const))("%s", (_, { attrs, inputs }) => {
  const types = inputs.map(({ dtype, shape }) => ({ dtype, shape }));
  const { graph } = trace({ inputs: types }, ({ inputs: traced }) => {
    const wrt = traced.filter(({ dtype }) => dtype === "float32");
    const outputs = applyAll("scan", traced, attrs).filter(({ dtype }) => dtype === "float32");
    const loss = outputs.map((y) => y.square().sum()).reduce((sum, term) => sum.add(term));
    const first = gradients(loss, wrt);
    const slope = first.map((g) => g.square().sum()).reduce((sum, term) => sum.add(term));
    return { loss, first, second: gradients(slope, wrt) };
  });
  const expected = interpret(graph, inputs);
  interpret(optimize(graph, evaluateConstants), inputs).forEach(({ data }, i) => {
    data.forEach((number, at) => {
      const exact = expected[i].data[at];
      expect(Math.abs(number - exact)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(exact)));
    });
  });
});
