import { describe, expect, test } from "vitest";
import { broadcastShapes, formatShape, normalizeAxis, sameShape, sizeOf, stridesOf } from "./shape.ts";

test("size, strides and text, of scalars and empty axes too", () => {
  expect([[], [3], [2, 3, 4], [2, 0, 4]].map(sizeOf)).toEqual([1, 3, 24, 0]);
  expect([[], [3], [2, 3, 4]].map(stridesOf)).toEqual([[], [1], [12, 4, 1]]);
  expect([[], [3], [2, 3]].map(formatShape)).toEqual(["[]", "[3]", "[2, 3]"]);
});

test("shapes are the same when rank and every size are", () => {
  expect(sameShape([2, 3], [2, 3])).toBe(true);
  expect(sameShape([2, 3], [3, 2])).toBe(false);
  expect(sameShape([2], [2, 1])).toBe(false);
  expect(sameShape([], [])).toBe(true);
});

describe("broadcasting", () => {
  test.each([
    [[], [], []],
    [[], [2, 3], [2, 3]],
    [[3], [2, 3], [2, 3]],
    [[2, 1], [3], [2, 3]],
    [
      [4, 1, 2],
      [3, 1],
      [4, 3, 2],
    ],
    [[1], [0], [0]],
    [
      [0, 3],
      [1, 3],
      [0, 3],
    ],
  ])("%j with %j is %j, both ways", (a, b, expected) => {
    expect(broadcastShapes(a, b)).toEqual(expected);
    expect(broadcastShapes(b, a)).toEqual(expected);
  });
  test.each([
    [[2], [3]],
    [[2, 3], [2]],
    [[0], [2]],
  ])("%j and %j do not fit", (a, b) => {
    expect(broadcastShapes(a, b)).toBeUndefined();
    expect(broadcastShapes(b, a)).toBeUndefined();
  });
});

describe("axes", () => {
  test("negative ones count from the back", () => {
    expect([0, 2, -1, -3].map((axis) => normalizeAxis(axis, 3, ""))).toEqual([0, 2, 2, 0]);
  });
  test("outside the rank they are an error", () => {
    for (const axis of [2, -3, 0.5, Number.NaN]) {
      expect(() => normalizeAxis(axis, 2, "decoder")).toThrow(
        `decoder: axis ${axis} is outside a tensor of rank 2; axes run from -2 to 1`,
      );
    }
    expect(() => normalizeAxis(0, 0, "decoder")).toThrow(
      "decoder: axis 0 is outside a tensor of rank 0; a scalar has no axes",
    );
  });
});
