import { describe, expect, test } from "vitest";
import { floatOf, refused, typedValue } from "../../../../test/graph/refused.ts";
import { emitValue } from "../node.ts";

const plain = { lower: true, transpose: false, unitDiagonal: false };

describe("triangularSolve refuses", () => {
  const square = "it must be square, with as many rows as they have";
  refused("triangularSolve", [floatOf(2, 3), floatOf(2, 1)], plain, `matrix [2, 3] for right sides [2, 1]; ${square}`);
  refused("triangularSolve", [floatOf(3, 3), floatOf(2, 1)], plain, `matrix [3, 3] for right sides [2, 1]; ${square}`);
  refused(
    "triangularSolve",
    [floatOf(3, 3), floatOf(3)],
    plain,
    "operands are [3, 3] and [3]; each needs at least two axes",
  );
  refused(
    "triangularSolve",
    [floatOf(2, 3, 3), floatOf(5, 3, 1)],
    plain,
    "leading axes do not broadcast, [2, 3, 3] x [5, 3, 1]; sizes must be equal or 1",
  );
  refused(
    "triangularSolve",
    [typedValue("int32", 2, 2), floatOf(2, 1)],
    plain,
    "its matrix is int32; it must be float32",
  );
  refused(
    "triangularSolve",
    [floatOf(2, 2), typedValue("int32", 2, 1)],
    plain,
    "its right side is int32; it must be float32",
  );
});

test("leading axes broadcast", () => {
  expect(emitValue("triangularSolve", [floatOf(4, 1, 3, 3), floatOf(5, 3, 2)], plain).shape).toEqual([4, 5, 3, 2]);
});
