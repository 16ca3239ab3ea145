import { describe, expect, test } from "vitest";
import { type DifferentiableOp, isDifferentiable, opNames } from "../../src/core/graph/index.ts";
import { applyAll, type Tensor } from "../../src/core/trace/index.ts";
import { uniform } from "../conformance/cases-values.ts";
import { gradientCases } from "./cases.ts";
import { checkGradients } from "./check.ts";

function applyAny(op: DifferentiableOp, inputs: readonly Tensor[], attrs: unknown): Tensor[] {
  return applyAll<DifferentiableOp>(op, inputs, attrs as never);
}

describe.each(opNames.filter(isDifferentiable))("%s", (op) => {
  test.each(gradientCases[op].map((one) => [one.name, one] as const))("%s", (_, { attrs, inputs }) => {
    const report = checkGradients((...tensors) => applyAny(op, tensors, attrs), inputs);
    expect(report).toEqual({ first: undefined, second: undefined, firstMatters: true, secondMatters: true });
  });
});

describe("the check itself", () => {
  test("finds a wrong first order", () => {
    const { first } = checkGradients((x) => x.mul(x.stopGradient()), [uniform([2])]);
    expect(first).toMatch(/^input 0 \[2\], element 0: the gradient is .*, the finite difference /);
  });
  test("finds a wrong second order under a right first one", () => {
    // d tanh(x) = 1 - tanh(x)^2, here with a tanh that further differentiation does not see.
    const halfBlind = (x: Tensor): Tensor => {
      const y = x.tanh().stopGradient();
      const slope = y.square().neg().add(1);
      return y.add(x.sub(x.stopGradient()).mul(slope));
    };
    const report = checkGradients(halfBlind, [uniform([2])]);
    expect(report.second).toMatch(/^input 0 \[2\], element 0: the gradient is /);
  });
  test("says when nothing was compared", () => {
    const report = checkGradients((x) => x.sign(), [uniform([2])]);
    expect(report).toMatchObject({ firstMatters: false, secondMatters: false });
  });
});
