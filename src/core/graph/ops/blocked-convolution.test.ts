import { describe, expect, test } from "vitest";
import type { DType, Shape } from "../../base/index.ts";
import { emitValue, inputValue, type Value } from "../node.ts";
import type { BlockedConv2dAttrs } from "./blocked-convolution.ts";

const attrs: BlockedConv2dAttrs = {
  stride: [1, 1],
  padding: [0, 0, 0, 0],
  dilation: [1, 1],
  bias: false,
  sum: false,
  relu: false,
};

function value(dtype: DType, ...shape: number[]): Value {
  return inputValue("x", { dtype, shape });
}

function float(...shape: number[]): Value {
  return value("float32", ...shape);
}

function shapeOf(inputs: readonly Value[], changes: Partial<BlockedConv2dAttrs> = {}): Shape {
  return emitValue("blockedConv2d", inputs, { ...attrs, ...changes }).shape;
}

describe("a blocked convolution", () => {
  test("of blocks, and of few channels", () => {
    const window = { stride: [2, 1], padding: [1, 0, 0, 2], dilation: [1, 2] } as const;
    expect(shapeOf([float(2, 3, 9, 8, 16), float(4, 3, 3, 2, 16, 16)], window)).toEqual([2, 4, 4, 8, 16]);
    expect(shapeOf([float(2, 3, 9, 8), float(4, 3, 3, 2, 16)], window)).toEqual([2, 4, 4, 8, 16]);
  });

  test("with a bias and a tensor to add", () => {
    const [x, weight, bias, y] = [float(2, 1, 5, 5, 8), float(3, 1, 2, 2, 8, 8), float(3, 8), float(2, 3, 4, 4, 8)];
    expect(shapeOf([x, weight, bias], { bias: true })).toEqual(y.shape);
    expect(shapeOf([x, weight, y], { sum: true })).toEqual(y.shape);
    expect(shapeOf([x, weight, bias, y], { bias: true, sum: true })).toEqual(y.shape);
  });

  const right = "they must be [B, C, H, W] and [n, C, h, w, b] or [B, C, H, W, b] and [n, C, h, w, b, b]";
  const [image, weight] = [float(2, 1, 5, 5, 8), float(3, 1, 2, 2, 8, 8)];
  test.each<[readonly Value[], Partial<BlockedConv2dAttrs>, string]>([
    [[image], {}, "got 1 inputs; it takes 2"],
    [[image, weight], { bias: true, sum: true }, "got 2 inputs; it takes 4"],
    [[value("int32", 2, 1, 5, 5, 8), weight], {}, "its image is int32; it must be float32"],
    [[image, float(3, 2, 2, 2, 8, 8)], {}, `images [2, 1, 5, 5, 8] and weights [3, 2, 2, 2, 8, 8]; ${right}`],
    [[image, float(3, 1, 2, 2, 8)], {}, `images [2, 1, 5, 5, 8] and weights [3, 1, 2, 2, 8]; ${right}`],
    [[float(2, 1, 5, 5, 4), weight], {}, `images [2, 1, 5, 5, 4] and weights [3, 1, 2, 2, 8, 8]; ${right}`],
    [[float(2, 3, 5, 5), float(1, 2, 2, 2, 8)], {}, `images [2, 3, 5, 5] and weights [1, 2, 2, 2, 8]; ${right}`],
    [
      [float(2, 1, 1, 5, 8), weight],
      {},
      "a kernel of 2 x 2 does not fit into [2, 1, 1, 5, 8]; use a smaller kernel or more padding",
    ],
    [[image, float(3, 1, 0, 2, 8, 8)], {}, "a kernel of 0 x 2; its sizes must be at least 1"],
    [[image, weight, float(24)], { bias: true }, "its bias has shape [24]; it must be [3, 8]"],
    [
      [image, weight, float(2, 3, 5, 5, 8)],
      { sum: true },
      "what is added has shape [2, 3, 5, 5, 8]; it must be [2, 3, 4, 4, 8]",
    ],
  ])("refuses %#", (inputs, changes, message) => {
    expect(() => shapeOf(inputs, changes)).toThrow(`blockedConv2d: ${message}`);
  });
});

describe("a scale by channels in blocks", () => {
  const none = { bias: false, sum: false, relu: false };
  const [x, all, each] = [float(2, 3, 4, 5, 8), float(1, 3, 8), float(2, 3, 8)];

  test("of all examples or of each, with a bias and a tensor to add", () => {
    expect(emitValue("blockedAffine", [x, all], none).shape).toEqual(x.shape);
    expect(emitValue("blockedAffine", [x, each, each, x], { bias: true, sum: true, relu: true }).shape).toEqual(
      x.shape,
    );
  });

  test.each<[readonly Value[], Partial<typeof none>, string]>([
    [[x], {}, "got 1 inputs; it takes 2"],
    [[float(2, 3, 4, 5), all], {}, "its image has shape [2, 3, 4, 5]; it must be [B, C/b, H, W, b]"],
    [[x, float(3, 8)], {}, "its scale has shape [3, 8]; it must be [2, 3, 8]"],
    [[x, float(1, 3, 4)], {}, "its scale has shape [1, 3, 4]; it must be [1, 3, 8]"],
    [[x, each, all], { bias: true }, "its bias has shape [1, 3, 8]; it must be [2, 3, 8]"],
    [[x, all, all], { sum: true }, "what is added has shape [1, 3, 8]; it must be [2, 3, 4, 5, 8]"],
    [[value("int32", 2, 3, 4, 5, 8), all], {}, "its image is int32; it must be float32"],
  ])("refuses %#", (inputs, changes, message) => {
    expect(() => emitValue("blockedAffine", inputs, { ...none, ...changes })).toThrow(`blockedAffine: ${message}`);
  });
});
