import { expect, test } from "vitest";
import { expectNumbers, numbersOf, ramp } from "../../../test/graph/numbers.ts";
import { gradients } from "../../core/autodiff/index.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, tensor, trace, typesOf } from "../../core/trace/index.ts";
import { evaluationContext } from "./context.ts";
import { rmsNorm } from "./rms-norm.ts";

const key = constantKey(keyFromSeed(1));

// Expected numbers by PyTorch 1.13 in float64:
// python3 -c "import math, torch; torch.set_default_dtype(torch.double)
// r = lambda *s: ((torch.arange(math.prod(s)) * 7 % 11 - 5) / 4).double().reshape(s)
// x = r(2, 3, 4).requires_grad_(); y = x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-6) * (r(4) + 2)
// print(y, torch.autograd.grad((y * r(2, 3, 4).flip(0)).sum(), x))"

const context = evaluationContext();

test("rmsNorm and its gradient equal PyTorch's", () => {
  const x = ramp(2, 3, 4);
  const y = rmsNorm({ shape: 4 }).apply({ weight: ramp(4).add(2) }, x, context);
  expectNumbers(
    y,
    [2, 3, 4],
    [
      -0.984797703, 1.313063604, -0.787838162, 4.267456713, 0.294173841, -2.941738406, 2.353390725, 0.0, -0.840167523,
      2.100418808, -0.420083762, -4.550907418, 0.514495271, -1.714984237, 2.572476356, 1.114739754, -0.70278138,
      3.1234728, 0.0, -4.06051464, 0.720576101, -0.800640112, -2.401920336, 2.081664291,
    ],
  );
  const weights = Array.from({ length: 24 }, (_, i) => (((7 * ((i + 12) % 24)) % 11) - 5) / 4);
  expectNumbers(
    gradients(y.mul(tensor(weights, [2, 3, 4])).sum(), [x])[0],
    [2, 3, 4],
    [
      0.026035288, -1.165910087, 1.822441889, 1.221375136, -0.396004445, 2.462766643, 1.946068309, -5.099013238,
      -0.28142752, -0.016474731, -2.328307099, 0.680921514, -0.958374162, 1.387120221, -0.209330501, 5.73763078,
      -0.502801788, -1.359854936, 1.87408368, -0.982749664, 0.061586023, 2.061135617, -2.184307663, -4.52259129,
    ],
  );
});

test("rmsNorm over two axes is that over one of their product", () => {
  const over = rmsNorm({ shape: [2, 3] }).apply({ weight: ramp(2, 3) }, ramp(4, 2, 3), context);
  const inOne = rmsNorm({ shape: 6 }).apply({ weight: ramp(6) }, ramp(4, 6), context);
  expectNumbers(over, [4, 2, 3], numbersOf(inOne));
});

test("initially it only normalizes, and zeros stay zeros", () => {
  const layer = rmsNorm({ shape: [2, 3] });
  const parameters = layer.init(key);
  expect(numbersOf(parameters.weight)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(numbersOf(layer.apply(parameters, tensor([0, 0, 0, 0, 0, 0], [2, 3]), context))).toEqual([0, 0, 0, 0, 0, 0]);
});

test("inputs that do not fit are refused, with the layer's path", () => {
  const layer = rmsNorm({ shape: 4 });
  const types = { params: { norm: typesOf(layer.init(key)) }, x: { dtype: "float32", shape: [2, 3] } } as const;
  expect(() => trace(types, ({ params, x }) => layer.apply(params.norm, x, context))).toThrow(
    "norm: rmsNorm: its input has shape [2, 3]; it must end in [4]",
  );
});
