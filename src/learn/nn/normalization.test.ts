import { expect, test } from "vitest";
import { numbersOf, ramp } from "../../../test/graph/numbers.ts";
import { gradients } from "../../core/autodiff/index.ts";
import { keyFromSeed, type Shape } from "../../core/base/index.ts";
import { constantKey, type Tensor, tensor, trace, typesOf } from "../../core/trace/index.ts";
import { evaluationContext, trainingContext } from "./context.ts";
import type { Module } from "./module.ts";
import { batchNorm, groupNorm, layerNorm } from "./normalization.ts";

/** Constants in a graph are float32, and PyTorch's numbers were printed with 9 digits. */
const rounding = 1e-7;

function expectClose(y: Tensor, expected: readonly number[]): void {
  const seen = numbersOf(y);
  expect(seen).toHaveLength(expected.length);
  seen.forEach((number, i) => {
    expect(Math.abs(number - expected[i])).toBeLessThan(rounding * Math.max(1, Math.abs(expected[i])));
  });
}

const affine = { weight: ramp(4).add(2), bias: ramp(4) };
const key = constantKey(keyFromSeed(1));

// Expected numbers by PyTorch 1.13 in float64:
// python3 -c "import math, torch; torch.set_default_dtype(torch.double); torch.set_printoptions(precision=9)
// r = lambda *s: ((torch.arange(math.prod(s)) * 7 % 11 - 5) / 4).double().reshape(s)
// def affine(m, n): m.weight.data, m.bias.data = r(n) + 2, r(n); return m
// x = r(3, 4).requires_grad_(); y = affine(torch.nn.LayerNorm(4), 4)(x)
// print(y, torch.autograd.grad((y * r(3, 4).flip(0)).sum(), x), affine(torch.nn.GroupNorm(2, 4), 4)(r(2, 4, 1, 2)))
// m = affine(torch.nn.BatchNorm1d(4), 4); print(m(r(3, 4)), m.running_mean, m.running_var)
// m(2 * r(3, 4)); print(m.running_mean, m.running_var, m.eval()(r(3, 4)))
// m = affine(torch.nn.BatchNorm2d(2), 2); print(m(r(2, 2, 1, 3)), m.running_var)"

test("layerNorm and its gradient equal PyTorch's", () => {
  const x = ramp(3, 4);
  const y = layerNorm({ shape: 4 }).apply(affine, x, evaluationContext());
  expectClose(
    y,
    [
      -2.23479281, 1.81305708, -1.28783425, 5.51743552, -1.10000192, -2.9999552, 1.59997312, 0.60000832, -1.79216857,
      4.31526031, -0.138554287, -2.14357364,
    ],
  );
  const weights = [8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3].map((i) => (((7 * i) % 11) - 5) / 4);
  expectClose(
    gradients(y.mul(tensor(weights, [3, 4])).sum(), [x])[0],
    [
      -1.01024954, 3.27641219, 0.0390569501, -2.3052196, -0.00599016998, -0.25806497, -0.19192927, 0.45598441,
      -2.79620954, 1.34264583, -1.98626962, 3.43983333,
    ],
  );
});

test("layerNorm over two axes is that over one of their product", () => {
  const flat = { weight: ramp(6), bias: ramp(6).neg() };
  const square = { weight: flat.weight.reshape([2, 3]), bias: flat.bias.reshape([2, 3]) };
  const over = layerNorm({ shape: [2, 3] }).apply(square, ramp(4, 2, 3), evaluationContext());
  const inOne = layerNorm({ shape: 6 }).apply(flat, ramp(4, 6), evaluationContext());
  expect(over.shape).toEqual([4, 2, 3]);
  expectClose(over, numbersOf(inOne));
});

test("groupNorm equals PyTorch's", () => {
  const y = groupNorm({ groups: 2, channels: 4 }).apply(affine, ramp(2, 4, 1, 2), evaluationContext());
  expect(y.shape).toEqual([2, 4, 1, 2]);
  expectClose(
    y,
    [
      -2.23479281, -0.856082875, -0.813057084, 3.78264271, -0.20000384, -2.59997312, 5.79994176, 0.60000832,
      -1.79216857, -0.105421908, 1.10240952, -2.11044126, -0.20000384, -2.59997312, 5.79994176, 0.60000832,
    ],
  );
});

test("groupNorm with one group of [B, C] is layerNorm", () => {
  const y = groupNorm({ groups: 1, channels: 4 }).apply(affine, ramp(3, 4), evaluationContext());
  expectClose(y, numbersOf(layerNorm({ shape: 4 }).apply(affine, ramp(3, 4), evaluationContext())));
});

test("batchNorm equals PyTorch's in training, and its running statistics do", () => {
  const layer = batchNorm({ channels: 4 });
  const parameters = { ...layer.init(key), ...affine };
  const context = trainingContext();
  expectClose(
    layer.apply(parameters, ramp(3, 4), context),
    [
      -1.91674292, 1.76998652, -1.83348585, 5.23040173, -0.202261119, -2.99246294, 1.59547776, 1.25, -1.63099596,
      2.72247641, -1.26199191, -2.73040173,
    ],
  );
  expectClose(context.current(parameters.running_mean), [-0.0666666667, 0.0166666667, 0.00833333333, 0]);
  expectClose(context.current(parameters.running_var), [0.964583333, 0.964583333, 0.964583333, 1.05625]);

  // A second batch in the same step, as a discriminator sees one.
  layer.apply(parameters, ramp(3, 4).mul(2), context);
  const running_mean = context.current(parameters.running_mean);
  const running_var = context.current(parameters.running_var);
  expectClose(running_mean, [-0.193333333, 0.0483333333, 0.0241666667, 0]);
  expectClose(running_var, [1.12645833, 1.12645833, 1.12645833, 1.575625]);
  expect([...context.updates.keys()]).toEqual([parameters.running_mean, parameters.running_var]);

  const evaluation = evaluationContext();
  expectClose(
    layer.apply({ ...affine, running_mean, running_var }, ramp(3, 4), evaluation),
    [
      -1.99668904, 1.56389448, -1.24080033, 4.48642513, -0.936720371, -1.38046294, 0.879137013, 1.25, -1.8200276,
      2.15276596, -0.887477436, -1.98642513,
    ],
  );
  expect(evaluation.updates.size).toBe(0);
});

test("batchNorm of images equals PyTorch's", () => {
  const layer = batchNorm({ channels: 2 });
  const parameters = { ...layer.init(key), weight: ramp(2).add(2), bias: ramp(2) };
  const context = trainingContext();
  expectClose(
    layer.apply(parameters, ramp(2, 2, 1, 3), context),
    [
      -2.23141211, -0.582639764, -1.52479539, 4.15960018, 1.23192004, -1.69576011, -0.111561951, -1.05371758,
      -1.9958732, 2.69576011, -0.231920036, -3.15960018,
    ],
  );
  expectClose(context.current(parameters.running_var), [0.976041667, 0.9875]);
});

test("initially norms only normalize", () => {
  const { weight, bias, running_mean, running_var } = batchNorm({ channels: 2 }).init(key);
  expect([weight, bias, running_mean, running_var].map(numbersOf)).toEqual([
    [1, 1],
    [0, 0],
    [0, 0],
    [1, 1],
  ]);
  expect(layerNorm({ shape: [2, 3] }).init(key).weight.shape).toEqual([2, 3]);
  expect(numbersOf(groupNorm({ groups: 1, channels: 2 }).init(key).weight)).toEqual([1, 1]);
});

test("inputs that do not fit are refused, with the layer's path", () => {
  const attempt = (layer: Module, shape: Shape): (() => unknown) => {
    const types = { params: { norm: typesOf(layer.init(key)) }, x: { dtype: "float32", shape } } as const;
    return () => trace(types, ({ params, x }) => layer.apply(params.norm, x, trainingContext()));
  };
  expect(attempt(layerNorm({ shape: 4 }), [2, 3])).toThrow(
    "norm: layerNorm: its input has shape [2, 3]; it must end in [4]",
  );
  expect(attempt(groupNorm({ groups: 2, channels: 4 }), [2, 3])).toThrow(
    "norm: groupNorm: its input has shape [2, 3]; it must be [B, 4, ...]",
  );
  expect(attempt(batchNorm({ channels: 4 }), [2, 3])).toThrow(
    "norm: batchNorm: its input has shape [2, 3]; it must be [B, 4] or [B, 4, ...]",
  );
  expect(attempt(batchNorm({ channels: 3 }), [1, 3])).toThrow(
    "norm: batchNorm: its input has shape [1, 3]; training needs more than one value per channel",
  );
  expect(() => groupNorm({ groups: 3, channels: 4 })).toThrow("groupNorm: 4 channels in 3 groups; groups must divide");
});
