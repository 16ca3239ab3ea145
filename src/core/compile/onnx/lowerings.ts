/** How each op is spelled in ONNX (opset 21): a mapped type over the op table, so none can be left out. */

import { allocateHost, GalateaError, type Shape, sizeOf } from "../../base/index.ts";
import { type AttrsOf, type Conv2dAttrs, isOp, type OpName, type TensorType, type Value } from "../../graph/index.ts";
import type { NodeOptions, OnnxBuilder } from "./builder.ts";
import { lowerFoldKey, lowerRandomUniform } from "./random.ts";
import { onnxDType } from "./schema.ts";

/** What the runtime that will run the model offers beyond the standard operators. */
export interface LoweringTarget {
  /** Whether the operators of domain `com.microsoft` may be used; never in an exported file. */
  readonly contrib: boolean;
}

export interface LoweringContext<N extends OpName> {
  readonly onnx: OnnxBuilder;
  readonly target: LoweringTarget;
  readonly attrs: AttrsOf<N>;
  /** Names and types of the inputs. */
  readonly inputs: readonly string[];
  readonly types: readonly TensorType[];
  /** Name and type of the output to produce. */
  readonly output: string;
  readonly type: TensorType;
  readonly path: string;
}

type Lowering<N extends OpName> = (context: LoweringContext<N>) => void;

export type Lowerings = { readonly [N in OpName]: Lowering<N> };

/** An op that is one ONNX operator over the same inputs. */
function direct(opType: string): Lowering<never> {
  return ({ onnx, inputs, output, path }) => {
    onnx.node(opType, inputs, { output, path });
  };
}

/** An op whose single list of numbers is ONNX's second input. */
function withInts<N extends OpName>(opType: string, ints: (attrs: AttrsOf<N>) => readonly number[]): Lowering<N> {
  return ({ onnx, inputs, attrs, output, path }) => {
    onnx.node(opType, [...inputs, onnx.ints(ints(attrs))], { output, path });
  };
}

function reduction(opType: string): (context: LoweringContext<"reduceSum" | "reduceMax">) => void {
  return ({ onnx, inputs, attrs, output, path }) => {
    const { axes, keepDims } = attrs;
    // Without axes ONNX reduces all of them; ours then reduces none.
    if (axes.length === 0) onnx.node("Identity", inputs, { output, path });
    else {
      const attributes = { keepdims: { int: Number(keepDims) } };
      onnx.node(opType, [inputs[0], onnx.ints(axes)], { output, path, attributes });
    }
  };
}

/** Whether a value is a product of two matrices, which Gemm computes and to which it can add a row. */
export function isMatrixProduct({ node }: Value): boolean {
  return isOp(node, "matmul") && node.inputs.every(({ shape }) => shape.length === 2);
}

/** alpha op(a) op(b) [+ row]: Gemm, with the bias as its third input where one is given. */
export function lowerMatrixProduct(context: LoweringContext<"matmul">, bias: readonly string[] = []): void {
  const { onnx, inputs, attrs, output, path } = context;
  onnx.node("Gemm", [...inputs, ...bias], {
    output,
    path,
    attributes: {
      alpha: { float: attrs.alpha },
      transA: { int: Number(attrs.transposeA) },
      transB: { int: Number(attrs.transposeB) },
    },
  });
}

/** A tensor without elements: a constant. ONNX Runtime drops an Expand from size 1 to 0 as if it did nothing. */
function lowerEmpty(onnx: OnnxBuilder, { dtype, shape }: TensorType, options: NodeOptions): string {
  return onnx.node("Identity", [onnx.constant(dtype, shape, allocateHost(dtype, 0))], options);
}

function lowerZeros(onnx: OnnxBuilder, type: TensorType, options: NodeOptions): string {
  if (sizeOf(type.shape) === 0) return lowerEmpty(onnx, type, options);
  return onnx.node("Expand", [onnx.float(0), onnx.ints(type.shape)], options);
}

function swapLastTwo(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
}

const lowerMatmul: Lowering<"matmul"> = (context) => {
  const { onnx, target, inputs, types, attrs, output, type, path } = context;
  if (types.every(({ shape }) => shape.length === 2)) {
    lowerMatrixProduct(context);
    return;
  }
  // ONNX Runtime's MatMul sets only the first matrix of a stack to 0 where the sums have no terms.
  if (types.some(({ shape }) => sizeOf(shape) === 0)) {
    lowerZeros(onnx, type, { output, path });
    return;
  }
  if (target.contrib) {
    onnx.node("FusedMatMul", inputs, {
      output,
      path,
      domain: "com.microsoft",
      attributes: {
        alpha: { float: attrs.alpha },
        transA: { int: Number(attrs.transposeA) },
        transB: { int: Number(attrs.transposeB) },
      },
    });
    return;
  }
  const operand = (i: number, flipped: boolean): string => {
    if (!flipped) return inputs[i];
    return onnx.node("Transpose", [inputs[i]], {
      path,
      attributes: { perm: { ints: swapLastTwo(types[i].shape.length) } },
    });
  };
  const operands = [operand(0, attrs.transposeA), operand(1, attrs.transposeB)];
  if (attrs.alpha === 1) onnx.node("MatMul", operands, { output, path });
  else onnx.node("Mul", [onnx.node("MatMul", operands, { path }), onnx.float(attrs.alpha)], { output, path });
};

function convAttributes({ stride, padding, dilation }: Conv2dAttrs, kernel: Shape) {
  return {
    strides: { ints: stride },
    pads: { ints: padding },
    dilations: { ints: dilation },
    kernel_shape: { ints: kernel },
  };
}

const lowerConv2dInputGradient: Lowering<"conv2dInputGradient"> = ({ onnx, inputs, types, attrs, output, path }) => {
  const kernel = types[1].shape.slice(2);
  // What a stride leaves uncovered at the end of each axis.
  const outputPadding = ([0, 1] as const).map((axis) => {
    const reached =
      (types[0].shape[axis + 2] - 1) * attrs.stride[axis] +
      attrs.dilation[axis] * (kernel[axis] - 1) +
      1 -
      attrs.padding[axis] -
      attrs.padding[axis + 2];
    return attrs.size[axis] - reached;
  });
  const attributes = { ...convAttributes(attrs, kernel), output_padding: { ints: outputPadding } };
  onnx.node("ConvTranspose", inputs, { output, path, attributes });
};

/**
 * One matrix product: each kernel position's strided window of the channel-first image stands under the
 * others as [h w C, B H' W'], times the gradient [O, B H' W'].
 */
const lowerConv2dWeightGradient: Lowering<"conv2dWeightGradient"> = (context) => {
  const { onnx, inputs, types, attrs, output, path } = context;
  const [batch, channels] = types[0].shape;
  const [, outputs, height, width] = types[1].shape;
  const [kernelHeight, kernelWidth] = attrs.size;
  const [top, left, bottom, right] = attrs.padding;
  const channelFirst = { path, attributes: { perm: { ints: [1, 0, 2, 3] } } };
  const images = onnx.node("Transpose", [inputs[0]], channelFirst); // [C, B, H, W]
  const padded =
    top + left + bottom + right === 0
      ? images
      : onnx.node("Pad", [images, onnx.ints([0, 0, top, left, 0, 0, bottom, right])], { path });
  const windows: string[] = [];
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      const start = [row * attrs.dilation[0], column * attrs.dilation[1]];
      const end = [start[0] + (height - 1) * attrs.stride[0] + 1, start[1] + (width - 1) * attrs.stride[1] + 1];
      const bounds = [start, end, [2, 3], attrs.stride].map((values) => onnx.ints(values));
      windows.push(onnx.node("Slice", [padded, ...bounds], { path }));
    }
  }
  const joined =
    windows.length === 1 ? windows[0] : onnx.node("Concat", windows, { path, attributes: { axis: { int: 0 } } });
  const count = batch * height * width;
  const columns = onnx.reshape(joined, [windows.length * channels, count], { path });
  const gradient = onnx.node("Transpose", [inputs[1]], channelFirst); // [O, B, H', W']
  const rows = onnx.reshape(gradient, [outputs, count], { path });
  const product = onnx.node("Gemm", [rows, columns], { path, attributes: { transB: { int: 1 } } }); // [O, h w C]
  const parted = onnx.reshape(product, [outputs, kernelHeight, kernelWidth, channels], { path });
  onnx.node("Transpose", [parted], { output, path, attributes: { perm: { ints: [0, 3, 1, 2] } } });
};

/**
 * softplus(x) = max(x, 0) + log1p(e), e = e^-|x|, with log1p(e) = log(u) + (e - (u - 1)) / u for the rounded
 * u = 1 + e. ONNX Runtime's own Softplus is an unvectorized loop, slower than these passes.
 * Source of the correction: Kahan's log1p, as in Higham, "Accuracy and stability of numerical algorithms" (2002).
 */
const lowerSoftplus: Lowering<"softplus"> = ({ onnx, inputs: [x], output, path }) => {
  const one = onnx.float(1);
  const node = (opType: string, ...operands: string[]): string => onnx.node(opType, operands, { path });
  const e = node("Exp", node("Neg", node("Abs", x)));
  const u = node("Add", e, one);
  const correction = node("Div", node("Sub", e, node("Sub", u, one)), u);
  const tail = node("Add", node("Log", u), correction);
  onnx.node("Add", [node("Relu", x), tail], { output, path });
};

/** Up to this many rows, adding by a product with a one-hot matrix is the faster way. */
const largestOneHot = 256;

/**
 * Never ScatterND: with more than one thread it loses updates of equal indices (ONNX Runtime issue 18048).
 */
const lowerScatterAdd: Lowering<"scatterAdd"> = ({ onnx, inputs, types, attrs, output, type, path }) => {
  const [updates, indices] = types;
  const { axis, size } = attrs;
  const count = sizeOf(indices.shape);
  if (sizeOf(updates.shape) === 0) {
    lowerZeros(onnx, type, { output, path });
    return;
  }
  const before = updates.shape.slice(0, axis);
  const after = updates.shape.slice(axis + indices.shape.length);
  if (axis === 0 && size <= largestOneHot) {
    const numbers = Array.from({ length: size }, (_, i) => i);
    const rows =
      indices.dtype === "int64"
        ? onnx.constant("int64", [size, 1], BigInt64Array.from(numbers, BigInt))
        : onnx.constant("int32", [size, 1], Int32Array.from(numbers));
    const flatIndices = onnx.reshape(inputs[1], [1, count], { path });
    const matches = onnx.node("Equal", [rows, flatIndices], { path });
    const oneHot = onnx.node("Cast", [matches], { path, attributes: { to: { int: onnxDType.float32 } } });
    const flatUpdates = onnx.reshape(inputs[0], [count, sizeOf(after)], { path });
    const sums = onnx.node("Gemm", [oneHot, flatUpdates], { path });
    onnx.reshape(sums, type.shape, { output, path });
    return;
  }
  const flatShape = [...before, count, ...after];
  const flat = onnx.reshape(inputs[0], flatShape, { path });
  const index = onnx.reshape(
    inputs[1],
    flatShape.map((_, i) => (i === axis ? count : 1)),
    { path },
  );
  const everywhere = onnx.node("Expand", [index, onnx.ints(flatShape)], { path });
  const zeros = lowerZeros(onnx, type, { path });
  const attributes = { axis: { int: axis }, reduction: { string: "add" } };
  onnx.node("ScatterElements", [zeros, everywhere, flat], { output, path, attributes });
};

export const lowerings: Lowerings = {
  input: ({ path }) => {
    throw new GalateaError("internal", path, "an input is declared, not lowered");
  },
  constant: ({ path }) => {
    throw new GalateaError("internal", path, "a constant is declared, not lowered");
  },
  randomUniform: ({ onnx, inputs, attrs, output }) => lowerRandomUniform(onnx, inputs[0], attrs.shape, output),
  foldKey: ({ onnx, inputs, output }) => lowerFoldKey(onnx, inputs[0], inputs[1], output),
  add: direct("Add"),
  sub: direct("Sub"),
  mul: direct("Mul"),
  div: direct("Div"),
  maximum: direct("Max"),
  minimum: direct("Min"),
  less: direct("Less"),
  equal: direct("Equal"),
  neg: direct("Neg"),
  abs: direct("Abs"),
  sign: direct("Sign"),
  exp: direct("Exp"),
  log: direct("Log"),
  sqrt: direct("Sqrt"),
  sin: direct("Sin"),
  cos: direct("Cos"),
  tanh: direct("Tanh"),
  sigmoid: direct("Sigmoid"),
  softplus: lowerSoftplus,
  erf: direct("Erf"),
  relu: direct("Relu"),
  where: direct("Where"),
  stopGradient: direct("Identity"),
  cast: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Cast", inputs, { output, path, attributes: { to: { int: onnxDType[attrs.dtype] } } });
  },
  reshape: ({ onnx, inputs, attrs, output, path }) => onnx.reshape(inputs[0], attrs.shape, { output, path }),
  expand: ({ onnx, inputs, attrs: { shape }, output, type, path }) => {
    if (sizeOf(shape) === 0) lowerEmpty(onnx, type, { output, path });
    else onnx.node("Expand", [...inputs, onnx.ints(shape)], { output, path });
  },
  transpose: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Transpose", inputs, { output, path, attributes: { perm: { ints: attrs.permutation } } });
  },
  slice: ({ onnx, inputs, attrs: { starts, sizes }, output, path }) => {
    const ends = starts.map((start, axis) => start + sizes[axis]);
    const axes = starts.map((_, axis) => axis);
    onnx.node("Slice", [inputs[0], onnx.ints(starts), onnx.ints(ends), onnx.ints(axes)], { output, path });
  },
  pad: withInts<"pad">("Pad", ({ low, high }) => [...low, ...high]),
  concat: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Concat", inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  },
  gather: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Gather", inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  },
  scatterAdd: lowerScatterAdd,
  reduceSum: reduction("ReduceSum"),
  reduceMax: reduction("ReduceMax"),
  argMax: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("ArgMax", inputs, { output, path, attributes: { axis: { int: attrs.axis }, keepdims: { int: 0 } } });
  },
  matmul: lowerMatmul,
  conv2d: ({ onnx, inputs, types, attrs, output, path }) => {
    onnx.node("Conv", inputs, { output, path, attributes: convAttributes(attrs, types[1].shape.slice(2)) });
  },
  conv2dInputGradient: lowerConv2dInputGradient,
  conv2dWeightGradient: lowerConv2dWeightGradient,
};
