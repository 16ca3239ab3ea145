import { describe, expect, test } from "vitest";
import { interpret } from "../../engine/interpreter/index.ts";
import { range } from "./functions.ts";
import { eye, linspace, lowerTriangle, upperTriangle } from "./sequences.ts";
import type { Tensor } from "./tensor.ts";

function numbersOf({ value }: Tensor): number[] {
  return [...interpret({ inputs: [], outputs: [{ name: "y", value }] }, [])[0].data];
}

describe("sequences", () => {
  test("range", () => {
    expect(numbersOf(range(3))).toEqual([0, 1, 2]);
    expect(numbersOf(range(4, "int64", -1, 3))).toEqual([-1, 2, 5, 8]);
    expect(numbersOf(range(3, "float32", 1, -0.5))).toEqual([1, 0.5, 0]);
    expect(numbersOf(range(0))).toEqual([]);
  });
  test("linspace meets both ends", () => {
    expect(numbersOf(linspace(-1, 1, 5))).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(numbersOf(linspace(0.1, 0.7, 4)).map((x) => x.toFixed(6))).toEqual([
      "0.100000",
      "0.300000",
      "0.500000",
      "0.700000",
    ]);
    expect(numbersOf(linspace(0, 0.1, 11)).at(-1)).toBe(Math.fround(0.1));
    expect(numbersOf(linspace(2, 3, 1))).toEqual([2]);
    expect(numbersOf(linspace(2, 3, 0))).toEqual([]);
    expect(() => linspace(0, 1, -1)).toThrow("linspace: -1 numbers; their count is a whole number from 0 up");
  });
});

describe("matrices from places", () => {
  test("the triangles meet on the diagonal", () => {
    expect(lowerTriangle(3)).toMatchObject({ dtype: "bool", shape: [3, 3] });
    expect(numbersOf(lowerTriangle(3))).toEqual([1, 0, 0, 1, 1, 0, 1, 1, 1]);
    expect(numbersOf(upperTriangle(3))).toEqual([1, 1, 1, 0, 1, 1, 0, 0, 1]);
  });
  test("offsets move the diagonal to the right", () => {
    expect(numbersOf(lowerTriangle(2, 4, 1))).toEqual([1, 1, 0, 0, 1, 1, 1, 0]);
    expect(numbersOf(lowerTriangle(3, 2, -1))).toEqual([0, 0, 1, 0, 1, 1]);
    expect(numbersOf(upperTriangle(2, 4, 1))).toEqual([0, 1, 1, 1, 0, 0, 1, 1]);
    expect(numbersOf(upperTriangle(3, 2, -1))).toEqual([1, 1, 1, 1, 0, 1]);
  });
  test("eye", () => {
    expect(numbersOf(eye(2))).toEqual([1, 0, 0, 1]);
    expect(numbersOf(eye(2, 3, 1))).toEqual([0, 1, 0, 0, 0, 1]);
    expect(numbersOf(eye(0))).toEqual([]);
    expect(eye(2).dtype).toBe("float32");
  });
  test("a large mask is computed, from constants as long as its sides", () => {
    const { node } = lowerTriangle(1000).value;
    expect(node.op).toBe("less");
    expect(node.inputs.map(({ shape }) => shape)).toEqual([
      [1, 1000],
      [1000, 1],
    ]);
  });
});
