import { describe, expect, test } from "vitest";
import { type HostValue, hostValue, interpret } from "../../engine/interpreter/index.ts";
import type { Shape } from "../base/index.ts";
import { tensor } from "./functions.ts";
import {
  diagonal,
  diagonalMatrix,
  matrixTrace,
  outer,
  triangularInverse,
  triangularLogDeterminant,
  triangularSolve,
} from "./linear-algebra.ts";
import type { Tensor } from "./tensor.ts";

function evaluate({ value }: Tensor): HostValue {
  return interpret({ inputs: [], outputs: [{ name: "y", value }] }, [])[0];
}

function float(shape: Shape, ...numbers: number[]): HostValue {
  return hostValue("float32", shape, numbers);
}

const matrix = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
const square = tensor([2, 9, 3, 4], [2, 2]);

describe("diagonals", () => {
  test("are read with an offset, from matrices of any shape", () => {
    expect(evaluate(diagonal(matrix))).toEqual(float([2], 1, 5));
    expect(evaluate(diagonal(matrix, 1))).toEqual(float([2], 2, 6));
    expect(evaluate(diagonal(matrix, 2))).toEqual(float([1], 3));
    expect(evaluate(diagonal(matrix, -1))).toEqual(float([1], 4));
    expect(evaluate(diagonal(matrix.transpose()))).toEqual(float([2], 1, 5));
    expect(evaluate(diagonal(matrix.transpose(), -1))).toEqual(float([2], 2, 6));
  });
  test("beyond the corner have no elements", () => {
    for (const offset of [3, 4, -2, -3]) expect(diagonal(matrix, offset).shape).toEqual([0]);
    expect(diagonal(tensor([], [0, 3])).shape).toEqual([0]);
  });
  test("of stacks", () => {
    expect(evaluate(diagonal(tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])))).toEqual(float([2, 2], 1, 4, 5, 8));
    expect(evaluate(matrixTrace(tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])))).toEqual(float([2], 5, 13));
  });
  test("become matrices, in which NaN does not spread", () => {
    expect(evaluate(diagonalMatrix(tensor([1, 2, 3], [3])))).toEqual(float([3, 3], 1, 0, 0, 0, 2, 0, 0, 0, 3));
    expect(evaluate(diagonalMatrix(tensor([1, 2], [2, 1])))).toEqual(float([2, 1, 1], 1, 2));
    expect(evaluate(diagonalMatrix(tensor([Number.NaN, 2], [2])))).toEqual(float([2, 2], Number.NaN, 0, 0, 2));
    expect(diagonalMatrix(tensor([], [0])).shape).toEqual([0, 0]);
  });
});

test("outer products, of stacks too", () => {
  expect(evaluate(outer(tensor([1, 2], [2]), tensor([3, 4, 5], [3])))).toEqual(float([2, 3], 3, 4, 5, 6, 8, 10));
  expect(outer(tensor([1, 2], [2, 1]), tensor([3, 4], [2, 1])).shape).toEqual([2, 1, 1]);
});

describe("triangles", () => {
  const right = tensor([4, 8], [2, 1]);

  test("are solved: lower and upper, transposed, with ones on the diagonal", () => {
    // [2 0; 3 4] x = [4; 8], and so on.
    expect(evaluate(triangularSolve(square, right))).toEqual(float([2, 1], 2, 0.5));
    expect(evaluate(triangularSolve(square, right, { transpose: true }))).toEqual(float([2, 1], -1, 2));
    expect(evaluate(triangularSolve(square, right, { lower: false }))).toEqual(float([2, 1], -7, 2));
    expect(evaluate(triangularSolve(square, right, { unitDiagonal: true }))).toEqual(float([2, 1], 4, -4));
    const upper = { lower: false, transpose: true, unitDiagonal: true };
    expect(evaluate(triangularSolve(square, right, upper))).toEqual(float([2, 1], 4, -28));
  });
  test("are inverted", () => {
    expect(evaluate(triangularInverse(square))).toEqual(float([2, 2], 0.5, 0, -0.375, 0.25));
    expect(evaluate(triangularInverse(square, { lower: false, unitDiagonal: true }))).toEqual(
      float([2, 2], 1, -9, 0, 1),
    );
  });
  test("have a determinant", () => {
    expect(evaluate(triangularLogDeterminant(square)).data[0]).toBeCloseTo(Math.log(8), 12);
    expect(evaluate(triangularLogDeterminant(square.neg())).data[0]).toBeCloseTo(Math.log(8), 12);
  });
});

describe("products of vectors", () => {
  const [x, y] = [tensor([1, 2], [2]), tensor([3, 4, 5], [3])];

  test("with matrices and with each other", () => {
    expect(evaluate(x.matmul(matrix))).toEqual(float([3], 9, 12, 15));
    expect(evaluate(matrix.matmul(y))).toEqual(float([2], 3 + 8 + 15, 12 + 20 + 30));
    expect(evaluate(y.matmul(y))).toEqual(float([], 50));
    expect(evaluate(matrix.matmul(x, { transposeA: true }))).toEqual(float([3], 9, 12, 15));
    expect(evaluate(y.matmul(matrix, { transposeB: true }))).toEqual(float([2], 26, 62));
  });
  test("with stacks", () => {
    const stack = tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    expect(evaluate(stack.matmul(x))).toEqual(float([2, 2], 5, 11, 17, 23));
    expect(evaluate(x.matmul(stack))).toEqual(float([2, 2], 7, 10, 19, 22));
  });
  test("a vector is no matrix to transpose", () => {
    expect(evaluate(y.matmul(y, { transposeA: true, transposeB: true }))).toEqual(float([], 50));
  });
});

describe("errors", () => {
  test.each([
    [() => diagonal(tensor([1], [1])), "diagonal: got [1]; it takes at least two axes"],
    [() => triangularInverse(tensor([1], [1])), "triangularInverse: got [1]; it takes at least two axes"],
    [
      () => triangularInverse(matrix),
      "triangularSolve: matrix [2, 3] for right sides [2, 2]; it must be square, with as many rows as they have",
    ],
    [
      () => matrix.matmul(tensor([1, 2], [2])),
      "matmul: inner sizes differ, [2, 3] x [2, 1]; the right operand must be [3, n]",
    ],
  ])("%#", (act, message) => {
    expect(act).toThrow(message);
  });
});
