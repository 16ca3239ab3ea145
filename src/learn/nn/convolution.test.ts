import { expect, test } from "vitest";
import { numbersOf, ramp } from "../../../test/graph/numbers.ts";
import { keyFromSeed, type Shape } from "../../core/base/index.ts";
import { constantKey, type Tensor, trace, typesOf } from "../../core/trace/index.ts";
import { evaluationContext } from "./context.ts";
import { conv2d, convTranspose2d } from "./convolution.ts";
import type { Fans, Initializer } from "./initializers.ts";

const key = constantKey(keyFromSeed(1));

// Expected numbers by PyTorch 1.13 in float64:
// python3 -c "import math, torch; F = torch.nn.functional
// r = lambda *s: ((torch.arange(math.prod(s)) * 7 % 11 - 5) / 4).double().reshape(s)
// print(F.conv2d(r(1, 2, 4, 4), r(3, 2, 3, 2), r(3), stride=2, padding=1))
// print(F.conv_transpose2d(r(1, 2, 2, 2), r(2, 3, 3, 3), r(3), stride=2, padding=1, output_padding=1))"

test("conv2d equals PyTorch's", () => {
  const layer = conv2d({ inputs: 2, outputs: 3, kernel: [3, 2], stride: 2, padding: 1 });
  const y = layer.apply({ weight: ramp(3, 2, 3, 2), bias: ramp(3) }, ramp(1, 2, 4, 4), evaluationContext());
  expect(y.shape).toEqual([1, 3, 2, 3]);
  expect(numbersOf(y)).toEqual([
    -4.5, -2.4375, -1.0, -4.375, -1.625, 0.5, 1.0, 3.0, 0.6875, 0.5, 3.75, -2.75, 1.0, -0.5, 0.3125, 1.25, 0.1875, -0.5,
  ]);
});

test("convTranspose2d equals PyTorch's, with its layout of weights", () => {
  const layer = convTranspose2d({ inputs: 2, outputs: 3, kernel: 3, stride: 2, padding: 1, outputPadding: 1 });
  const y = layer.apply({ weight: ramp(2, 3, 3, 3), bias: ramp(3) }, ramp(1, 2, 2, 2), evaluationContext());
  expect(y.shape).toEqual([1, 3, 4, 4]);
  expect(numbersOf(y)).toEqual([
    -1.375, 1.0, -1.6875, -1.4375, -0.375, 0.0, -1.0, -2.0, -0.625, 0.4375, -0.9375, -2.1875, -0.75, 0.0, -1.25, -2.5,
    1.125, -1.8125, 0.25, 1.875, 1.75, -0.6875, 0.0, 0.375, 0.75, -0.5, -0.125, 2.0625, 0.625, -0.9375, -0.4375, 1.75,
    0.875, -1.1875, -0.5625, -1.0, -2.3125, 0.0, -0.375, 0.0, -0.625, -0.0625, -2.0625, 0.125, -2.125, -0.5, 1.0625,
    -0.1875,
  ]);
});

// ..., with N = torch.nn and def fill(m): m.weight.data, m.bias.data = r(*m.weight.shape), r(*m.bias.shape); return m:
// print(fill(N.Conv2d(4, 6, (2, 3), stride=2, padding=1, groups=2))(r(1, 4, 3, 4)))
// print(fill(N.ConvTranspose2d(4, 2, 2, stride=2, groups=2))(r(1, 4, 1, 2)))
test("groups equal PyTorch's", () => {
  const layer = conv2d({ inputs: 4, outputs: 6, kernel: [2, 3], stride: 2, padding: 1, groups: 2 });
  const y = layer.apply({ weight: ramp(6, 2, 2, 3), bias: ramp(6) }, ramp(1, 4, 3, 4), evaluationContext());
  expect(y.shape).toEqual([1, 6, 2, 2]);
  expect(numbersOf(y)).toEqual([
    -1.4375, -2.6875, -2.4375, 3.5, 1.0625, 0.9375, 1.375, -0.125, -1.25, -0.25, -1.6875, -1.0, -0.3125, 5.0, 5.25,
    1.125, 3.3125, -1.375, -3.125, -0.5, -1.3125, -2.25, 0.1875, 1.3125,
  ]);
  const transposed = convTranspose2d({ inputs: 4, outputs: 2, kernel: 2, stride: 2, groups: 2 });
  const z = transposed.apply({ weight: ramp(4, 1, 2, 2), bias: ramp(2) }, ramp(1, 4, 1, 2), evaluationContext());
  expect(z.shape).toEqual([1, 2, 2, 4]);
  expect(numbersOf(z)).toEqual([
    0.1875, -1.5, -1.5625, -1.9375, -1.125, -2.8125, -0.25, -0.625, 0.75, 0.1875, 1.25, -0.0625, 1.6875, 0.4375, 0.6875,
    1.4375,
  ]);
});

test("a depthwise layer has one channel a filter, and its fans", () => {
  const seen: Fans[] = [];
  const init: Initializer = (_, shape, fans) => {
    seen.push(fans);
    return ramp(...shape);
  };
  expect(conv2d({ inputs: 4, outputs: 8, kernel: 3, groups: 4, init }).init(key).weight.shape).toEqual([8, 1, 3, 3]);
  expect(convTranspose2d({ inputs: 4, outputs: 8, kernel: 3, groups: 4, init }).init(key).weight.shape).toEqual([
    4, 2, 3, 3,
  ]);
  expect(seen).toEqual([
    { inputs: 9, outputs: 72 },
    { inputs: 18, outputs: 36 },
  ]);
  expect(() => conv2d({ inputs: 4, outputs: 6, kernel: 3, groups: 4 })).toThrow(
    "conv2d: 4 groups for 4 and 6 channels; groups must divide both",
  );
});

test("parameters have PyTorch's shapes, and initializers see its fans", () => {
  const seen: Fans[] = [];
  const init: Initializer = (_, shape, fans) => {
    seen.push(fans);
    return ramp(...shape);
  };
  const shapesOf = (parameters: { readonly weight: Tensor; readonly bias: Tensor }): Shape[] => [
    parameters.weight.shape,
    parameters.bias.shape,
  ];
  const options = { inputs: 2, outputs: 5, kernel: [3, 4], init } as const;
  expect(shapesOf(conv2d(options).init(key))).toEqual([[5, 2, 3, 4], [5]]);
  expect(shapesOf(convTranspose2d(options).init(key))).toEqual([[2, 5, 3, 4], [5]]);
  expect(seen).toEqual([
    { inputs: 24, outputs: 60 },
    { inputs: 60, outputs: 24 },
  ]);
  expect(Object.keys(conv2d({ ...options, bias: false }).init(key))).toEqual(["weight"]);
});

test("start as PyTorch's layers do, weight and bias from streams of their own", () => {
  const options = { inputs: 4, outputs: 8, kernel: 3 } as const;
  // PyTorch takes the second axis of the weight for the fan.
  for (const [layer, fan] of [[conv2d(options), 4 * 9] as const, [convTranspose2d(options), 8 * 9] as const]) {
    const { weight, bias } = layer.init(key);
    const largest = Math.max(...numbersOf(weight).map(Math.abs));
    expect(largest).toBeLessThan(1 / Math.sqrt(fan));
    expect(largest).toBeGreaterThan(0.95 / Math.sqrt(fan));
    expect(Math.max(...numbersOf(bias).map(Math.abs))).toBeLessThan(1 / Math.sqrt(fan));
    expect(numbersOf(bias)).not.toEqual(numbersOf(weight).slice(0, 8));
  }
});

test("other channels are refused, with the layer's path", () => {
  const layer = conv2d({ inputs: 2, outputs: 3, kernel: 3 });
  const types = { params: { stem: typesOf(layer.init(key)) }, x: { dtype: "float32", shape: [1, 4, 8, 8] } } as const;
  expect(() => trace(types, ({ params, x }) => layer.apply(params.stem, x, evaluationContext()))).toThrow(
    "stem: conv2d: channels differ, images [1, 4, 8, 8] and weights [3, 2, 3, 3]; the weights must be [n, 4, h, w]",
  );
});
