import { describe, expect, test } from "vitest";
import { checkGradients } from "../../../test/gradcheck/check.ts";
import { numbersOf, ramp } from "../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, type Tensor, tensor } from "../../core/trace/index.ts";
import { hostValue } from "../../engine/interpreter/index.ts";
import { evaluationContext, trainingContext } from "./context.ts";
import { conv2d, convTranspose2d } from "./convolution.ts";
import { linear } from "./linear.ts";
import { spectralNorm } from "./spectral-norm.ts";

const key = constantKey(keyFromSeed(2));

/** The largest singular value of a matrix, by many steps of power iteration on A^T A in float64. */
function largestSingularValue(rows: readonly (readonly number[])[]): number {
  let v = rows[0].map((_, i) => 1 + i / 7);
  let length = 0;
  for (let step = 0; step < 2000; step++) {
    const image = rows.map((row) => row.reduce((sum, a, j) => sum + a * v[j], 0));
    v = v.map((_, j) => rows.reduce((sum, row, i) => sum + row[j] * image[i], 0));
    length = Math.hypot(...v);
    v = v.map((x) => x / length);
  }
  return Math.sqrt(length);
}

function rowsOf(numbers: readonly number[], count: number): number[][] {
  const size = numbers.length / count;
  return Array.from({ length: count }, (_, i) => numbers.slice(i * size, (i + 1) * size));
}

/** What the layer divides by, told by an input that picks single weights. */
function normalizedWeight(iterations: number, weight: Tensor): number[] {
  const [outputs, inputs] = weight.shape;
  const layer = spectralNorm(linear({ inputs, outputs, bias: false }), { iterations });
  const eye = tensor(
    Array.from({ length: inputs * inputs }, (_, i) => (i % (inputs + 1) === 0 ? 1 : 0)),
    [inputs, inputs],
  );
  const start = { weight_orig: weight, weight_u: ramp(outputs).add(0.3) };
  return numbersOf(layer.apply(start, eye, trainingContext()).transpose());
}

const weight = tensor([2, -1, 0.5, 0.25, 1.5, 1, -0.75, 0.5, -2, 1.25, 0.75, -1.5], [4, 3]);
const sigma = largestSingularValue(rowsOf(numbersOf(weight), 4));

test("after enough iterations the weight is divided by its largest singular value", () => {
  const normalized = normalizedWeight(200, weight);
  expect(largestSingularValue(rowsOf(normalized, 4))).toBeCloseTo(1, 6);
  normalized.forEach((w, i) => {
    expect(w).toBeCloseTo(numbersOf(weight)[i] / sigma, 6);
  });
});

test("each use in training is one step of the iteration, which the next one goes on from", () => {
  const layer = spectralNorm(linear({ inputs: 3, outputs: 4, bias: false }));
  const start = { weight_orig: weight, weight_u: ramp(4).add(0.3) };
  const context = trainingContext();
  const [first, second] = [0, 1].map(() => layer.apply(start, ramp(2, 3), context));
  expect([...context.updates.keys()]).toEqual([start.weight_u]);
  const next = { ...start, weight_u: context.updates.get(start.weight_u) as Tensor };
  expect(Math.hypot(...numbersOf(next.weight_u))).toBeCloseTo(1, 6);
  // Two steps from the start give what two iterations in one use give.
  const two = spectralNorm(linear({ inputs: 3, outputs: 4, bias: false }), { iterations: 2 });
  const atOnce = numbersOf(two.apply(start, ramp(2, 3), trainingContext()));
  numbersOf(second).forEach((y, i) => {
    expect(y).toBeCloseTo(atOnce[i], 6);
  });
  expect(numbersOf(first)).not.toEqual(numbersOf(second));
});

test("outside training nothing is registered, and the vector is used as it is", () => {
  const layer = spectralNorm(linear({ inputs: 3, outputs: 4, bias: false }));
  const parameters = layer.init(key);
  const context = evaluationContext();
  const y = numbersOf(layer.apply(parameters, ramp(2, 3), context));
  expect(context.updates.size).toBe(0);
  // The initial iterations bring the estimate close.
  const rows = rowsOf(numbersOf(parameters.weight_orig), 4);
  const exact = rowsOf(numbersOf(ramp(2, 3)), 2).flatMap((x) =>
    rows.map((row) => row.reduce((sum, w, j) => sum + w * x[j], 0) / largestSingularValue(rows)),
  );
  y.forEach((number, i) => {
    expect(Math.abs(number - exact[i])).toBeLessThan(0.02);
  });
});

describe("a convolution's weight counts as a matrix of its outputs", () => {
  test.each([
    ["conv2d", spectralNorm(conv2d({ inputs: 2, outputs: 3, kernel: 2, bias: true })), [3, 2, 2, 2], 3],
    [
      "convTranspose2d",
      spectralNorm(convTranspose2d({ inputs: 2, outputs: 3, kernel: 2, bias: true }), { axis: 1 }),
      [2, 3, 2, 2],
      3,
    ],
  ] as const)("%s", (_, layer, shape, outputs) => {
    const parameters = layer.init(key);
    expect(Object.keys(parameters).sort()).toEqual(["bias", "weight_orig", "weight_u"]);
    expect(parameters.weight_orig.shape).toEqual(shape);
    expect(parameters.weight_u.shape).toEqual([outputs]);
    const x = ramp(1, 2, 3, 3);
    const axis = shape[0] === outputs ? 0 : 1;
    const matrix = numbersOf(parameters.weight_orig.moveAxis(axis, 0).reshape([outputs, 8]));
    const singular = largestSingularValue(rowsOf(matrix, outputs));
    let context = trainingContext();
    let u = parameters.weight_u;
    for (let step = 0; step < 60; step++) {
      context = trainingContext();
      layer.apply({ ...parameters, weight_u: u } as never, x, context);
      u = tensor(numbersOf([...context.updates.values()][0]), [outputs]);
    }
    const normalized = numbersOf(layer.apply({ ...parameters, weight_u: u } as never, x, evaluationContext()));
    const plain = axis === 0 ? x.conv2d(parameters.weight_orig) : x.convTranspose2d(parameters.weight_orig);
    const bias = (parameters as unknown as { bias: Tensor }).bias.reshape([outputs, 1, 1]);
    const expected = numbersOf(plain.mul(1 / singular).add(bias));
    normalized.forEach((y, i) => {
      expect(y).toBeCloseTo(expected[i], 5);
    });
  });
});

test("the gradient passes through the division", () => {
  // Where u and v are the singular vectors, the gradient of u^T W v by W is the singular value's own.
  const layer = spectralNorm(linear({ inputs: 3, outputs: 2, bias: false }), { iterations: 300 });
  const u = tensor([0.6, 0.8], [2]);
  const report = checkGradients(
    (w, x) => layer.apply({ weight_orig: w, weight_u: u }, x, trainingContext()),
    [
      hostValue("float32", [2, 3], [1.5, -0.5, 0.25, 0.75, 1, -1.25]),
      hostValue("float32", [2, 3], [0.5, 1, -0.25, -1, 0.75, 0.5]),
    ],
  );
  expect(report.first).toBeUndefined();
  expect(report.firstMatters).toBe(true);
});
