/** Tensor: what model code computes with. Each method adds nodes to a graph; nothing is computed here.
 *
 * Longer than other files, as it is one class whose methods chain; each is a few lines. */
// biome-ignore-all lint/style/noExcessiveLinesPerFile: one class

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
  /** Parts of the channels, each with filters of its own; 1 where absent. As many as channels: depthwise. */
  readonly groups?: number;
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
  /** The path of all that is computed from this tensor, where it is not to be inferred. */
  readonly scope: string | undefined;

  constructor(value: Value, scope?: string) {
    this.value = value;
    this.scope = scope;
  }

  /** The same value in another scope: see {@link Place} for paths. Without one, paths are inferred again. */
  within(scope: string | undefined): Tensor {
    return new Tensor(this.value, scope);
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
  /** x (1 + erf(x / sqrt 2)) / 2. */
  gelu(): Tensor {
    return apply("gelu", [this], {});
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
  /** e^x / sum(e^x) along an axis, without overflow. */
  softmax(axis = -1): Tensor {
    return apply("softmax", [this], { axis: this.axis(axis) });
  }
  /** log(softmax(x)). */
  logSoftmax(axis = -1): Tensor {
    return apply("logSoftmax", [this], { axis: this.axis(axis) });
  }
  /** log(sum(e^x)) - x[label] over the last axis: [..., K] and int32 or int64 labels [...] -> [...]. */
  crossEntropy(labels: Tensor): Tensor {
    return apply("crossEntropy", [this, labels], {});
  }
  /** Mean 0 and variance 1 (biased) over the last axis, then scaled and shifted by vectors of its size. */
  layerNorm(weight: Tensor, bias: Tensor, epsilon: number): Tensor {
    return apply("layerNorm", [this, weight, bias], { epsilon });
  }

  // Products.

  /** Matrix product over the last two axes; leading axes broadcast. A vector is a row on the left, a column on the right. */
  matmul(other: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor {
    const [isRow, isColumn] = [this.rank === 1, other.rank === 1];
    const a = isRow ? this.unsqueeze(0) : this;
    const b = isColumn ? other.unsqueeze(1) : other;
    const attrs: MatmulAttrs = { transposeA: transposeA && !isRow, transposeB: transposeB && !isColumn, alpha: 1 };
    const product = apply("matmul", [a, b], attrs);
    const dropped = [...(isRow ? [-2] : []), ...(isColumn ? [-1] : [])];
    return dropped.length === 0 ? product : product.squeeze(dropped);
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
  /** A new axis of size 1 at a place of the result's shape. */
  unsqueeze(axis: number): Tensor {
    return this.reshape(this.shape.toSpliced(normalizeAxis(axis, this.rank + 1, this.path), 0, 1));
  }
  /** Without these axes, or without all axes, of size 1. */
  squeeze(axes?: number | readonly number[]): Tensor {
    const dropped = axes === undefined ? this.axes(axes).filter((axis) => this.shape[axis] === 1) : this.axes(axes);
    if (dropped.some((axis) => this.shape[axis] !== 1)) {
      const seen = `squeeze: axes ${formatShape(dropped)} of ${formatShape(this.shape)}`;
      throw new GalateaError("shape", this.path, seen, "their sizes must be 1");
    }
    return this.reshape(this.shape.filter((_, axis) => !dropped.includes(axis)));
  }
  /** One axis to another place, the others in order. */
  moveAxis(from: number, to: number): Tensor {
    const axis = this.axis(from);
    const others = this.shape.map((_, i) => i).filter((i) => i !== axis);
    return this.transpose(others.toSpliced(this.axis(to), 0, axis));
  }
  swapAxes(a: number, b: number): Tensor {
    const [first, second] = [this.axis(a), this.axis(b)];
    return this.transpose(this.shape.map((_, i) => (i === first ? second : i === second ? first : i)));
  }
  /** `count` elements from `start` along an axis, each `step` after the last. */
  slice(axis: number, start: number, count: number, step = 1): Tensor {
    const at = this.axis(axis);
    const along = (here: number, elsewhere: (size: number) => number): number[] =>
      this.shape.map((size, i) => (i === at ? here : elsewhere(size)));
    const block = { starts: along(start, () => 0), sizes: along(count, (size) => size) };
    return apply("slice", [this], step === 1 ? block : { ...block, steps: along(step, () => 1) });
  }
  /** Equal parts along an axis, or parts of the given sizes. */
  split(parts: number | readonly number[], axis = -1): Tensor[] {
    const at = this.axis(axis);
    const size = this.shape[at];
    const sizes = typeof parts === "number" ? Array.from({ length: parts }, () => size / parts) : parts;
    if (sizes.some((part) => !Number.isInteger(part)) || sizes.reduce((sum, part) => sum + part, 0) !== size) {
      const seen = `split: axis ${at} of ${formatShape(this.shape)} into ${typeof parts === "number" ? parts : formatShape(parts)}`;
      throw new GalateaError(
        "shape",
        this.path,
        seen,
        typeof parts === "number" ? "its size must be a multiple" : "the sizes must add up",
      );
    }
    let start = 0;
    return sizes.map((part) => {
      start += part;
      return this.slice(at, start - part, part);
    });
  }
  /** The same elements, last first along some axes. */
  reverse(axes: number | readonly number[]): Tensor {
    return apply("reverse", [this], { axes: this.axes(axes) });
  }
  /** Each element `shift` places further along an axis, those beyond the end at its beginning. */
  roll(shift: number, axis: number): Tensor {
    const at = this.axis(axis);
    const size = this.shape[at];
    const moved = size === 0 ? 0 : ((shift % size) + size) % size;
    if (moved === 0) return this;
    const [first, last] = this.split([size - moved, moved], at);
    return apply("concat", [last, first], { axis: at });
  }
  /** The tensor `repeats[i]` times after itself along axis i. */
  tile(repeats: readonly number[]): Tensor {
    if (repeats.length !== this.rank) {
      const seen = `tile: ${repeats.length} repeats for ${formatShape(this.shape)}`;
      throw new GalateaError("shape", this.path, seen, `give ${this.rank}, one for each axis`);
    }
    const rows = this.reshape(this.shape.flatMap((size) => [1, size]));
    const repeated = rows.expand(this.shape.flatMap((size, axis) => [repeats[axis], size]));
    return repeated.reshape(this.shape.map((size, axis) => size * repeats[axis]));
  }
  /** A number (0 unless given) around: `low[i]` times before and `high[i]` times after along axis i. */
  pad(low: readonly number[], high: readonly number[], value = 0): Tensor {
    return apply("pad", [this], value === 0 ? { low, high } : { low, high, value });
  }
  /** Mirrored at its first and last elements, which are not repeated: `low[i]` before, `high[i]` after along axis i. */
  padReflect(low: readonly number[], high: readonly number[]): Tensor {
    return apply("pad", [this], { low, high, mode: "reflect" });
  }
  /** The first element repeated `low[i]` times before, the last `high[i]` times after, along axis i. */
  padEdge(low: readonly number[], high: readonly number[]): Tensor {
    return apply("pad", [this], { low, high, mode: "edge" });
  }

  // Indexing. Indices are int32 or int64 and count from 0, negative ones from the end; with others a run fails.

  /** Rows by number: `axis` is replaced by the axes of `indices`. */
  gather(indices: Tensor, axis = 0): Tensor {
    return apply("gather", [this, indices], { axis: this.axis(axis) });
  }
  /** The transpose of {@link gather}: zeros with `size` rows along an axis, each of this tensor's rows added to its own. */
  scatterAdd(indices: Tensor, size: number, axis = 0): Tensor {
    const at = normalizeAxis(axis, this.rank - indices.rank + 1, this.path);
    return apply("scatterAdd", [this, indices], { axis: at, size });
  }
  /** Along an axis, the elements by number: the result has the shape of `indices`, which is this one's but for the axis. */
  takeAlongAxis(indices: Tensor, axis: number): Tensor {
    return apply("takeAlongAxis", [this, indices], { axis: this.axis(axis) });
  }
  /** The transpose of {@link takeAlongAxis}: zeros, `size` along the axis, with each element added at its index. */
  scatterAddAlongAxis(indices: Tensor, size: number, axis: number): Tensor {
    return apply("scatterAddAlongAxis", [this, indices], { axis: this.axis(axis), size });
  }
  /** `size` elements along an axis from a computed scalar on, which is moved inside where they would leave the axis. */
  dynamicSlice(axis: number, start: Tensor, size: number): Tensor {
    return apply("dynamicSlice", [this, start], { axis: this.axis(axis), size });
  }
  /** This tensor with the elements that {@link dynamicSlice} would take replaced by `update`. */
  dynamicUpdateSlice(axis: number, start: Tensor, update: Tensor): Tensor {
    return apply("dynamicUpdateSlice", [this, update, start], { axis: this.axis(axis) });
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
  const scope = inputs.find((input) => input.scope !== undefined)?.scope;
  return emit(op, values, attrs, scope).outputs.map((output) => new Tensor(output, scope));
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

function convAttrs({ stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions): Conv2dAttrs {
  const around = typeof padding === "number" ? [padding, padding] : padding;
  return {
    stride: pairOf(stride),
    dilation: pairOf(dilation),
    padding: [around[0], around[1], around[2] ?? around[0], around[3] ?? around[1]],
    groups,
  };
}
