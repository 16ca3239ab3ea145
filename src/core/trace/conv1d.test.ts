import { describe, expect, test } from "vitest";
import { expectNumbers, numbersOf, ramp } from "../../../test/graph/numbers.ts";
import { conv1d, convTranspose1d } from "./conv1d.ts";

// Expected numbers by PyTorch 1.13 in float64:
// python3 -c "import math, torch; F = torch.nn.functional
// r = lambda *s: ((torch.arange(math.prod(s)) * 7 % 11 - 5) / 4).double().reshape(s)
// print(F.conv1d(r(1, 2, 7), r(3, 2, 3), padding=2, dilation=2, stride=2))
// print(F.conv1d(F.pad(r(1, 2, 7), (4, 0)), r(2, 2, 3), dilation=2))
// print(F.conv1d(r(1, 4, 5), r(6, 2, 2), groups=2), F.conv_transpose1d(r(1, 4, 3), r(4, 1, 2), groups=2))
// print(F.conv_transpose1d(r(1, 2, 3), r(2, 2, 3), stride=2, padding=1, output_padding=1))"
describe("equal PyTorch's", () => {
  test("conv1d", () => {
    expectNumbers(
      conv1d(ramp(1, 2, 7), ramp(3, 2, 3), { padding: 2, dilation: 2, stride: 2 }),
      [1, 3, 4],
      [-0.9375, 2.3125, 1.25, -1.5, -0.4375, -0.125, 0.0, -0.5625, 0.75, -1.875, 1.5, -0.3125],
    );
  });
  test("conv1d, padded before only", () => {
    expectNumbers(
      conv1d(ramp(1, 2, 7), ramp(2, 2, 3), { padding: "causal", dilation: 2 }),
      [1, 2, 7],
      [0.625, 0.5, -0.9375, -0.4375, 2.3125, -1.3125, 1.25, 1.25, 0.75, -0.4375, -0.6875, -0.125, -0.0625, 0.0],
    );
  });
  test("conv1d in groups", () => {
    expectNumbers(
      conv1d(ramp(1, 4, 5), ramp(6, 2, 2), { groups: 2 }),
      [1, 6, 4],
      [
        3.4375, -1.375, 0.0, 0.0, -1.4375, 1.5, -1.0625, -0.875, 0.5625, -1.125, 2.6875, -1.75, 0.625, -1.5625, 1.75,
        -1.125, -0.3125, 0.4375, -0.875, 2.625, -0.5625, 0.375, -0.75, -1.1875,
      ],
    );
  });
  test("convTranspose1d", () => {
    expectNumbers(
      convTranspose1d(ramp(1, 2, 3), ramp(2, 2, 3), { stride: 2, padding: 1, outputPadding: 1 }),
      [1, 2, 6],
      [-0.625, -1.0, 0.25, -0.625, -0.25, 1.0, -0.625, 0.1875, 0.0625, -1.875, 0.0625, 1.3125],
    );
  });
  test("convTranspose1d in groups", () => {
    expectNumbers(
      convTranspose1d(ramp(1, 4, 3), ramp(4, 1, 2), { groups: 2 }),
      [1, 2, 4],
      [0.9375, 0.1875, 1.5625, -1.1875, 1.0, -1.0, -1.5, 0.75],
    );
  });
});

test("a causal output does not see what comes later", () => {
  const short = numbersOf(conv1d(ramp(1, 1, 4), ramp(1, 1, 3), { padding: "causal" }));
  const long = numbersOf(conv1d(ramp(1, 1, 9), ramp(1, 1, 3), { padding: "causal" }));
  expect(long.slice(0, 4)).toEqual(short);
});

test("paddings before and after may differ", () => {
  const x = ramp(1, 1, 5);
  const weight = ramp(1, 1, 3);
  expect(conv1d(x, weight, { padding: [1, 3] }).shape).toEqual([1, 1, 7]);
  expect(convTranspose1d(x, weight, { padding: [0, 2] }).shape).toEqual([1, 1, 5]);
});

test("other ranks are refused", () => {
  expect(() => conv1d(ramp(1, 2, 3, 4), ramp(1, 2, 3))).toThrow(
    "conv1d: sequence [1, 2, 3, 4] and weight [1, 2, 3]; each must have three axes",
  );
  expect(() => convTranspose1d(ramp(1, 2, 3), ramp(2, 3))).toThrow(
    "convTranspose1d: sequence [1, 2, 3] and weight [2, 3]; each must have three axes",
  );
});
