import { describe, expect, test } from "vitest";
import { floatOf, refused, typedValue } from "../../../../test/graph/refused.ts";
import { emitValue } from "../node.ts";

describe("slices in steps refuse", () => {
  refused(
    "slice",
    [floatOf(2, 3)],
    { starts: [0, 0], sizes: [1, 1], steps: [1] },
    "1 steps for a tensor of shape [2, 3]; give 2, one for each axis",
  );
  refused(
    "slice",
    [floatOf(6)],
    { starts: [2], sizes: [3], steps: [2] },
    "3 elements from 2, 2 apart, along axis 0 of [6]; the block must lie within 0 to 6",
  );
  for (const step of [0, -1]) {
    refused(
      "slice",
      [floatOf(6)],
      { starts: [2], sizes: [3], steps: [step] },
      `3 elements from 2, ${step} apart, along axis 0 of [6]; ` +
        "the block must lie within 0 to 6, and its step is a whole number from 1 up",
    );
  }
  refused(
    "slice",
    [floatOf(6)],
    { starts: [2], sizes: [2], steps: [1.5] },
    "2 elements from 2, 1.5 apart, along axis 0 of [6]; the block must lie within 0 to 6",
  );
});

describe("reverse refuses", () => {
  const right = "they must ascend and lie within the rank";
  refused("reverse", [floatOf(2, 3)], { axes: [2] }, `axes [2] of [2, 3]; ${right}`);
  refused("reverse", [floatOf(2, 3)], { axes: [-1] }, `axes [-1] of [2, 3]; ${right}`);
  refused("reverse", [floatOf(2, 3)], { axes: [1, 0] }, `axes [1, 0] of [2, 3]; ${right}`);
  refused("reverse", [floatOf(2, 3)], { axes: [0, 0] }, `axes [0, 0] of [2, 3]; ${right}`);
});

describe("pad refuses", () => {
  refused(
    "pad",
    [typedValue("int32", 2)],
    { low: [0], high: [1], value: 0.5 },
    "the number 0.5 around int32; cast the tensor to float32",
  );
  refused(
    "pad",
    [floatOf(2, 3)],
    { low: [1, 1], high: [0, 3], mode: "reflect" },
    "1 before and 3 after by reflect along axis 1 of [2, 3]; at most one less than its size",
  );
  refused(
    "pad",
    [floatOf(2, 0)],
    { low: [0, 1], high: [0, 0], mode: "edge" },
    "1 before and 0 after by edge along axis 1 of [2, 0]; the axis needs an element",
  );
});

describe("shapes", () => {
  test("a slice may start at the end and take nothing", () => {
    expect(emitValue("slice", [floatOf(4)], { starts: [4], sizes: [0], steps: [3] }).shape).toEqual([0]);
  });
  test("a last step may reach beyond the end", () => {
    expect(emitValue("slice", [floatOf(5)], { starts: [0], sizes: [3], steps: [2] }).shape).toEqual([3]);
  });
  test("any type is padded", () => {
    const padded = emitValue("pad", [typedValue("bool", 2)], { low: [1], high: [2], value: 1 });
    expect(padded).toMatchObject({ dtype: "bool", shape: [5] });
  });
});
