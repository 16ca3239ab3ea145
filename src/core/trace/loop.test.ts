import { describe, expect, test } from "vitest";
import { hostValue, interpret } from "../../engine/interpreter/index.ts";
import { gradients } from "../autodiff/index.ts";
import { GalateaError } from "../base/index.ts";
import { loop, type Tensor, tensor, trace } from "./index.ts";

const scalar = { dtype: "float32", shape: [] } as const;

/** What a computation over one number gives. */
function evaluate(x: number, compute: (x: Tensor) => Tensor): number {
  const { graph } = trace({ x: scalar }, ({ x: traced }) => compute(traced));
  return interpret(graph, [hostValue("float32", [], [x])])[0].data[0];
}

/** Newton's method for the square root of a, and how many steps it took. */
function root(a: Tensor, most: number) {
  return loop(
    ({ x, steps }) => {
      const next = x.add(a.div(x)).mul(0.5);
      return { carry: { x: next, steps: steps.add(1) }, goesOn: next.sub(x).abs().greater(1e-6) };
    },
    { x: a, steps: tensor([0], [], "int32") },
    { most },
  );
}

describe("loop", () => {
  test("stops when the step says so", () => {
    expect(evaluate(2, (a) => root(a, 50).x)).toBeCloseTo(Math.SQRT2, 12);
    expect(evaluate(2, (a) => root(a, 50).steps.cast("float32"))).toBe(5);
    expect(evaluate(1e6, (a) => root(a, 50).steps.cast("float32"))).toBeGreaterThan(10);
  });
  test("stops after the largest number of steps", () => {
    expect(evaluate(1e6, (a) => root(a, 3).steps.cast("float32"))).toBe(3);
    expect(evaluate(7, (a) => root(a, 0).x)).toBe(7);
  });
  test("reads its limit and its numbers from around it", () => {
    const doubled = (x: Tensor): Tensor =>
      loop((y: Tensor) => ({ carry: y.mul(2), goesOn: y.less(x.mul(10)) }), x, { most: 100 });
    expect(evaluate(3, doubled)).toBe(3 * 32);
  });

  const refused = (compute: (x: Tensor) => unknown, code: string, message: RegExp): void => {
    const act = (): unknown => trace({ x: { dtype: "float32", shape: [2] } }, ({ x }) => compute(x) as Tensor);
    expect(act).toThrow(GalateaError);
    expect(act).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  };
  test("refuses what is no condition, a carry that changes, and a bad number of steps", () => {
    const on = tensor([1], [], "bool");
    refused((x) => loop((y: Tensor) => ({ carry: y, goesOn: y.sum() }), x, { most: 3 }), "dtype", /bool scalar/);
    refused((x) => loop((y: Tensor) => ({ carry: y, goesOn: y.less(0) }), x, { most: 3 }), "shape", /bool\[2\]/);
    refused(
      (x) => loop((y: Tensor) => ({ carry: y.sum(), goesOn: on }), x, { most: 3 }),
      "shape",
      /must stay float32\[2\]/,
    );
    refused((x) => loop((y: Tensor) => ({ carry: y, goesOn: on }), x, { most: 1.5 }), "config", /at most 1.5 steps/);
    refused((x) => loop((y: Tensor) => ({ carry: y, goesOn: on }), x, { most: -1 }), "config", /whole number/);
  });
  test("refuses gradients, unless they stop before it", () => {
    const twice = (x: Tensor): Tensor =>
      loop((y: Tensor) => ({ carry: y.mul(2), goesOn: y.sum().less(9) }), x, { most: 9 });
    refused((x) => gradients(twice(x).sum(), [x])[0], "gradient", /loop that stops early has no gradient; use scan/);
    const { graph } = trace({ x: scalar }, ({ x }) => gradients(twice(x).stopGradient().mul(x), [x])[0]);
    expect(interpret(graph, [hostValue("float32", [], [1])])[0].data[0]).toBe(32);
  });
});
