/** Tensor: what model code computes with. Each method adds nodes to a graph; nothing is computed here. */

import {
  type DType,
  formatShape,
  GalateaError,
  isFloat,
  normalizeAxis,
  type Shape,
  sameShape,
  sizeOf,
} from "../base/index.ts";
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
}

export interface VarianceOptions {
  /** Whether reduced axes stay, with size 1. */
  readonly keepDims?: boolean;
  /** Whether to divide by n - 1 instead of n, so that samples estimate the variance of what they are drawn from. */
  readonly unbiased?: boolean;
}

export interface CumulativeSumOptions {
  /** Whether sums start at the end of the axis. */
  readonly reverse?: boolean;
  /** Whether an element is left out of the sum at its own place. */
  readonly exclusive?: boolean;
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
  /** Remainder of integers, of the sign of the divisor. */
  mod(other: TensorLike): Tensor {
    return apply("mod", [this, this.lift(other)], {});
  }
  /** This to the power of another tensor or a number. Small whole and half exponents become cheap products and roots. */
  pow(exponent: TensorLike): Tensor {
    return apply("pow", [this, this.lift(exponent)], {});
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
  lessEqual(other: TensorLike): Tensor {
    return apply("lessEqual", [this, this.lift(other)], {});
  }
  greaterEqual(other: TensorLike): Tensor {
    return apply("lessEqual", [this.lift(other), this], {});
  }
  equal(other: TensorLike): Tensor {
    return apply("equal", [this, this.lift(other)], {});
  }
  /** Of bools: exclusive or. */
  notEqual(other: TensorLike): Tensor {
    return this.equal(other).not();
  }
  isNaN(): Tensor {
    return this.notEqual(this);
  }
  /** Neither infinite nor NaN. */
  isFinite(): Tensor {
    return this.abs().less(Number.POSITIVE_INFINITY);
  }
  and(other: Tensor): Tensor {
    return apply("and", [this, other], {});
  }
  or(other: Tensor): Tensor {
    return apply("or", [this, other], {});
  }
  not(): Tensor {
    return apply("not", [this], {});
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
  floor(): Tensor {
    return apply("floor", [this], {});
  }
  /** To whole numbers, halves to the even one. */
  round(): Tensor {
    return apply("round", [this], {});
  }
  ceil(): Tensor {
    return this.neg().floor().neg();
  }
  exp(): Tensor {
    return apply("exp", [this], {});
  }
  /** e^x - 1, accurate near 0. */
  expm1(): Tensor {
    return apply("expm1", [this], {});
  }
  log(): Tensor {
    return apply("log", [this], {});
  }
  /** log(1 + x), accurate near 0. */
  log1p(): Tensor {
    return apply("log1p", [this], {});
  }
  sqrt(): Tensor {
    return apply("sqrt", [this], {});
  }
  /** 1 / sqrt(x). */
  rsqrt(): Tensor {
    return this.sqrt().reciprocal();
  }
  reciprocal(): Tensor {
    return this.lift(1).div(this);
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
  /** log(sigmoid(x)), also far below 0, where a backend may round the sigmoid itself to 0. */
  logSigmoid(): Tensor {
    return this.neg().softplus().neg();
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
  /** x where x > 0, else slope * x, with a slope within 0 to 1. */
  leakyRelu(slope = 0.01): Tensor {
    return apply("leakyRelu", [this], { slope });
  }
  /** x where x > 0, else alpha * (e^x - 1). */
  elu(alpha = 1): Tensor {
    return apply("elu", [this], { alpha });
  }
  cast(dtype: DType): Tensor {
    return dtype === this.dtype ? this : apply("cast", [this], { dtype });
  }
  /** This value, as a constant to differentiation. */
  stopGradient(): Tensor {
    return apply("stopGradient", [this], {});
  }

  // Reductions. Axes may be negative; none given means all. NaN has no place in an order: argMax, topK and sort leave
  // open where it goes.

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
  min(axes?: number | readonly number[], keepDims = false): Tensor {
    return apply("reduceMin", [this], { axes: this.axes(axes), keepDims });
  }
  /** log(sum(e^x)) over axes, without overflow; -infinity for no elements. Its gradient by an infinity is NaN. */
  logSumExp(axes?: number | readonly number[], keepDims = false): Tensor {
    const over = this.axes(axes);
    const shape = this.reduced(over, keepDims);
    if (sizeOf(over.map((axis) => this.shape[axis])) === 0) return constant(Number.NEGATIVE_INFINITY).expand(shape);
    const highest = this.max(over, true).stopGradient();
    // An infinity minus itself would be NaN.
    const shift = choose(highest.isFinite(), highest, constant(0));
    const total = this.sub(shift).exp().sum(over, true);
    // The logarithm of 0 would have an infinite gradient, which becomes NaN on its way to elements of weight 0.
    const isZero = total.equal(0);
    const logarithm = choose(isZero, constant(1), total).log().add(shift);
    return choose(isZero, constant(Number.NEGATIVE_INFINITY), logarithm).reshape(shape);
  }
  /**
   * Mean squared distance from the mean over axes, in two passes. As in PyTorch it is the unbiased estimate unless
   * said otherwise, of which one element has none (NaN); normalization layers want `unbiased: false`.
   */
  variance(axes?: number | readonly number[], { keepDims = false, unbiased = true }: VarianceOptions = {}): Tensor {
    const over = this.axes(axes);
    const count = sizeOf(over.map((axis) => this.shape[axis]));
    const squares = this.sub(this.mean(over, true)).square();
    return squares.sum(over, keepDims).mul(1 / (unbiased ? Math.max(0, count - 1) : count));
  }
  /** Square root of the {@link variance}; the gradient where it is 0 is 0. */
  standardDeviation(axes?: number | readonly number[], options: VarianceOptions = {}): Tensor {
    const variance = this.variance(axes, options);
    const isZero = variance.equal(0);
    return choose(isZero, constant(0), choose(isZero, constant(1), variance).sqrt());
  }
  /** Whether all bools hold; true of none. */
  all(axes?: number | readonly number[], keepDims = false): Tensor {
    return this.holds("reduceMin", 1, this.axes(axes), keepDims);
  }
  /** Whether any bool holds; false of none. */
  any(axes?: number | readonly number[], keepDims = false): Tensor {
    return this.holds("reduceMax", 0, this.axes(axes), keepDims);
  }
  /** int64 index of the first largest element along an axis. */
  argMax(axis: number): Tensor {
    return apply("argMax", [this], { axis: this.axis(axis) });
  }
  /** int64 index of the first smallest element along an axis. */
  argMin(axis: number): Tensor {
    return apply("argMin", [this], { axis: this.axis(axis) });
  }
  /** Sums of the elements along an axis up to each place. */
  cumulativeSum(axis: number, { reverse = false, exclusive = false }: CumulativeSumOptions = {}): Tensor {
    return apply("cumulativeSum", [this], { axis: this.axis(axis), reverse, exclusive });
  }
  /**
   * The k largest elements along an axis, descending, or the k smallest, ascending, with their int64 indices; of equal
   * elements the first comes first.
   */
  topK(k: number, axis = -1, largest = true): { readonly values: Tensor; readonly indices: Tensor } {
    const [values, indices] = applyAll("topK", [this], { axis: this.axis(axis), k, largest });
    return { values, indices };
  }
  /** The elements along an axis in order. */
  sort(axis = -1, descending = false): Tensor {
    return this.topK(this.shape[this.axis(axis)], axis, descending).values;
  }
  /** int64 indices of the elements along an axis in order; equal elements stay in theirs, on every backend. */
  argSort(axis = -1, descending = false): Tensor {
    return this.topK(this.shape[this.axis(axis)], axis, descending).indices;
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
  /** Cross-correlation: [B, C, H, W] with weight [O, C, h, w] -> [B, O, H', W']. */
  conv2d(weight: Tensor, options: ConvOptions = {}): Tensor {
    return apply("conv2d", [this, weight], convAttrs(options));
  }
  /**
   * Transposed convolution as PyTorch defines it: [B, O, H, W] with weight [O, C, h, w] ->
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

  private holds(op: "reduceMax" | "reduceMin", ofNone: number, axes: number[], keepDims: boolean): Tensor {
    if (this.dtype !== "bool") {
      throw new GalateaError("dtype", this.path, `all and any: their input is ${this.dtype}`, "it must be bool");
    }
    if (axes.every((axis) => this.shape[axis] > 0)) return apply(op, [this], { axes, keepDims });
    return constant(ofNone, "bool").expand(this.reduced(axes, keepDims));
  }

  /** The shape without some axes, or with size 1 in their place. */
  private reduced(axes: readonly number[], keepDims: boolean): Shape {
    return this.shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
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
  if (!isFloat(dtype) && !Number.isInteger(number)) {
    throw new GalateaError("dtype", path, `the number ${number} is no ${dtype}`, "cast the tensor to float32");
  }
  return new Tensor(constantValue(dtype, [], [number]));
}

/** a where a bool condition holds, else b. */
function choose(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  return apply("where", [condition, a, b], {});
}

function pairOf(value: number | readonly [number, number]): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

function convAttrs({ stride = 1, padding = 0, dilation = 1 }: ConvOptions): Conv2dAttrs {
  const around = typeof padding === "number" ? [padding, padding] : padding;
  return {
    stride: pairOf(stride),
    dilation: pairOf(dilation),
    padding: [around[0], around[1], around[2] ?? around[0], around[3] ?? around[1]],
  };
}
