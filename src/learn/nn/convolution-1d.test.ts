import { expect, test } from "vitest";
import { expectNumbers, ramp } from "../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, tensor } from "../../core/trace/index.ts";
import { evaluationContext } from "./context.ts";
import { conv1d, convTranspose1d } from "./convolution-1d.ts";
import type { Fans, Initializer } from "./initializers.ts";

const key = constantKey(keyFromSeed(1));

// Expected numbers by PyTorch 1.13 in float64:
// python3 -c "import math, torch; torch.set_default_dtype(torch.double); N = torch.nn
// r = lambda *s: ((torch.arange(math.prod(s)) * 7 % 11 - 5) / 4).double().reshape(s)
// def fill(m): m.weight.data, m.bias.data = r(*m.weight.shape), r(*m.bias.shape); return m
// print(fill(N.Conv1d(2, 3, 3, stride=2, padding=1, dilation=2))(r(1, 2, 8)), fill(N.Conv1d(4, 6, 2, groups=2))(r(1, 4, 5)))
// print(fill(N.ConvTranspose1d(2, 3, 3, stride=2, padding=1, output_padding=1))(r(1, 2, 3)))"

const context = evaluationContext();

test("conv1d equals PyTorch's", () => {
  const layer = conv1d({ inputs: 2, outputs: 3, kernel: 3, stride: 2, padding: 1, dilation: 2 });
  const y = layer.apply({ weight: ramp(3, 2, 3), bias: ramp(3) }, ramp(1, 2, 8), context);
  expectNumbers(y, [1, 3, 3], [-0.5, 0.125, -5.0625, 0.625, 3.25, 0.625, -1.0, -1.1875, 0.8125]);
});

test("conv1d in groups equals PyTorch's", () => {
  const layer = conv1d({ inputs: 4, outputs: 6, kernel: 2, groups: 2 });
  const y = layer.apply({ weight: ramp(6, 2, 2), bias: ramp(6) }, ramp(1, 4, 5), context);
  expectNumbers(
    y,
    [1, 6, 4],
    [
      2.1875, -2.625, -1.25, -1.25, -0.9375, 2.0, -0.5625, -0.375, 0.0625, -1.625, 2.1875, -2.25, 1.875, -0.3125, 3.0,
      0.125, -0.0625, 0.6875, -0.625, 2.875, -1.3125, -0.375, -1.5, -1.9375,
    ],
  );
});

test("convTranspose1d equals PyTorch's, with its layout of weights", () => {
  const layer = convTranspose1d({ inputs: 2, outputs: 3, kernel: 3, stride: 2, padding: 1, outputPadding: 1 });
  const y = layer.apply({ weight: ramp(2, 3, 3), bias: ramp(3) }, ramp(1, 2, 3), context);
  expectNumbers(
    y,
    [1, 3, 6],
    [
      -2.1875, -2.625, -1.0625, -1.75, -1.3125, -0.0625, -0.4375, 3.75, 0.5, -0.5625, 0.75, -0.0625, -1.4375, 2.5625,
      -0.6875, -1.4375, 0.0625, -0.75,
    ],
  );
});

test("causal padding keeps the length and the order of time", () => {
  const layer = conv1d({ inputs: 1, outputs: 1, kernel: 2, dilation: 3, padding: "causal", bias: false });
  const y = layer.apply({ weight: tensor([10, 1], [1, 1, 2]) }, tensor([1, 2, 3, 4, 5], [1, 1, 5]), context);
  expectNumbers(y, [1, 1, 5], [1, 2, 3, 14, 25]);
});

test("parameters have PyTorch's shapes, and initializers see its fans", () => {
  const seen: Fans[] = [];
  const init: Initializer = (_, shape, fans) => {
    seen.push(fans);
    return ramp(...shape);
  };
  const options = { inputs: 4, outputs: 6, kernel: 5, groups: 2, init } as const;
  const [direct, transposed] = [conv1d(options).init(key), convTranspose1d(options).init(key)];
  expect([direct.weight.shape, direct.bias.shape]).toEqual([[6, 2, 5], [6]]);
  expect([transposed.weight.shape, transposed.bias.shape]).toEqual([[4, 3, 5], [6]]);
  expect(seen).toEqual([
    { inputs: 10, outputs: 30 },
    { inputs: 15, outputs: 20 },
  ]);
  expect(Object.keys(conv1d({ ...options, bias: false }).init(key))).toEqual(["weight"]);
});

test("groups that divide no channels are refused", () => {
  expect(() => conv1d({ inputs: 4, outputs: 6, kernel: 3, groups: 3 })).toThrow(
    "conv1d: 3 groups for 4 and 6 channels; groups must divide both",
  );
  expect(() => convTranspose1d({ inputs: 4, outputs: 6, kernel: 3, groups: 4 })).toThrow(
    "convTranspose1d: 4 groups for 6 and 4 channels; groups must divide both",
  );
});
