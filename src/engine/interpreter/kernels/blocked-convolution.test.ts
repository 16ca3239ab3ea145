import { expect, test } from "vitest";
import { hostValue } from "../value.ts";
import { blockedConvolution } from "./blocked-convolution.ts";

const attrs = {
  stride: [1, 1],
  padding: [0, 0, 0, 0],
  dilation: [1, 1],
  bias: false,
  sum: false,
  relu: false,
} as const;

/** Two channels, two filters, blocks of two: filter 0 takes 1 and 10 times the channels, filter 1 100 and 1000 times. */
test("each lane of a result sums over the lanes of the image", () => {
  const x = hostValue("float32", [1, 1, 1, 2, 2], [1, 2, 3, 4]);
  const weight = hostValue("float32", [1, 1, 1, 1, 2, 2], [1, 100, 10, 1000]);
  expect(blockedConvolution.blockedConv2d([x, weight], attrs)).toEqual(
    hostValue("float32", [1, 1, 1, 2, 2], [21, 2100, 43, 4300]),
  );
  const bias = hostValue("float32", [1, 2], [-30, 0.5]);
  const sum = hostValue("float32", [1, 1, 1, 2, 2], [0, 0.25, -20, 0]);
  const all = { ...attrs, bias: true, sum: true, relu: true };
  expect(blockedConvolution.blockedConv2d([x, weight, bias, sum], all)).toEqual(
    hostValue("float32", [1, 1, 1, 2, 2], [0, 2100.75, 0, 4300.5]),
  );
});

test("an image in no blocks has its channels one by one", () => {
  const x = hostValue("float32", [1, 2, 1, 2], [1, 3, 2, 4]);
  const weight = hostValue("float32", [1, 2, 1, 1, 2], [1, 100, 10, 1000]);
  expect(blockedConvolution.blockedConv2d([x, weight], attrs)).toEqual(
    hostValue("float32", [1, 1, 1, 2, 2], [21, 2100, 43, 4300]),
  );
});

test("kernels walk by strides, over borders of zeros and with gaps", () => {
  const x = hostValue("float32", [1, 1, 1, 5, 1], [1, 2, 3, 4, 5]);
  const weight = hostValue("float32", [1, 1, 1, 2, 1, 1], [1, 10]);
  const window = { stride: [1, 2], padding: [0, 1, 0, 0], dilation: [1, 2] } as const;
  // Places -1, 1, 3 and 1, 3, 5: the last reaches beyond the image.
  expect(blockedConvolution.blockedConv2d([x, weight], { ...attrs, ...window })).toEqual(
    hostValue("float32", [1, 1, 1, 2, 1], [20, 42]),
  );
});

test("a scale and a shift for each channel, of all examples or of each", () => {
  const x = hostValue("float32", [2, 1, 1, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  const of = { bias: false, sum: false, relu: false };
  const all = hostValue("float32", [1, 1, 2], [10, -1]);
  expect(blockedConvolution.blockedAffine([x, all], of)).toEqual(
    hostValue("float32", [2, 1, 1, 2, 2], [10, -2, 30, -4, 50, -6, 70, -8]),
  );
  const each = hostValue("float32", [2, 1, 2], [1, 2, 3, 4]);
  const bias = hostValue("float32", [2, 1, 2], [0, -10, 0.5, 0]);
  const sum = hostValue("float32", [2, 1, 1, 2, 2], [0, 0, -4, 0, 0, 0, 0, 1]);
  expect(blockedConvolution.blockedAffine([x, each, bias, sum], { bias: true, sum: true, relu: true })).toEqual(
    hostValue("float32", [2, 1, 1, 2, 2], [1, 0, 0, 0, 15.5, 24, 21.5, 33]),
  );
});
