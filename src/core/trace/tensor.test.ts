import { describe, expect, test } from "vitest";
import type { DType } from "../base/index.ts";
import { GalateaError } from "../base/index.ts";
import { inputValue, isOp } from "../graph/index.ts";
import { Tensor } from "./tensor.ts";

function tensorOf(dtype: DType, ...shape: number[]): Tensor {
  return new Tensor(inputValue("params.layer.weight", { dtype, shape }));
}

const x = tensorOf("float32", 2, 3);
const labels = tensorOf("int32", 4);

/** Each wrong call with its whole message; every one names the layer. */
function refused(act: () => unknown, message: string): void {
  test(message, () => {
    let seen: unknown;
    try {
      act();
    } catch (error) {
      seen = error;
    }
    expect(seen).toBeInstanceOf(GalateaError);
    expect((seen as GalateaError).message).toBe(message);
  });
}

test("a tensor knows its type, size and layer", () => {
  expect([x.shape, x.dtype, x.rank, x.size, x.path]).toEqual([[2, 3], "float32", 2, 6, "layer"]);
});

test("what changes nothing adds no node", () => {
  expect(x.cast("float32")).toBe(x);
  expect(x.reshape([2, -1])).toBe(x);
  expect(x.expand([2, 3])).toBe(x);
});

test("float16 is moved, cast and compared with nothing", () => {
  const half = tensorOf("float16", 2, 3);
  expect(half.transpose().reshape([2, 3]).slice(0, 0, 1).gather(labels, 1)).toMatchObject({
    dtype: "float16",
    shape: [1, 4],
  });
  expect(half.cast("float32").add(1).cast("float16").dtype).toBe("float16");
  expect(
    x
      .isNaN()
      .or(x.isFinite().not())
      .and(x.lessEqual(0).notEqual(x.greaterEqual(0))).dtype,
  ).toBe("bool");
});

test("numbers take the element type of what they are combined with", () => {
  const { node } = labels.add(2).value;
  expect(node.inputs.map(({ dtype }) => dtype)).toEqual(["int32", "int32"]);
  expect(x.greater(1).value.node.inputs.map((input) => isOp(input.node, "constant"))).toEqual([true, false]);
});

describe("shapes of methods", () => {
  const image = tensorOf("float32", 2, 3, 8, 9);
  const cube = tensorOf("float32", 2, 3, 4);

  test("reductions take negative and repeated axes", () => {
    expect(cube.sum(-1).shape).toEqual([2, 3]);
    expect(cube.sum([-1, 0, 2], true).shape).toEqual([1, 3, 1]);
    expect(cube.mean().shape).toEqual([]);
    expect(cube.max([0, 1]).shape).toEqual([4]);
    expect(cube.logSumExp(1).shape).toEqual([2, 4]);
    expect(cube.logSumExp([0, 1], true).shape).toEqual([1, 1, 4]);
    expect(tensorOf("float32", 2, 0, 3).logSumExp(1).shape).toEqual([2, 3]);
    expect(cube.argMax(-2).shape).toEqual([2, 4]);
    expect(cube.argMin(-2)).toMatchObject({ shape: [2, 4], dtype: "int64" });
    expect(cube.min([0, 2], true).shape).toEqual([1, 3, 1]);
    expect(cube.variance(-1).shape).toEqual([2, 3]);
    expect(cube.standardDeviation([0, 1], { keepDims: true }).shape).toEqual([1, 1, 4]);
    expect(cube.cumulativeSum(-1).shape).toEqual([2, 3, 4]);
    expect(cube.topK(2, 1).values).toMatchObject({ shape: [2, 2, 4], dtype: "float32" });
    expect(cube.topK(0).indices).toMatchObject({ shape: [2, 3, 0], dtype: "int64" });
    expect(cube.argSort(0)).toMatchObject({ shape: [2, 3, 4], dtype: "int64" });
    expect(cube.less(0).all(-1)).toMatchObject({ shape: [2, 3], dtype: "bool" });
    expect(tensorOf("bool", 2, 0).any(1, true)).toMatchObject({ shape: [2, 1], dtype: "bool" });
    expect(cube.softmax(0).shape).toEqual([2, 3, 4]);
    expect(cube.sum([]).shape).toEqual([2, 3, 4]);
  });
  test("layout", () => {
    expect(cube.reshape([-1, 8]).shape).toEqual([3, 8]);
    expect(cube.flatten().shape).toEqual([2, 12]);
    expect(cube.flatten(0).shape).toEqual([24]);
    expect(cube.transpose().shape).toEqual([4, 3, 2]);
    expect(cube.transpose([0, -1, 1]).shape).toEqual([2, 4, 3]);
    expect(cube.slice(-1, 1, 2).shape).toEqual([2, 3, 2]);
    expect(cube.split(2).map(({ shape }) => shape)).toEqual([
      [2, 3, 2],
      [2, 3, 2],
    ]);
    expect(cube.gather(labels, -1).shape).toEqual([2, 3, 4]);
  });
  test("convolutions take numbers, pairs and four paddings", () => {
    const weight = tensorOf("float32", 5, 3, 3, 3);
    expect(image.conv2d(weight, { padding: 1 }).shape).toEqual([2, 5, 8, 9]);
    expect(image.conv2d(weight, { stride: [2, 1], padding: [1, 0] }).shape).toEqual([2, 5, 4, 7]);
    expect(image.conv2d(weight, { padding: [1, 2, 3, 4], dilation: 2 }).shape).toEqual([2, 5, 8, 11]);
  });
  test("transposed convolutions grow the image", () => {
    const weight = tensorOf("float32", 3, 5, 4, 4);
    expect(image.convTranspose2d(weight, { stride: 2, padding: 1 }).shape).toEqual([2, 5, 16, 18]);
    const attrs = { stride: 2, padding: 1, outputPadding: 1 };
    expect(image.convTranspose2d(tensorOf("float32", 3, 5, 3, 3), attrs).shape).toEqual([2, 5, 16, 18]);
  });
});

describe("errors name the layer", () => {
  const image = tensorOf("float32", 2, 3, 8, 8);
  const fit = "sizes must be equal or 1, counted from the last axis";
  const storage = "float16 is for storage: cast to float32";

  for (const op of ["add", "sub", "mul", "div", "maximum", "minimum", "less", "equal"] as const) {
    refused(() => x[op](tensorOf("float32", 2)), `layer: ${op}: shapes do not broadcast, [2, 3] and [2]; ${fit}`);
  }
  refused(() => x.greater(tensorOf("float32", 2)), `layer: less: shapes do not broadcast, [2] and [2, 3]; ${fit}`);
  refused(() => x.add(labels), "layer: add: types differ, float32 and int32; cast one of them");
  refused(() => labels.mul(0.5), "layer: the number 0.5 is no int32; cast the tensor to float32");
  refused(() => labels.less(Number.NaN), "layer: the number NaN is no int32; cast the tensor to float32");
  refused(() => labels.mean(), "layer: the number 0.25 is no int32; cast the tensor to float32");
  for (const op of [
    ...["neg", "abs", "sign", "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "erf", "relu"],
    ...["floor", "round", "expm1", "log1p", "leakyRelu", "elu"],
  ] as const) {
    refused(
      () => (labels[op as "neg"] as () => Tensor).call(labels),
      `layer: ${op}: its input is int32; it must be float32`,
    );
  }
  refused(
    () => tensorOf("bool", 2).square(),
    "layer: mul: its input is bool; it must be float32 or int32 or int64 or uint32",
  );
  refused(() => labels.pow(2), "layer: pow: its input is int32; it must be float32");
  refused(() => labels.isFinite(), "layer: abs: its input is int32; it must be float32");
  refused(() => x.mod(2), "layer: mod: its input is float32; it must be int32 or int64 or uint32 or uint8");
  refused(() => x.and(x), "layer: and: its input is float32; it must be bool");
  refused(() => x.any(), "layer: all and any: their input is float32; it must be bool");
  refused(() => tensorOf("float16", 2).add(0.5), `layer: add: its input is float16; ${storage}`);
  refused(() => tensorOf("float16", 2).sum(), `layer: reduceSum: its input is float16; ${storage}`);
  refused(() => labels.logSumExp(), "layer: abs: its input is int32; it must be float32");
  refused(() => x.topK(4), "layer: topK: 4 elements along axis 1 of [2, 3]; k is a whole number from 0 to 3");
  refused(() => labels.softmax(), "layer: exp: its input is int32; it must be float32");

  const outside = "layer: axis 2 is outside a tensor of rank 2; axes run from -2 to 1";
  for (const act of [
    () => x.sum(2),
    () => x.mean([0, 2]),
    () => x.max(2),
    () => x.logSumExp(2),
    () => x.softmax(2),
    () => x.logSoftmax(2),
    () => x.argMax(2),
    () => x.argMin(2),
    () => x.min(2),
    () => x.variance(2),
    () => x.cumulativeSum(2),
    () => x.topK(1, 2),
    () => x.sort(2),
    () => x.argSort(2),
    () => x.slice(2, 0, 1),
    () => x.split(1, 2),
    () => x.gather(labels, 2),
    () => x.transpose([0, 2]),
  ]) {
    refused(act, outside);
  }
  refused(() => tensorOf("float32").sort(), "layer: axis -1 is outside a tensor of rank 0; a scalar has no axes");
  refused(() => tensorOf("float32").softmax(), "layer: axis -1 is outside a tensor of rank 0; a scalar has no axes");

  refused(
    () => x.matmul(tensorOf("float32", 4, 5)),
    "layer: matmul: inner sizes differ, [2, 3] x [4, 5]; the right operand must be [3, n]",
  );
  refused(
    () => x.matmul(tensorOf("float32", 5, 4), { transposeB: true }),
    "layer: matmul: inner sizes differ, [2, 3] x [5, 4]^T; the right operand must be [n, 3]",
  );
  refused(
    () => image.conv2d(tensorOf("float32", 4, 1, 3, 3)),
    "layer: conv2d: channels differ, images [2, 3, 8, 8] and weights [4, 1, 3, 3]; the weights must be [n, 3, h, w]",
  );
  refused(
    () => image.conv2d(tensorOf("float32", 4, 3, 3, 3), { stride: 0 }),
    "layer: conv2d: stride [0, 0], dilation [1, 1], padding [0, 0, 0, 0]; " +
      "stride and dilation are whole numbers from 1 up, padding from 0 up",
  );
  refused(
    () => x.convTranspose2d(tensorOf("float32", 4, 3, 3, 3)),
    "layer: convTranspose2d: image [2, 3] and weight [4, 3, 3, 3]; each must have four axes",
  );
  refused(
    () => image.convTranspose2d(tensorOf("float32", 4, 3, 3, 3)),
    "layer: conv2dInputGradient: [2, 3, 8, 8] for images [2, 3, 10, 10] and weights [4, 3, 3, 3]; " +
      "their convolution is [2, 4, 8, 8]",
  );

  refused(() => x.reshape([4]), "layer: reshape: [2, 3] has 6 elements, [4] has 4; the counts must be equal");
  refused(
    () => x.reshape([-1, 4]),
    "layer: reshape: its result would have shape [1.5, 4]; sizes are whole numbers from 0 up",
  );
  refused(
    () => x.reshape([-1, -1]),
    "layer: reshape: its result would have shape [-6, -1]; sizes are whole numbers from 0 up",
  );
  refused(() => x.transpose([0, 0]), "layer: transpose: [0, 0] is no permutation; name each axis once");
  refused(() => x.expand([2, 4]), `layer: expand: [2, 3] cannot be repeated to [2, 4]; ${fit}`);
  refused(
    () => x.slice(1, 2, 2),
    "layer: slice: 2 elements from 2 along axis 1 of [2, 3]; the block must lie within 0 to 3",
  );
  refused(() => x.split(2), "layer: split: axis 1 of [2, 3] into 2; its size must be a multiple");
  refused(() => x.pad([-1, 0], [0, 0]), "layer: pad: paddings [-1, 0] and [0, 0]; none may be negative");
  refused(() => x.gather(x), "layer: gather: its index is float32; it must be int32 or int64");
});
