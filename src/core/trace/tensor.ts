/** Tensor: what model code computes with. Each method adds nodes to a graph; nothing is computed here. */

import { type DType, formatShape, GalateaError, normalizeAxis, type Shape, sameShape, sizeOf } from "../base/index.ts";
import {
  type AttrsOf,
  type Conv2dAttrs,
  constantValue,
  emit,
  type MatmulAttrs,
  type OpName,
  type Value,
} from "../graph/index.ts";

/** A tensor, or a number that takes the element type of what it is combined with. */
export type TensorLike = Tensor | number;

export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Options of a convolution; a number stands for both axes. Padding is [top, left, bottom, right]. */
export interface ConvOptions {
  readonly stride?: number | readonly [number, number];
  readonly padding?: number | readonly [number, number] | readonly [number, number, number, number];
  readonly dilation?: number | readonly [number, number];
  /** Parts of the channels, each with filters of its own; 1 where absent. As many as channels: depthwise. */
  readonly groups?: number;
}

/** A typed value in a graph, with its shape known. Immutable: every method gives a new tensor. */
export class Tensor {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }

  get shape(): Shape {
    return this.value.shape;
  }

  get dtype(): DType {
    return this.value.dtype;
  }

  get rank(): number {
    return this.value.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.value.shape);
  }

  /** Layer path, for messages. */
  get path(): string {
    return this.value.node.path;
  }

  // Elementwise. Operands broadcast as in NumPy; a number takes this tensor's element type.

  add(other: TensorLike): Tensor {
    return apply("add", [this, this.lift(other)], {});
  }
  sub(other: TensorLike): Tensor {
    return apply("sub", [this, this.lift(other)], {});
  }
  mul(other: TensorLike): Tensor {
    return apply("mul", [this, this.lift(other)], {});
  }
  /** Quotient; integers round toward zero. */
  div(other: TensorLike): Tensor {
    return apply("div", [this, this.lift(other)], {});
  }
  maximum(other: TensorLike): Tensor {
    return apply("maximum", [this, this.lift(other)], {});
  }
  minimum(other: TensorLike): Tensor {
    return apply("minimum", [this, this.lift(other)], {});
  }
  /** The nearest number within [low, high]; outside, the gradient is 0. */
  clip(low: number, high: number): Tensor {
    return this.maximum(low).minimum(high);
  }
  less(other: TensorLike): Tensor {
    return apply("less", [this, this.lift(other)], {});
  }
  greater(other: TensorLike): Tensor {
    return apply("less", [this.lift(other), this], {});
  }
  equal(other: TensorLike): Tensor {
    return apply("equal", [this, this.lift(other)], {});
  }
  neg(): Tensor {
    return apply("neg", [this], {});
  }
  abs(): Tensor {
    return apply("abs", [this], {});
  }
  sign(): Tensor {
    return apply("sign", [this], {});
  }
  exp(): Tensor {
    return apply("exp", [this], {});
  }
  log(): Tensor {
    return apply("log", [this], {});
  }
  sqrt(): Tensor {
    return apply("sqrt", [this], {});
  }
  square(): Tensor {
    return this.mul(this);
  }
  sin(): Tensor {
    return apply("sin", [this], {});
  }
  cos(): Tensor {
    return apply("cos", [this], {});
  }
  tanh(): Tensor {
    return apply("tanh", [this], {});
  }
  sigmoid(): Tensor {
    return apply("sigmoid", [this], {});
  }
  /** log(1 + e^x), without overflow. */
  softplus(): Tensor {
    return apply("softplus", [this], {});
  }
  erf(): Tensor {
    return apply("erf", [this], {});
  }
  relu(): Tensor {
    return apply("relu", [this], {});
  }
  /** e^x - 1, accurate near 0: tanh(x/2) * (e^x + 1). */
  expm1(): Tensor {
    return this.mul(0.5).tanh().mul(this.exp().add(1));
  }
  cast(dtype: DType): Tensor {
    return dtype === this.dtype ? this : apply("cast", [this], { dtype });
  }
  /** This value, as a constant to differentiation. */
  stopGradient(): Tensor {
    return apply("stopGradient", [this], {});
  }

  // Reductions. Axes may be negative; none given means all.

  sum(axes?: number | readonly number[], keepDims = false): Tensor {
    return apply("reduceSum", [this], { axes: this.axes(axes), keepDims });
  }
  mean(axes?: number | readonly number[], keepDims = false): Tensor {
    const over = this.axes(axes);
    const count = sizeOf(over.map((axis) => this.shape[axis]));
    return apply("reduceSum", [this], { axes: over, keepDims }).mul(1 / count);
  }
  max(axes?: number | readonly number[], keepDims = false): Tensor {
    return apply("reduceMax", [this], { axes: this.axes(axes), keepDims });
  }
  /** log(sum(e^x)) over axes, without overflow. */
  logSumExp(axes?: number | readonly number[], keepDims = false): Tensor {
    const over = this.axes(axes);
    const highest = this.max(over, true).stopGradient();
    const total = this.sub(highest).exp().sum(over, true).log().add(highest);
    return keepDims ? total : total.reshape(this.shape.filter((_, axis) => !over.includes(axis)));
  }
  /** int64 index of the first largest element along an axis. */
  argMax(axis: number): Tensor {
    return apply("argMax", [this], { axis: this.axis(axis) });
  }
  softmax(axis = -1): Tensor {
    const exponentials = this.sub(this.max(axis, true).stopGradient()).exp();
    return exponentials.div(exponentials.sum(axis, true));
  }
  logSoftmax(axis = -1): Tensor {
    return this.sub(this.logSumExp(axis, true));
  }

  // Products.

  /** Matrix product over the last two axes; leading axes broadcast. */
  matmul(other: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor {
    const attrs: MatmulAttrs = { transposeA, transposeB, alpha: 1 };
    return apply("matmul", [this, other], attrs);
  }
  /** Cross-correlation: [B, C, H, W] with weight [O, C / groups, h, w] -> [B, O, H', W']. */
  conv2d(weight: Tensor, options: ConvOptions = {}): Tensor {
    return apply("conv2d", [this, weight], convAttrs(options));
  }
  /**
   * Transposed convolution as PyTorch defines it: [B, O, H, W] with weight [O, C / groups, h, w] ->
   * [B, C, (H - 1) * stride - 2 * padding + dilation * (h - 1) + outputPadding + 1, ...].
   */
  convTranspose2d(
    weight: Tensor,
    options: ConvOptions & { readonly outputPadding?: number | readonly [number, number] } = {},
  ): Tensor {
    const attrs = convAttrs(options);
    if (this.rank !== 4 || weight.rank !== 4) {
      const seen = `convTranspose2d: image ${formatShape(this.shape)} and weight ${formatShape(weight.shape)}`;
      throw new GalateaError("shape", weight.path, seen, "each must have four axes");
    }
    const extra = pairOf(options.outputPadding ?? 0);
    const size = ([0, 1] as const).map((axis) => {
      const kernel = attrs.dilation[axis] * (weight.shape[axis + 2] - 1) + 1;
      const padding = attrs.padding[axis] + attrs.padding[axis + 2];
      return (this.shape[axis + 2] - 1) * attrs.stride[axis] + kernel - padding + extra[axis];
    });
    return apply("conv2dInputGradient", [this, weight], { ...attrs, size: [size[0], size[1]] });
  }

  // Layout.

  /** The same elements under another shape; one size may be -1. */
  reshape(shape: Shape): Tensor {
    const unknown = shape.indexOf(-1);
    const resolved = [...shape];
    if (unknown >= 0) resolved[unknown] = this.size / sizeOf(shape.filter((_, axis) => axis !== unknown));
    return sameShape(resolved, this.shape) ? this : apply("reshape", [this], { shape: resolved });
  }
  /** All axes from `start` on as one. */
  flatten(start = 1): Tensor {
    return this.reshape([...this.shape.slice(0, start), sizeOf(this.shape.slice(start))]);
  }
  /** Axes in another order; without an argument, reversed. */
  transpose(permutation?: readonly number[]): Tensor {
    const order = permutation ?? this.shape.map((_, axis) => this.rank - 1 - axis);
    return apply("transpose", [this], { permutation: order.map((axis) => this.axis(axis)) });
  }
  /** Axes of size 1, and missing leading axes, repeated to reach `shape`. */
  expand(shape: Shape): Tensor {
    return sameShape(shape, this.shape) ? this : apply("expand", [this], { shape });
  }
  /** `count` elements from `start` along an axis. */
  slice(axis: number, start: number, count: number): Tensor {
    const at = this.axis(axis);
    return apply("slice", [this], {
      starts: this.shape.map((_, i) => (i === at ? start : 0)),
      sizes: this.shape.map((size, i) => (i === at ? count : size)),
    });
  }
  /** Equal parts along an axis. */
  split(parts: number, axis = -1): Tensor[] {
    const at = this.axis(axis);
    if (this.shape[at] % parts !== 0) {
      const seen = `split: axis ${at} of ${formatShape(this.shape)} into ${parts}`;
      throw new GalateaError("shape", this.path, seen, "its size must be a multiple");
    }
    const count = this.shape[at] / parts;
    return Array.from({ length: parts }, (_, part) => this.slice(at, part * count, count));
  }
  /** Zeros around: `low[i]` before and `high[i]` after along axis i. */
  pad(low: readonly number[], high: readonly number[]): Tensor {
    return apply("pad", [this], { low, high });
  }
  /** Rows by number: `axis` is replaced by the axes of `indices` (int32 or int64). */
  gather(indices: Tensor, axis = 0): Tensor {
    return apply("gather", [this, indices], { axis: this.axis(axis) });
  }

  private axis(axis: number): number {
    return normalizeAxis(axis, this.rank, this.path);
  }

  private axes(axes: number | readonly number[] | undefined): number[] {
    if (axes === undefined) return this.shape.map((_, axis) => axis);
    const list = typeof axes === "number" ? [axes] : axes;
    return [...new Set(list.map((axis) => this.axis(axis)))].sort((a, b) => a - b);
  }

  private lift(other: TensorLike): Tensor {
    return other instanceof Tensor ? other : constant(other, this.dtype, this.path);
  }
}

/** All outputs of a new node; the one way in which tensors come from tensors. */
export function applyAll<N extends OpName>(op: N, inputs: readonly Tensor[], attrs: AttrsOf<N>): Tensor[] {
  const values = inputs.map(({ value }) => value);
  return emit(op, values, attrs).outputs.map((output) => new Tensor(output));
}

/** The first output of a new node, which for most ops is the only one. */
export function apply<N extends OpName>(op: N, inputs: readonly Tensor[], attrs: AttrsOf<N>): Tensor {
  return applyAll(op, inputs, attrs)[0];
}

/**
 * A scalar constant.
 * @param path of the layer that it is for, for the message
 * @throws GalateaError `dtype` for a fraction as an integer, which would silently become another number.
 */
export function constant(number: number, dtype: DType = "float32", path = ""): Tensor {
  if (dtype !== "float32" && !Number.isInteger(number)) {
    throw new GalateaError("dtype", path, `the number ${number} is no ${dtype}`, "cast the tensor to float32");
  }
  return new Tensor(constantValue(dtype, [], [number]));
}

function pairOf(value: number | readonly [number, number]): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

function convAttrs({ stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions): Conv2dAttrs {
  const around = typeof padding === "number" ? [padding, padding] : padding;
  return {
    stride: pairOf(stride),
    dilation: pairOf(dilation),
    padding: [around[0], around[1], around[2] ?? around[0], around[3] ?? around[1]],
    groups,
  };
}
