import { expect, test } from "vitest";
import { expectNumbers, ramp } from "../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey } from "../../core/trace/index.ts";
import { evaluationContext } from "./context.ts";
import { averagePool1d, averagePool2d, globalAveragePool, globalMaxPool, maxPool1d, maxPool2d } from "./pooling.ts";
import { sequential } from "./sequential.ts";
import { pixelShuffle, pixelUnshuffle, resize2d, upsample } from "./upsampling.ts";

const key = constantKey(keyFromSeed(1));

// Expected numbers by PyTorch 1.13 in float64:
// python3 -c "import math, torch; torch.set_default_dtype(torch.double); N = torch.nn
// r = lambda *s: ((torch.arange(math.prod(s)) * 7 % 11 - 5) / 4).double().reshape(s)
// i, s = r(1, 1, 4, 4), r(1, 2, 4)
// print(N.MaxPool2d(2)(i), N.AvgPool2d(3, 2, 1)(i), N.MaxPool1d(2)(s), N.AvgPool1d(2)(s))
// print(N.Upsample(scale_factor=(2, 1), mode='bilinear')(r(1, 1, 2, 3)), N.Upsample(scale_factor=2)(r(1, 1, 2, 2)))"

const image = ramp(1, 1, 4, 4);
const sequence = ramp(1, 2, 4);

test("pooling equals PyTorch's", () => {
  expectNumbers(maxPool2d({ kernel: 2 })(image), [1, 1, 2, 2], [0.5, 1.25, 0.75, 1.25]);
  expectNumbers(
    averagePool2d({ kernel: 3, stride: 2, padding: 1 })(image),
    [1, 1, 2, 2],
    [-0.138888889, 0.166666667, -0.083333333, 0.055555556],
  );
  expectNumbers(maxPool1d({ kernel: 2 })(sequence), [1, 2, 2], [0.5, 1.25, 0.25, 1.0]);
  expectNumbers(averagePool1d({ kernel: 2 })(sequence), [1, 2, 2], [-0.375, 0.375, -0.25, 0.5]);
});

test("upsampling equals PyTorch's", () => {
  expectNumbers(
    upsample({ factor: [2, 1], mode: "bilinear" })(ramp(1, 1, 2, 3)),
    [1, 1, 4, 3],
    [-1.25, 0.5, -0.5, -0.625, 0.4375, -0.5625, 0.625, 0.3125, -0.6875, 1.25, 0.25, -0.75],
  );
  expectNumbers(
    upsample({ factor: 2 })(ramp(1, 1, 2, 2)),
    [1, 1, 4, 4],
    [-1.25, -1.25, 0.5, 0.5, -1.25, -1.25, 0.5, 0.5, -0.5, -0.5, 1.25, 1.25, -0.5, -0.5, 1.25, 1.25],
  );
});

test("all of them are layers of a sequence, without parameters", () => {
  const layers = sequential(
    upsample({ factor: 2 }),
    maxPool2d({ kernel: 2 }),
    resize2d([6, 6], { mode: "bilinear" }),
    averagePool2d({ kernel: 3 }),
    pixelUnshuffle(2),
    pixelShuffle(2),
    globalAveragePool(),
  );
  expect(layers.init(key)).toEqual({});
  expect(layers.apply({}, ramp(2, 4, 3, 3), evaluationContext()).shape).toEqual([2, 4]);
  expect(globalMaxPool()(sequence).shape).toEqual([1, 2]);
});

test("factors that are no whole numbers are refused", () => {
  expect(() => upsample({ factor: 1.5 })).toThrow("upsample: factors of 1.5 and 1.5; they are whole numbers from 1 up");
});
