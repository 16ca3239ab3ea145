import { describe, expect, test } from "vitest";
import { expectNumbers, ramp } from "../../../test/graph/numbers.ts";
import { gradients } from "../autodiff/index.ts";
import { tensor } from "./functions.ts";
import { averagePool1d, averagePool2d, globalAveragePool, globalMaxPool, maxPool1d, maxPool2d } from "./pooling.ts";

// Expected numbers by PyTorch 1.13 in float64:
// python3 -c "import math, torch; F = torch.nn.functional
// r = lambda *s: ((torch.arange(math.prod(s)) * 7 % 11 - 5) / 4).double().reshape(s)
// i, s = r(1, 2, 5, 4), r(1, 2, 7)
// print(F.max_pool2d(i, 3, 2, 1), F.avg_pool2d(i, (3, 2), (2, 1), (1, 0)))
// print(F.avg_pool2d(i, (3, 2), (2, 1), (1, 0), count_include_pad=False))
// print(F.max_pool1d(s, 3, 2, 1), F.avg_pool1d(s, 3, 2, 1), F.avg_pool1d(s, 3, 2, 1, count_include_pad=False))
// t = torch.tensor([1., 1, 0, 1, 1, 1, 0, 0, 0]).reshape(1, 1, 3, 3).requires_grad_()
// print(torch.autograd.grad((F.max_pool2d(t, 2, 1) * r(1, 1, 2, 2)).sum(), t))"
describe("equal PyTorch's", () => {
  const image = ramp(1, 2, 5, 4);
  const sequence = ramp(1, 2, 7);
  test("maxPool2d", () => {
    expectNumbers(
      maxPool2d(image, { kernel: 3, stride: 2, padding: 1 }),
      [1, 2, 3, 2],
      [0.5, 1.25, 0.75, 1.25, 1.0, 1.25, 1.25, 1.25, 1.25, 1.25, 1.25, 1.0],
    );
  });
  test("averagePool2d", () => {
    expectNumbers(
      averagePool2d(image, { kernel: [3, 2], stride: [2, 1], padding: [1, 0] }),
      [1, 2, 3, 3],
      [
        -0.208333333, 0.041666667, 0.291666667, -0.125, 0.25, 0.166666667, 0.041666667, 0.291666667, 0.083333333,
        0.208333333, 0.0, -0.208333333, 0.041666667, -0.041666667, -0.125, 0.0, -0.208333333, 0.041666667,
      ],
    );
  });
  test("averagePool2d of what is inside", () => {
    expectNumbers(
      averagePool2d(image, { kernel: [3, 2], stride: [2, 1], padding: [1, 0], countPadding: false }),
      [1, 2, 3, 3],
      [
        -0.3125, 0.0625, 0.4375, -0.125, 0.25, 0.166666667, 0.0625, 0.4375, 0.125, 0.3125, 0.0, -0.3125, 0.041666667,
        -0.041666667, -0.125, 0.0, -0.3125, 0.0625,
      ],
    );
  });
  test("maxPool1d", () => {
    expectNumbers(
      maxPool1d(sequence, { kernel: 3, stride: 2, padding: 1 }),
      [1, 2, 4],
      [0.5, 1.25, 1.25, 1.0, 0.0, 0.75, 0.5, 0.5],
    );
  });
  test("averagePool1d", () => {
    expectNumbers(
      averagePool1d(sequence, { kernel: 3, stride: 2, padding: 1 }),
      [1, 2, 4],
      [-0.25, 0.416666667, 0.25, 0.083333333, -0.333333333, -0.166666667, -0.333333333, 0.0],
    );
  });
  test("averagePool1d of what is inside", () => {
    expectNumbers(
      averagePool1d(sequence, { kernel: 3, stride: 2, padding: 1, countPadding: false }),
      [1, 2, 4],
      [-0.375, 0.416666667, 0.25, 0.125, -0.5, -0.166666667, -0.333333333, 0.0],
    );
  });
  test("the gradient of maxPool2d goes to the first of equal elements", () => {
    const x = tensor([1, 1, 0, 1, 1, 1, 0, 0, 0], [1, 1, 3, 3]);
    const [byX] = gradients(
      maxPool2d(x, { kernel: 2, stride: 1 })
        .mul(ramp(1, 1, 2, 2))
        .sum(),
      [x],
    );
    expectNumbers(byX, [1, 1, 3, 3], [-1.25, 0.5, 0.0, -0.5, 1.25, 0.0, 0.0, 0.0, 0.0]);
  });
});

test("strides are the kernel's size where absent, paddings may differ on each side", () => {
  const image = ramp(1, 1, 6, 6);
  expect(maxPool2d(image, { kernel: [2, 3] }).shape).toEqual([1, 1, 3, 2]);
  expect(averagePool2d(image, { kernel: 3, padding: [0, 1, 2, 2] }).shape).toEqual([1, 1, 2, 3]);
  expect(maxPool1d(ramp(1, 1, 6), { kernel: 3, padding: [1, 2] }).shape).toEqual([1, 1, 3]);
});

test("pooling over all places", () => {
  const x = tensor([1, 2, 3, 6, -1, -2, -3, -6], [1, 2, 2, 2]);
  expectNumbers(globalAveragePool(x), [1, 2], [3, -3]);
  expectNumbers(globalMaxPool(x), [1, 2], [6, -1]);
  expectNumbers(globalAveragePool(x.reshape([2, 1, 4])), [2, 1], [3, -3]);
});

test("other ranks are refused", () => {
  expect(() => maxPool1d(ramp(2, 3), { kernel: 2 })).toThrow(
    "maxPool1d: its input has shape [2, 3]; it must be [B, C, L]",
  );
  expect(() => averagePool1d(ramp(2, 3), { kernel: 2 })).toThrow(
    "averagePool1d: its input has shape [2, 3]; it must be [B, C, L]",
  );
});
