import { describe, expect, test } from "vitest";
import { type DType, GalateaError, type Shape } from "../../base/index.ts";
import { emitValue, inputValue, type Value } from "../node.ts";
import { type AttrsOf, type OpName, opNames, opTable } from "../op-table.ts";

function value(dtype: DType, ...shape: number[]): Value {
  return inputValue("x", { dtype, shape });
}

function float(...shape: number[]): Value {
  return value("float32", ...shape);
}

/** Each wrong use of an op with its whole message; the op's name starts it. */
function refused<N extends OpName>(op: N, inputs: readonly Value[], attrs: AttrsOf<N>, message: string): void {
  test(`${op}: ${message}`, () => {
    let seen: unknown;
    try {
      emitValue(op, inputs, attrs);
    } catch (error) {
      seen = error;
    }
    expect(seen).toBeInstanceOf(GalateaError);
    expect((seen as GalateaError).message).toBe(`${op}: ${message}`);
  });
}

function shapeOf<N extends OpName>(op: N, inputs: readonly Value[], attrs: AttrsOf<N>): Shape {
  return emitValue(op, inputs, attrs).shape;
}

describe("every op", () => {
  test.each(opNames)("%s has one line of documentation", (name) => {
    expect(opTable[name].doc).toMatch(/^.{2,}\.$/);
  });
  test.each(opNames)("%s has shapes of inputs and outputs", (name) => {
    expect(opTable[name].shapes).toMatch(/(^|[\]*.] )-> \[.*\]$/);
  });
  test("those whose operands may change places say so", () => {
    expect(opNames.filter((name) => opTable[name].commutative)).toEqual([
      ...["add", "mul", "maximum", "minimum", "equal", "and", "or"],
    ]);
  });
});

describe("elementwise refuses", () => {
  const right = "sizes must be equal or 1, counted from the last axis";
  refused("add", [float(2)], {}, "got 1 inputs; it takes 2");
  refused("neg", [float(2), float(2)], {}, "got 2 inputs; it takes 1");
  refused("add", [float(2, 3), float(2)], {}, `shapes do not broadcast, [2, 3] and [2]; ${right}`);
  refused("less", [float(4), float(3)], {}, `shapes do not broadcast, [4] and [3]; ${right}`);
  refused("mul", [float(2), value("int32", 2)], {}, "types differ, float32 and int32; cast one of them");
  refused("equal", [value("int64", 2), value("int32", 2)], {}, "types differ, int64 and int32; cast one of them");
  refused(
    "sub",
    [value("bool", 2), value("bool", 2)],
    {},
    "its input is bool; it must be float32 or int32 or int64 or uint32",
  );
  refused("exp", [value("int32", 2)], {}, "its input is int32; it must be float32");
  refused("exp", [value("float16", 2)], {}, "its input is float16; float16 is for storage: cast to float32");
  refused(
    "add",
    [value("float16", 2), value("float16", 2)],
    {},
    "its input is float16; float16 is for storage: cast to float32",
  );
  refused("mod", [float(2), float(2)], {}, "its input is float32; it must be int32 or int64 or uint32 or uint8");
  refused("pow", [value("int32", 2), value("int32", 2)], {}, "its input is int32; it must be float32");
  refused("pow", [float(2), value("int32", 2)], {}, "types differ, float32 and int32; cast one of them");
  refused(
    "mul",
    [value("uint8", 2), value("uint8", 2)],
    {},
    "its input is uint8; it must be float32 or int32 or int64 or uint32",
  );
  refused(
    "lessEqual",
    [value("bool", 2), value("bool", 2)],
    {},
    "its input is bool; it must be float32 or int32 or int64 or uint32 or uint8",
  );
  refused("and", [float(2), value("bool", 2)], {}, "its input is float32; it must be bool");
  refused("or", [value("bool", 2), float(2)], {}, "types differ, bool and float32; cast one of them");
  refused("and", [value("bool", 3), value("bool", 2)], {}, `shapes do not broadcast, [3] and [2]; ${right}`);
  refused("not", [value("int32", 2)], {}, "its input is int32; it must be bool");
  refused("floor", [value("int32", 2)], {}, "its input is int32; it must be float32");
  refused("leakyRelu", [float(2)], { slope: 1.5 }, "a slope of 1.5; it must lie within 0 to 1");
  refused("leakyRelu", [float(2)], { slope: Number.NaN }, "a slope of NaN; it must lie within 0 to 1");
  refused("leakyRelu", [value("int32", 2)], { slope: 0.1 }, "its input is int32; it must be float32");
  refused("elu", [float(2)], { alpha: Number.POSITIVE_INFINITY }, "an alpha of Infinity; it must be finite");
  refused("sign", [value("int32", 2)], {}, "its input is int32; it must be float32");
  refused("where", [float(2), float(2), float(2)], {}, "its condition is float32; it must be bool");
  refused(
    "where",
    [value("bool", 2), float(2), value("int32", 2)],
    {},
    "types differ, float32 and int32; cast one of them",
  );
  refused("where", [value("bool", 3), float(2), float()], {}, `shapes do not broadcast, [3] and [2]; ${right}`);
  refused("cast", [], { dtype: "int32" }, "got 0 inputs; it takes 1");
  refused("stopGradient", [], {}, "got 0 inputs; it takes 1");
});

describe("layout refuses", () => {
  refused("reshape", [float(2, 3)], { shape: [4] }, "[2, 3] has 6 elements, [4] has 4; the counts must be equal");
  refused(
    "reshape",
    [float(4)],
    { shape: [-2, -2] },
    "its result would have shape [-2, -2]; sizes are whole numbers from 0 up",
  );
  refused(
    "transpose",
    [float(2, 3)],
    { permutation: [0] },
    "1 axes in the permutation for a tensor of shape [2, 3]; give 2, one for each axis",
  );
  refused("transpose", [float(2, 3)], { permutation: [1, 1] }, "[1, 1] is no permutation; name each axis once");
  refused(
    "expand",
    [float(2, 3)],
    { shape: [3] },
    "[2, 3] cannot be repeated to [3]; sizes must be equal or 1, counted from the last axis",
  );
  refused(
    "expand",
    [float(2)],
    { shape: [4] },
    "[2] cannot be repeated to [4]; sizes must be equal or 1, counted from the last axis",
  );
  refused("expand", [float(1)], { shape: [-3] }, "its result would have shape [-3]; sizes are whole numbers from 0 up");
  refused(
    "slice",
    [float(2, 3)],
    { starts: [0], sizes: [1, 1] },
    "1 starts for a tensor of shape [2, 3]; give 2, one for each axis",
  );
  refused(
    "slice",
    [float(2, 3)],
    { starts: [0, 0], sizes: [1] },
    "1 sizes for a tensor of shape [2, 3]; give 2, one for each axis",
  );
  refused(
    "slice",
    [float(2, 3)],
    { starts: [0, 2], sizes: [2, 2] },
    "2 elements from 2 along axis 1 of [2, 3]; the block must lie within 0 to 3",
  );
  refused(
    "slice",
    [float(3)],
    { starts: [-1], sizes: [2] },
    "2 elements from -1 along axis 0 of [3]; the block must lie within 0 to 3",
  );
  refused(
    "slice",
    [float(3)],
    { starts: [0.5], sizes: [2] },
    "2 elements from 0.5 along axis 0 of [3]; the block must lie within 0 to 3",
  );
  refused(
    "pad",
    [float(2)],
    { low: [], high: [0] },
    "0 paddings before for a tensor of shape [2]; give 1, one for each axis",
  );
  refused(
    "pad",
    [float(2)],
    { low: [0], high: [0, 0] },
    "2 paddings after for a tensor of shape [2]; give 1, one for each axis",
  );
  refused("pad", [float(2)], { low: [-1], high: [0] }, "paddings [-1] and [0]; none may be negative");
  refused("concat", [], { axis: 0 }, "got no tensors; it takes at least one");
  refused("concat", [float(2)], { axis: 1 }, "axis 1 is outside [2]; it counts from 0 here");
  refused(
    "concat",
    [float(2, 3), float(2, 4)],
    { axis: 0 },
    "[2, 3] and [2, 4] along axis 0; all other sizes must be equal",
  );
  refused("concat", [float(2, 3), float(2)], { axis: 0 }, "[2, 3] and [2] along axis 0; all other sizes must be equal");
  refused("concat", [float(2), value("int32", 2)], { axis: 0 }, "types differ, float32 and int32; cast one of them");
  refused("gather", [float(2), float(2)], { axis: 0 }, "its index is float32; it must be int32 or int64");
  refused("gather", [float(), value("int32")], { axis: 0 }, "axis 0 is outside []; it counts from 0 here");
  refused(
    "scatterAdd",
    [value("int32", 2), value("int32", 2)],
    { axis: 0, size: 2 },
    "its update is int32; it must be float32",
  );
  refused(
    "scatterAdd",
    [float(2), value("uint32", 2)],
    { axis: 0, size: 2 },
    "its index is uint32; it must be int32 or int64",
  );
  refused(
    "scatterAdd",
    [float(3, 2), value("int32", 2)],
    { axis: 0, size: 5 },
    "updates [3, 2] for indices [2] at axis 0; the indices' axes must stand in the updates' shape from that axis on",
  );
  refused(
    "scatterAdd",
    [float(3, 2), value("int32")],
    { axis: 3, size: 5 },
    "axis 3 for updates [3, 2] and indices []; from the axis on, the updates need as many axes as the indices have",
  );
  refused(
    "scatterAdd",
    [float(3), value("int32", 3)],
    { axis: 0, size: -1 },
    "its result would have shape [-1]; sizes are whole numbers from 0 up",
  );
});

describe("linear algebra refuses", () => {
  const plain = { transposeA: false, transposeB: false, alpha: 1 };
  const convolution = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;

  refused(
    "reduceSum",
    [float(2, 3)],
    { axes: [2], keepDims: false },
    "axes [2] of [2, 3]; they must ascend and lie within the rank",
  );
  refused(
    "reduceSum",
    [float(2, 3)],
    { axes: [1, 0], keepDims: false },
    "axes [1, 0] of [2, 3]; they must ascend and lie within the rank",
  );
  refused(
    "reduceSum",
    [value("bool", 2)],
    { axes: [0], keepDims: false },
    "its input is bool; it must be float32 or int32 or int64",
  );
  refused(
    "reduceMax",
    [value("uint32", 2)],
    { axes: [0], keepDims: false },
    "its input is uint32; it must be float32 or int32 or int64 or uint8 or bool",
  );
  refused(
    "reduceMin",
    [value("float16", 2)],
    { axes: [0], keepDims: false },
    "its input is float16; float16 is for storage: cast to float32",
  );
  refused("reduceMax", [float(2, 0)], { axes: [1], keepDims: false }, "an empty axis in [2, 0]; it needs an element");
  refused("reduceMin", [float(0)], { axes: [0], keepDims: false }, "an empty axis in [0]; it needs an element");
  refused("argMax", [float(2, 0)], { axis: 1 }, "an empty axis in [2, 0]; it needs an element");
  refused("argMin", [float(2)], { axis: 1 }, "axes [1] of [2]; they must ascend and lie within the rank");
  refused(
    "argMax",
    [value("bool", 2)],
    { axis: 0 },
    "its input is bool; it must be float32 or int32 or int64 or uint8",
  );
  refused(
    "cumulativeSum",
    [float(2)],
    { axis: 1, reverse: false, exclusive: false },
    "axis 1 is outside [2]; it counts from 0 here",
  );
  refused(
    "cumulativeSum",
    [value("uint8", 2)],
    { axis: 0, reverse: false, exclusive: false },
    "its input is uint8; it must be float32 or int32 or int64",
  );
  refused(
    "topK",
    [float(2, 3)],
    { axis: 1, k: 4, largest: true },
    "4 elements along axis 1 of [2, 3]; k is a whole number from 0 to 3",
  );
  refused(
    "topK",
    [float(3)],
    { axis: 0, k: 1.5, largest: true },
    "1.5 elements along axis 0 of [3]; k is a whole number from 0 to 3",
  );
  refused("topK", [float()], { axis: 0, k: 1, largest: true }, "axis 0 is outside []; it counts from 0 here");
  refused(
    "topK",
    [value("bool", 3)],
    { axis: 0, k: 1, largest: true },
    "its input is bool; it must be float32 or int32 or int64 or uint8",
  );
  refused(
    "matmul",
    [float(32, 784), float(512, 10)],
    plain,
    "inner sizes differ, [32, 784] x [512, 10]; the right operand must be [784, n]",
  );
  refused(
    "matmul",
    [float(784, 32), float(10, 512)],
    { ...plain, transposeA: true, transposeB: true },
    "inner sizes differ, [784, 32]^T x [10, 512]^T; the right operand must be [n, 784]",
  );
  refused("matmul", [float(3), float(3, 2)], plain, "operands are [3] and [3, 2]; each needs at least two axes");
  refused(
    "matmul",
    [float(2, 3, 4), float(5, 4, 1)],
    plain,
    "leading axes do not broadcast, [2, 3, 4] x [5, 4, 1]; sizes must be equal or 1",
  );
  refused("matmul", [value("int32", 2, 2), float(2, 2)], plain, "its left operand is int32; it must be float32");
  refused("matmul", [float(2, 2), value("int32", 2, 2)], plain, "its right operand is int32; it must be float32");
  refused(
    "conv2d",
    [float(3, 8, 8), float(4, 3, 3, 3)],
    convolution,
    "its image has shape [3, 8, 8]; it must have four axes",
  );
  refused(
    "conv2d",
    [float(1, 3, 8, 8), float(4, 3, 3)],
    convolution,
    "its weight has shape [4, 3, 3]; it must have four axes",
  );
  refused(
    "conv2d",
    [value("int32", 1, 3, 8, 8), float(4, 3, 3, 3)],
    convolution,
    "its image is int32; it must be float32",
  );
  refused(
    "conv2d",
    [float(1, 3, 8, 8), float(4, 2, 3, 3)],
    convolution,
    "channels differ, images [1, 3, 8, 8] and weights [4, 2, 3, 3]; the weights must be [n, 3, h, w]",
  );
  refused(
    "conv2d",
    [float(1, 4, 8, 8), float(4, 4, 3, 3)],
    { ...convolution, groups: 2 },
    "channels differ, images [1, 4, 8, 8] and weights [4, 4, 3, 3] in 2 groups; the weights must be [n, 2, h, w]",
  );
  for (const groups of [0, 3, 1.5]) {
    refused(
      "conv2d",
      [float(1, 4, 8, 8), float(6, 2, 3, 3)],
      { ...convolution, groups },
      `${groups} groups for images [1, 4, 8, 8] and weights [6, 2, 3, 3]; groups must divide the channels and the filters`,
    );
  }
  refused(
    "conv2d",
    [float(1, 3, 2, 8), float(4, 3, 3, 3)],
    convolution,
    "a kernel of 3 x 3 does not fit into [1, 3, 2, 8]; use a smaller kernel or more padding",
  );
  refused(
    "conv2d",
    [float(1, 3, 8, 8), float(4, 3, 0, 3)],
    convolution,
    "a kernel of 0 x 3; its sizes must be at least 1",
  );
  refused(
    "conv2d",
    [float(1, 3, 8, 8), float(4, 3, 3, 3)],
    { ...convolution, stride: [0, 1] },
    "stride [0, 1], dilation [1, 1], padding [0, 0, 0, 0]; " +
      "stride and dilation are whole numbers from 1 up, padding from 0 up",
  );
  refused(
    "conv2dInputGradient",
    [float(1, 4, 5, 6), float(4, 3, 3, 3)],
    { ...convolution, size: [8, 8] },
    "[1, 4, 5, 6] for images [1, 3, 8, 8] and weights [4, 3, 3, 3]; their convolution is [1, 4, 6, 6]",
  );
  refused(
    "conv2dWeightGradient",
    [float(1, 3, 8, 8), float(2, 4, 6, 6)],
    { ...convolution, size: [3, 3] },
    "[2, 4, 6, 6] for images [1, 3, 8, 8] and weights [4, 3, 3, 3]; their convolution is [1, 4, 6, 6]",
  );
  refused(
    "conv2dWeightGradient",
    [float(1, 3, 8, 8), float(4, 6, 6)],
    { ...convolution, size: [3, 3] },
    "its gradient has shape [4, 6, 6]; it must have four axes",
  );
});

describe("pooling refuses", () => {
  const tile = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] } as const;
  refused("maxPool2d", [value("int32", 1, 3, 8, 8)], tile, "its image is int32; it must be float32");
  refused("maxPool2dPlaces", [float(3, 8, 8)], tile, "its image has shape [3, 8, 8]; it must have four axes");
  const right = "kernel and stride are whole numbers from 1 up, padding from 0 to less than the kernel";
  refused(
    "averagePool2d",
    [float(1, 3, 8, 8)],
    { ...tile, padding: [0, 2, 0, 0], divisor: "window" },
    `kernel [2, 2], stride [2, 2], padding [0, 2, 0, 0]; ${right}`,
  );
  refused(
    "maxPool2d",
    [float(1, 3, 8, 8)],
    { ...tile, stride: [0, 1] },
    `kernel [2, 2], stride [0, 1], padding [0, 0, 0, 0]; ${right}`,
  );
  refused(
    "maxPool2d",
    [float(1, 3, 8, 1)],
    tile,
    "a window of 2 x 2 does not fit into [1, 3, 8, 1]; use a smaller kernel or more padding",
  );
  refused(
    "averagePool2dGradient",
    [float(1, 3, 4, 3)],
    { ...tile, divisor: "none", size: [8, 8] },
    "[1, 3, 4, 3] for images [1, 3, 8, 8]; theirs is [1, 3, 4, 4]",
  );
});

describe("sources refuse", () => {
  const data = Float32Array.of(1, 2, 3);
  refused("input", [float(1)], { name: "x", dtype: "float32", shape: [] }, "got 1 inputs; it takes 0");
  refused(
    "input",
    [],
    { name: "x", dtype: "float32", shape: [0.5] },
    "its result would have shape [0.5]; sizes are whole numbers from 0 up",
  );
  refused(
    "constant",
    [],
    { dtype: "float32", shape: [2, 2], data },
    "3 numbers for shape [2, 2]; the counts must be equal",
  );
  refused("randomNormal", [float(2)], { shape: [3] }, "its key is float32; it must be uint32");
  refused(
    "randomUniform",
    [value("uint32", 3)],
    { shape: [3], bits: 16 },
    "its key has shape [3]; a key is [2]: high word, low word",
  );
  refused("randomUniform", [value("uint32", 2)], { shape: [3], bits: 8 as 16 }, "numbers of 8 bits; it makes 16 or 23");
  for (const probability of [-0.1, 1.5, Number.NaN]) {
    refused(
      "randomBernoulli",
      [value("uint32", 2)],
      { shape: [3], probability },
      `a probability of ${probability}; it must lie within [0, 1]`,
    );
  }
  refused("foldKey", [value("uint32", 2), value("int32")], {}, "its stream is int32; it must be uint32");
  refused("foldKey", [value("uint32", 2), value("uint32", 1)], {}, "its stream has shape [1]; it must be a scalar");
});

describe("shapes inferred", () => {
  test("broadcasting of three", () => {
    expect(shapeOf("where", [value("bool", 4, 1, 1), float(3, 1), float(2)], {})).toEqual([4, 3, 2]);
  });
  test("gather replaces the axis by the axes of the indices, scatterAdd puts it back", () => {
    const indices = value("int32", 5, 6);
    expect(shapeOf("gather", [float(2, 3, 4), indices], { axis: 1 })).toEqual([2, 5, 6, 4]);
    expect(shapeOf("scatterAdd", [float(2, 5, 6, 4), indices], { axis: 1, size: 3 })).toEqual([2, 3, 4]);
  });
  test("a convolution and its gradients", () => {
    const attrs = { stride: [2, 1], padding: [1, 0, 0, 2], dilation: [1, 2], groups: 1 } as const;
    const [x, weight] = [float(2, 3, 9, 8), float(4, 3, 3, 2)];
    // (9 + 1 - 2 - 1) / 2 + 1 = 4.5; 8 + 2 - 2 - 1 + 1 = 8
    const y = float(...shapeOf("conv2d", [x, weight], attrs));
    expect(y.shape).toEqual([2, 4, 4, 8]);
    expect(shapeOf("conv2dInputGradient", [y, weight], { ...attrs, size: [9, 8] })).toEqual([2, 3, 9, 8]);
    expect(shapeOf("conv2dWeightGradient", [x, y], { ...attrs, size: [3, 2] })).toEqual([4, 3, 3, 2]);
  });
  test("a convolution in groups and its gradients", () => {
    const attrs = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 3 } as const;
    const [x, weight, y] = [float(2, 6, 5, 5), float(9, 2, 3, 3), float(2, 9, 5, 5)];
    expect(shapeOf("conv2d", [x, weight], attrs)).toEqual(y.shape);
    expect(shapeOf("conv2dInputGradient", [y, weight], { ...attrs, size: [5, 5] })).toEqual(x.shape);
    expect(shapeOf("conv2dWeightGradient", [x, y], { ...attrs, size: [3, 3] })).toEqual(weight.shape);
  });
  test("a product of stacks, transposed", () => {
    const attrs = { transposeA: true, transposeB: true, alpha: 1 };
    expect(shapeOf("matmul", [float(5, 1, 3, 2), float(7, 4, 3)], attrs)).toEqual([5, 7, 2, 4]);
  });
});
