import { describe, expect, test } from "vitest";
import { expectNumbers, numbersOf, ramp } from "../../../test/graph/numbers.ts";
import { pixelShuffle, pixelUnshuffle, resize2d } from "./resize.ts";

// Expected numbers by PyTorch 1.13 in float64:
// python3 -c "import math, torch; F = torch.nn.functional
// r = lambda *s: ((torch.arange(math.prod(s)) * 7 % 11 - 5) / 4).double().reshape(s)
// for size in ((6, 8), (2, 6), (4, 3), (1, 1)):
//   print(F.interpolate(r(1, 1, 3, 4), size=size))
//   for a in (False, True): print(F.interpolate(r(1, 1, 3, 4), size=size, mode='bilinear', align_corners=a))
// print(F.pixel_shuffle(r(1, 4, 2, 3), 2), F.pixel_unshuffle(r(1, 1, 4, 6), 2))"
describe("equal PyTorch's", () => {
  const x = ramp(1, 1, 3, 4);
  test("nearest to 6 x 8", () => {
    expectNumbers(
      resize2d(x, [6, 8]),
      [1, 1, 6, 8],
      [
        -1.25, -1.25, 0.5, 0.5, -0.5, -0.5, 1.25, 1.25, -1.25, -1.25, 0.5, 0.5, -0.5, -0.5, 1.25, 1.25, 0.25, 0.25,
        -0.75, -0.75, 1.0, 1.0, 0.0, 0.0, 0.25, 0.25, -0.75, -0.75, 1.0, 1.0, 0.0, 0.0, -1.0, -1.0, 0.75, 0.75, -0.25,
        -0.25, -1.25, -1.25, -1.0, -1.0, 0.75, 0.75, -0.25, -0.25, -1.25, -1.25,
      ],
    );
  });
  test("bilinear to 6 x 8", () => {
    expectNumbers(
      resize2d(x, [6, 8], { mode: "bilinear", alignCorners: false }),
      [1, 1, 6, 8],
      [
        -1.25, -0.8125, 0.0625, 0.25, -0.25, -0.0625, 0.8125, 1.25, -0.875, -0.609375, -0.078125, 0.109375, -0.046875,
        0.140625, 0.671875, 0.9375, -0.125, -0.203125, -0.359375, -0.171875, 0.359375, 0.546875, 0.390625, 0.3125,
        -0.0625, -0.140625, -0.296875, -0.109375, 0.421875, 0.4375, -0.0625, -0.3125, -0.6875, -0.421875, 0.109375,
        0.296875, 0.140625, -0.1875, -0.6875, -0.9375, -1.0, -0.5625, 0.3125, 0.5, 0.0, -0.5, -1.0, -1.25,
      ],
    );
  });
  test("bilinear to 6 x 8, corners aligned", () => {
    expectNumbers(
      resize2d(x, [6, 8], { mode: "bilinear", alignCorners: true }),
      [1, 1, 6, 8],
      [
        -1.25, -0.5, 0.25, 0.214285714, -0.214285714, -0.25, 0.5, 1.25, -0.65, -0.371428571, -0.092857143, 0.028571429,
        0.071428571, 0.192857143, 0.471428571, 0.75, -0.05, -0.242857143, -0.435714286, -0.157142857, 0.357142857,
        0.635714286, 0.442857143, 0.25, 0.0, -0.192857143, -0.385714286, -0.107142857, 0.407142857, 0.607142857,
        0.178571429, -0.25, -0.5, -0.221428571, 0.057142857, 0.178571429, 0.221428571, 0.107142857, -0.321428571, -0.75,
        -1.0, -0.25, 0.5, 0.464285714, 0.035714286, -0.392857143, -0.821428571, -1.25,
      ],
    );
  });
  test("nearest to 2 x 6", () => {
    expectNumbers(
      resize2d(x, [2, 6]),
      [1, 1, 2, 6],
      [-1.25, -1.25, 0.5, -0.5, -0.5, 1.25, 0.25, 0.25, -0.75, 1.0, 1.0, 0.0],
    );
  });
  test("bilinear to 2 x 6", () => {
    expectNumbers(
      resize2d(x, [2, 6], { mode: "bilinear", alignCorners: false }),
      [1, 1, 2, 6],
      [
        -0.875, -0.34375, 0.135416667, -0.072916667, 0.40625, 0.9375, -0.6875, -0.15625, 0.322916667, 0.114583333,
        -0.4375, -0.9375,
      ],
    );
  });
  test("bilinear to 2 x 6, corners aligned", () => {
    expectNumbers(
      resize2d(x, [2, 6], { mode: "bilinear", alignCorners: true }),
      [1, 1, 2, 6],
      [-1.25, -0.2, 0.3, -0.3, 0.2, 1.25, -1.0, 0.05, 0.55, -0.05, -0.65, -1.25],
    );
  });
  test("nearest to 4 x 3", () => {
    expectNumbers(
      resize2d(x, [4, 3]),
      [1, 1, 4, 3],
      [-1.25, 0.5, -0.5, -1.25, 0.5, -0.5, 0.25, -0.75, 1.0, -1.0, 0.75, -0.25],
    );
  });
  test("bilinear to 4 x 3", () => {
    expectNumbers(
      resize2d(x, [4, 3], { mode: "bilinear", alignCorners: false }),
      [1, 1, 4, 3],
      [
        -0.958333333, 0.0, 0.958333333, -0.307291667, 0.078125, 0.463541667, -0.213541667, 0.171875, -0.302083333,
        -0.708333333, 0.25, -1.083333333,
      ],
    );
  });
  test("bilinear to 4 x 3, corners aligned", () => {
    expectNumbers(
      resize2d(x, [4, 3], { mode: "bilinear", alignCorners: true }),
      [1, 1, 4, 3],
      [-1.25, 0.0, 1.25, -0.25, 0.083333333, 0.416666667, -0.166666667, 0.166666667, -0.416666667, -1.0, 0.25, -1.25],
    );
  });
  test("nearest to 1 x 1", () => {
    expectNumbers(resize2d(x, [1, 1]), [1, 1, 1, 1], [-1.25]);
  });
  test("bilinear to 1 x 1", () => {
    expectNumbers(resize2d(x, [1, 1], { mode: "bilinear", alignCorners: false }), [1, 1, 1, 1], [0.125]);
  });
  test("bilinear to 1 x 1, corners aligned", () => {
    expectNumbers(resize2d(x, [1, 1], { mode: "bilinear", alignCorners: true }), [1, 1, 1, 1], [-1.25]);
  });
  test("pixelShuffle", () => {
    expectNumbers(
      pixelShuffle(ramp(1, 4, 2, 3), 2),
      [1, 1, 4, 6],
      [
        -1.25, 1.0, 0.5, 0.0, -0.5, -1.0, 0.5, 0.0, -0.5, -1.0, 1.25, 0.75, 1.25, 0.75, 0.25, -0.25, -0.75, -1.25, 0.25,
        -0.25, -0.75, -1.25, 1.0, 0.5,
      ],
    );
  });
  test("pixelUnshuffle", () => {
    expectNumbers(
      pixelUnshuffle(ramp(1, 1, 4, 6), 2),
      [1, 4, 2, 3],
      [
        -1.25, -0.5, 0.25, 0.5, 1.25, -0.75, 0.5, 1.25, -0.75, -0.5, 0.25, 1.0, 1.0, -1.0, -0.25, 0.0, 0.75, -1.25, 0.0,
        0.75, -1.25, -1.0, -0.25, 0.5,
      ],
    );
  });
});

test("pixelUnshuffle undoes pixelShuffle", () => {
  const x = ramp(2, 18, 2, 3);
  expect(pixelShuffle(x, 3).shape).toEqual([2, 2, 6, 9]);
  expectNumbers(pixelUnshuffle(pixelShuffle(x, 3), 3), [2, 18, 2, 3], numbersOf(x));
});

test("the same size adds nothing", () => {
  const x = ramp(1, 2, 3, 4);
  expect(resize2d(x, [3, 4])).toBe(x);
  expect(resize2d(x, [3, 4], { mode: "bilinear" })).toBe(x);
});

describe("refuse", () => {
  const x = ramp(1, 3, 4, 4);
  test.each([
    [() => resize2d(ramp(3, 4, 4), [2, 2]), "resize2d: its input has shape [3, 4, 4]; it must be [B, C, H, W]"],
    [() => resize2d(x, [0, 2]), "resize2d: from [1, 3, 4, 4] to [0, 2]; sizes are whole numbers from 1 up"],
    [() => resize2d(x, [2, 1.5]), "resize2d: from [1, 3, 4, 4] to [2, 1.5]; sizes are whole numbers from 1 up"],
    [
      () => pixelShuffle(x, 2),
      "pixelShuffle: 3 channels by a factor of 2; the channels must be a multiple of its square",
    ],
    [
      () => pixelUnshuffle(x, 3),
      "pixelUnshuffle: [1, 3, 4, 4] by a factor of 3; its sides must be multiples of the factor",
    ],
  ])("%#", (act, message) => {
    expect(act).toThrow(message);
  });
});
