import { describe, expect, test } from "vitest";
import { numbersOf, ramp } from "../../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../../core/base/index.ts";
import { constantKey, randomNormal, tensor } from "../../../core/trace/index.ts";
import { affine } from "./elementwise.ts";
import { squeeze, unsqueeze } from "./layout.ts";
import { fromUnit, toUnit } from "./logit.ts";
import { type LuMatrices, luDecompose, luInverse, luMatrix, randomRotation } from "./lu.ts";

function product(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));
}

describe("matrices as triangles", () => {
  const size = 5;
  const rotation = randomRotation(size, keyFromSeed(6));
  const factors = luDecompose(rotation);
  const matrices: LuMatrices = {
    lower: tensor(factors.lower.flat(), [size, size]),
    upper: tensor(factors.upper.flat(), [size, size]),
    log_diagonal: tensor(factors.logDiagonal, [size]),
  };
  const identity = (i: number, j: number): number => (i === j ? 1 : 0);

  test("a random rotation is orthogonal", () => {
    const transposed = rotation.map((_, i) => rotation.map((row) => row[i]));
    product(rotation, transposed).forEach((row, i) => {
      row.forEach((x, j) => {
        expect(x).toBeCloseTo(identity(i, j), 12);
      });
    });
  });

  test("its factors make it again, and its determinant is 1 or -1", () => {
    numbersOf(luMatrix(matrices, factors)).forEach((x, i) => {
      expect(x).toBeCloseTo(rotation.flat()[i], 6);
    });
    expect(factors.logDiagonal.reduce((sum, log) => sum + log, 0)).toBeCloseTo(0, 10);
  });

  test("the inverse is that of other factors, too, whatever the triangles' other halves hold", () => {
    const key = constantKey(keyFromSeed(7));
    const moved: LuMatrices = {
      lower: matrices.lower.add(randomNormal(key, [size, size]).mul(0.3)),
      upper: matrices.upper.add(randomNormal(key, [size, size]).mul(0.3)),
      log_diagonal: matrices.log_diagonal.add(0.2),
    };
    numbersOf(luMatrix(moved, factors).matmul(luInverse(moved, factors))).forEach((x, i) => {
      expect(x).toBeCloseTo(identity(Math.floor(i / size), i % size), 6);
    });
  });
});

describe("elementwise maps", () => {
  test("affine scales by e to a bounded number", () => {
    const x = tensor([1, -2, 3, 0.5], [2, 2]);
    const raw = tensor([0.5, -1, 4, -40, 1, 2, 40, 0], [2, 4]);
    const { y, logDerivative } = affine().forward(x, raw);
    const logs = [2 * Math.tanh(2), 2 * Math.tanh(-20), 2 * Math.tanh(20), 0];
    numbersOf(logDerivative).forEach((log, i) => {
      expect(log).toBeCloseTo(logs[i], 6);
    });
    const shifts = [0.5, -1, 1, 2];
    numbersOf(y).forEach((value, i) => {
      expect(value).toBeCloseTo([1, -2, 3, 0.5][i] * Math.exp(logs[i]) + shifts[i], 5);
    });
    numbersOf(affine().inverse(y, raw).y).forEach((value, i) => {
      expect(value).toBeCloseTo([1, -2, 3, 0.5][i], 9);
    });
  });

  test("the logit is undone, and refuses an alpha outside its range", () => {
    const x = tensor([0, 0.001, 0.5, 0.9, 1], [5]);
    const { y, logDerivative } = fromUnit(x, { alpha: 0.05 });
    numbersOf(toUnit(y, { alpha: 0.05 })).forEach((value, i) => {
      expect(value).toBeCloseTo([0, 0.001, 0.5, 0.9, 1][i], 6);
    });
    // At one half p is one half: (1 - 2 alpha) / (p (1 - p)).
    expect(numbersOf(logDerivative)[2]).toBeCloseTo(Math.log(0.9 * 4), 6);
    expect(() => fromUnit(x, { alpha: 0.5 })).toThrow("alpha: is 0.5; it must lie above 0 and below 0.5");
  });
});

describe("squeeze", () => {
  test("makes channels of each square's pixels, row by row", () => {
    const x = tensor(
      Array.from({ length: 16 }, (_, i) => i),
      [1, 1, 4, 4],
    );
    const y = squeeze(x);
    expect(y.shape).toEqual([1, 4, 2, 2]);
    expect(numbersOf(y)).toEqual([0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15]);
  });
  test("is undone", () => {
    const x = ramp(2, 3, 4, 6);
    expect(numbersOf(unsqueeze(squeeze(x)))).toEqual(numbersOf(x));
  });
  test("refuses odd sizes", () => {
    expect(() => squeeze(ramp(1, 1, 3, 4))).toThrow("height and width must be multiples of 2");
  });
});
