/** Random well-typed graphs over every op, built from a list of instructions that a shrinker can shorten.
 *
 * What a rewrite may change is rounding, so a graph must not blow rounding up: magnitudes stay small,
 * arguments of log, sqrt and quotients stay off 0, and what jumps (comparisons, casts to integers, arg max)
 * reads only numbers that are exact whichever way they are computed: sums and products of few quarters.
 * Constants are powers of two, as factors that passes merge are float32 numbers. */

import { type DType, GalateaError, keyFromSeed, randomBits, type Shape, sizeOf } from "../../src/core/base/index.ts";
import {
  type AttrsOf,
  type Conv2dAttrs,
  constantValue,
  emit,
  emitValue,
  type Graph,
  inputValue,
  type OpName,
  opTable,
  type Pool2dAttrs,
  type Value,
} from "../../src/core/graph/index.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";

/** One step of building: which kind, and numbers that pick operands and attributes. */
export interface Instruction {
  readonly kind: number;
  readonly picks: readonly [number, number, number, number];
}

export interface RandomGraph {
  readonly graph: Graph;
  readonly inputs: readonly HostValue[];
}

/** What the builder knows of a value's numbers. */
interface Known {
  readonly value: Value;
  /** Equal to the last bit however it is computed, also in float32. */
  readonly exact: boolean;
  /** Products and sums that the bits of an exact number come from. */
  readonly depth: number;
  /** No input reaches it. */
  readonly constant: boolean;
  /** No number is larger in magnitude. */
  readonly bound: number;
  /** An integer that lies within 0 .. below - 1. */
  readonly below?: number;
}

const largestSize = 200;
const largestBound = 16;
const deepestExact = 2;

const quarters = [-2, -1.75, -1.5, -1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.5, 2];
const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -2, 0.5];

interface Declared {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly below?: number;
}

const declaredInputs: readonly Declared[] = [
  { dtype: "float32", shape: [2, 3] },
  { dtype: "float32", shape: [3] },
  { dtype: "float32", shape: [] },
  { dtype: "float32", shape: [3, 2] },
  { dtype: "float32", shape: [2, 1, 3] },
  { dtype: "float32", shape: [2, 2, 4, 3] },
  { dtype: "float32", shape: [3, 2, 2, 2] },
  { dtype: "int32", shape: [3], below: 2 },
  { dtype: "int64", shape: [2, 2], below: 2 },
  { dtype: "uint32", shape: [2] },
];

/** How numbers become known: of results from operands. */
type Meta = Omit<Known, "value">;

class Builder {
  readonly known: Known[] = [];
  private readonly used = new Set<Value>();

  add(value: Value, meta: Meta): Known | undefined {
    if (sizeOf(value.shape) > largestSize) return undefined;
    for (const input of value.node.inputs) this.used.add(input);
    const exact = meta.exact && meta.depth <= deepestExact;
    const entry: Known = { ...meta, exact, value };
    if (value.dtype !== "float32" || meta.bound <= largestBound) {
      this.known.push(entry);
      return entry;
    }
    const factor = 2 ** -Math.ceil(Math.log2(meta.bound / 4));
    return this.add(emitValue("mul", [value, constantValue("float32", [], [factor])], {}), {
      ...meta,
      bound: meta.bound * factor,
    });
  }

  /** The values that fit, from the picked one on. */
  candidates(pick: number, fits: (candidate: Known) => boolean): Known[] {
    const start = this.known.length - 1 - (pick % this.known.length);
    return [...this.known.slice(0, start + 1).reverse(), ...this.known.slice(start + 1)].filter(fits);
  }

  any(pick: number, fits: (candidate: Known) => boolean): Known | undefined {
    return this.candidates(pick, fits)[0];
  }

  /** What nothing else uses, and one value that something does. */
  outputs(pick: number): Value[] {
    const made = this.known.map(({ value }) => value).filter(({ node }) => node.op !== "input");
    const ends = made.filter((value) => !this.used.has(value));
    const inner = made[pick % Math.max(1, made.length)] ?? this.known[0].value;
    return [...new Set([...ends, inner])];
  }
}

const isFloat = ({ value }: Known): boolean => value.dtype === "float32";
const isNumeric = ({ value }: Known): boolean => ["float32", "int32", "int64"].includes(value.dtype);
const isMoving = (known: Known): boolean => isFloat(known) && !known.constant;

/** What becomes of numbers that are moved or chosen, not computed with. */
function moved(...from: readonly Known[]): Meta {
  const below = from.map((known) => known.below);
  return {
    exact: from.every(({ exact }) => exact),
    depth: Math.max(...from.map(({ depth }) => depth)),
    constant: from.every(({ constant }) => constant),
    bound: Math.max(...from.map(({ bound }) => bound)),
    ...(below.every((one) => one !== undefined) && { below: Math.max(...(below as number[])) }),
  };
}

/** What becomes of numbers that `terms` products of `from` add up to. */
function computed(bound: number, ...from: readonly Known[]): Meta {
  const { below: _, ...rest } = moved(...from);
  return { ...rest, depth: from.reduce((sum, { depth }) => sum + depth, 1), bound };
}

function inexact(bound: number, ...from: readonly Known[]): Meta {
  return { ...computed(bound, ...from), exact: false };
}

type Picks = Instruction["picks"];
type Step = (builder: Builder, picks: Picks) => void;

function number(value: number): Value {
  return constantValue("float32", [], [value]);
}

const bounded: Readonly<Record<string, number>> = { tanh: 1, sigmoid: 1, erf: 1, sin: 1, cos: 1 };

const unary: Step = (builder, [pick, which]) => {
  const ops = [
    ...["neg", "abs", "relu", "tanh", "sigmoid", "softplus", "erf", "sin", "cos"],
    ...["exp", "expm1", "log", "log1p", "sqrt"],
  ] as const;
  const op = ops[which % ops.length];
  const keepsExact = op === "neg" || op === "abs" || op === "relu";
  const x = builder.any(pick, keepsExact ? isFloat : isMoving);
  if (!x) return;
  if (keepsExact) {
    builder.add(emitValue(op, [x.value], {}), moved(x));
  } else if (op === "exp" || op === "expm1") {
    const low = emitValue("minimum", [x.value, number(1)], {});
    builder.add(emitValue(op, [low], {}), inexact(Math.E, x));
  } else if (op === "log" || op === "log1p" || op === "sqrt") {
    const positive = emitValue("add", [emitValue("abs", [x.value], {}), number(1)], {});
    builder.add(emitValue(op, [positive], {}), inexact(x.bound + 1, x));
  } else {
    builder.add(emitValue(op, [x.value], {}), inexact(bounded[op] ?? x.bound + 1, x));
  }
};

/** Exponents that a pass knows, and some that it does not; not 0, which makes a constant, of which later ones are not exact. */
const exponents = [-4, -2.5, -2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 0.75, -1.25];

const power: Step = (builder, [pick, which, form, other]) => {
  const x = builder.any(pick, isMoving);
  if (!x) return;
  if (form % 3 === 0) {
    // Of any base, also 0 and infinity, where no rounding is enlarged.
    const exponent = 1 + (which % 3);
    const bound = Math.max(1, x.bound) ** exponent;
    builder.add(emitValue("pow", [x.value, number(exponent)], {}), inexact(bound, x));
    return;
  }
  // Within 0.5 to 1.5.
  const small = emitValue("minimum", [emitValue("abs", [x.value], {}), number(1)], {});
  const base = emitValue("add", [small, number(0.5)], {});
  const chosen = builder.any(other, isMoving);
  const exponent =
    form % 3 === 1 || !chosen ? number(exponents[which % exponents.length]) : emitValue("tanh", [chosen.value], {});
  builder.add(emitValue("pow", [base, exponent], {}), inexact(16, x, ...(chosen ? [chosen] : [])));
};

const bent: Step = (builder, [pick, which]) => {
  const x = builder.any(pick, isMoving);
  if (!x) return;
  if (which % 2 === 0) {
    // A power of two, so that exact numbers stay exact.
    builder.add(emitValue("leakyRelu", [x.value], { slope: 0.25 }), computed(x.bound, x));
  } else {
    builder.add(emitValue("elu", [x.value], { alpha: which % 4 === 1 ? 1 : 0.5 }), inexact(x.bound + 1, x));
  }
};

const integerDivision: Step = (builder, [pick, which, form]) => {
  const x = builder.any(pick, ({ value }) => value.dtype === "int32" || value.dtype === "int64");
  if (!x) return;
  const divisor = [3, -2, 5, -1, 1, 2][which % 6];
  const op = form % 2 === 0 ? "div" : "mod";
  const result = emitValue(op, [x.value, constantValue(x.value.dtype, [], [divisor])], {});
  const { below: _, ...meta } = moved(x);
  const isIndex = op === "mod" && divisor > 0;
  builder.add(result, { ...meta, bound: op === "div" ? x.bound : 5, ...(isIndex && { below: divisor }) });
};

const logic: Step = (builder, [pick, other, which]) => {
  const isBool = ({ value }: Known): boolean => value.dtype === "bool";
  const a = builder.any(pick, isBool);
  const b = builder.any(other, isBool);
  if (!a || !b) return;
  const op = (["and", "or", "not", "equal"] as const)[which % 4];
  const operands = op === "not" ? [a] : [a, b];
  const values = operands.map(({ value }) => value);
  builder.add(emitValue(op, values, {}), { ...moved(...operands), bound: 1, depth: 0, below: 2 });
};

const binary: Step = (builder, [pick, other, which]) => {
  const ops = ["add", "sub", "mul", "maximum", "minimum", "div"] as const;
  const op = ops[which % ops.length];
  const a = builder.any(pick, isNumeric);
  if (!a) return;
  const isChoice = op === "maximum" || op === "minimum";
  const b = builder.any(other, ({ value, constant }) => {
    // Sums of constants are no powers of two.
    const allowed = !(constant && a.constant) || isChoice || op === "mul";
    return allowed && value.dtype === a.value.dtype && sizeOf(value.shape) > 0;
  });
  if (!b) return;
  if (a.value.dtype !== "float32") {
    if (op !== "div" && !(a.bound * b.bound > 1e4)) {
      const { below: _, ...meta } = isChoice ? moved(a, b) : computed(a.bound * b.bound + a.bound + b.bound, a, b);
      builder.add(emitValue(op, [a.value, b.value], {}), { ...meta, exact: true, depth: 0 });
    }
  } else if (op === "div") {
    // 1 more than a constant is no power of two.
    if (b.constant) return;
    const divisor = emitValue("add", [emitValue("abs", [b.value], {}), number(1)], {});
    builder.add(emitValue("div", [a.value, divisor], {}), inexact(a.bound, a, b));
  } else {
    const bound = op === "mul" ? a.bound * b.bound : a.bound + b.bound;
    builder.add(emitValue(op, [a.value, b.value], {}), isChoice ? moved(a, b) : computed(bound, a, b));
  }
};

/** A fresh constant of powers of two: often of one number, of a shape that broadcasts with x, or that repeats x. */
function constantFor(x: Known, [, , which, seed]: Picks, zeros: boolean): Value {
  const { shape } = x.value;
  const last = shape.slice(-1);
  const shapes: Shape[] = [
    [],
    last,
    shape,
    [2, ...shape.map(() => 1)],
    shape.map((size, axis) => (axis === 0 ? size : 1)),
  ];
  const chosen = shapes[which % shapes.length];
  const key = keyFromSeed(seed);
  const powers = [1, -1, 2, -2, 0.5, 0.25, -4, ...(zeros ? [0] : [])];
  const uniform = seed % 3 !== 0;
  const numbers = Array.from(
    { length: sizeOf(chosen) },
    (_, i) => powers[randomBits(key, uniform ? 0 : i) % powers.length],
  );
  return constantValue("float32", chosen, numbers);
}

const withConstant: Step = (builder, picks) => {
  const x = builder.any(picks[0], isMoving);
  if (!x) return;
  const op = (["mul", "mul", "add", "sub", "div"] as const)[picks[1] % 5];
  const constant = constantFor(x, picks, op !== "div");
  const order = picks[3] % 2 === 0 || op === "div" ? [x.value, constant] : [constant, x.value];
  const exactFactor = op === "mul" || op === "div";
  const bound = exactFactor ? x.bound * 4 : x.bound + 4;
  builder.add(emitValue(op, order, {}), { ...computed(bound, x), depth: x.depth + (exactFactor ? 0 : 1) });
};

const constant: Step = (builder, picks) => {
  const x = builder.any(picks[0], isFloat);
  if (!x) return;
  const value = constantFor(x, picks, true);
  builder.add(value, { exact: true, depth: 0, constant: true, bound: 4 });
};

const compare: Step = (builder, [pick, other, which]) => {
  const a = builder.any(pick, (known) => isNumeric(known) && known.exact);
  const b = a && builder.any(other, ({ value, exact }) => exact && value.dtype === a.value.dtype);
  if (!a || !b) return;
  builder.add(emitValue((["less", "equal", "lessEqual"] as const)[which % 3], [a.value, b.value], {}), {
    ...moved(a, b),
    bound: 1,
    depth: 0,
    below: 2,
  });
};

const where: Step = (builder, [pick, first, second]) => {
  const condition = builder.any(pick, ({ value }) => value.dtype === "bool");
  const a = builder.any(first, () => true);
  const b = a && builder.any(second, ({ value }) => value.dtype === a.value.dtype);
  if (!condition || !a || !b) return;
  builder.add(emitValue("where", [condition.value, a.value, b.value], {}), {
    ...moved(a, b),
    constant: a.constant && b.constant && condition.constant,
  });
};

const cast: Step = (builder, [pick, which]) => {
  const x = builder.any(pick, ({ exact, value }) => exact && value.dtype !== "uint32");
  if (!x) return;
  const dtype = (["float32", "int32", "int64", "bool", "float16"] as const)[which % 5];
  // A constant's integer part may be no power of two once it is summed: keep constants as they are.
  if (x.constant && dtype !== x.value.dtype) return;
  const { below: _, ...meta } = moved(x);
  const isIndex = x.below !== undefined && x.value.dtype !== "float32" && x.value.dtype !== "float16";
  builder.add(emitValue("cast", [x.value], { dtype }), { ...meta, ...(isIndex && { below: x.below }) });
};

const discrete: Step = (builder, [pick, which, axis]) => {
  const x = builder.any(
    pick,
    (known) => isFloat(known) && known.exact && (which % 2 === 0 || known.value.shape.length > 0),
  );
  if (!x) return;
  if (which % 2 === 0) {
    const op = (["sign", "floor", "round"] as const)[axis % 3];
    const { below: _, ...meta } = moved(x);
    builder.add(emitValue(op, [x.value], {}), { ...meta, bound: op === "sign" ? 1 : x.bound + 1, depth: 0 });
  } else {
    const at = axis % x.value.shape.length;
    const below = x.value.shape[at];
    const op = which % 4 === 1 ? "argMax" : "argMin";
    builder.add(emitValue(op, [x.value], { axis: at }), { ...moved(x), depth: 0, bound: below, below });
  }
};

const order: Step = (builder, [pick, axis, count, which]) => {
  const x = builder.any(pick, (known) => isNumeric(known) && known.exact && known.value.shape.length > 0);
  if (!x) return;
  const at = axis % x.value.shape.length;
  const below = x.value.shape[at];
  const attrs = { axis: at, k: count % (below + 1), largest: which % 2 === 0 };
  const [values, indices] = emit("topK", [x.value], attrs).outputs;
  builder.add(values, moved(x));
  builder.add(indices, { ...moved(x), depth: 0, bound: below, below });
};

const accumulate: Step = (builder, [pick, axis, which]) => {
  const x = builder.any(pick, (known) => isMoving(known) && known.value.shape.length > 0);
  if (!x) return;
  const at = axis % x.value.shape.length;
  const attrs = { axis: at, reverse: which % 2 === 1, exclusive: which % 4 > 1 };
  const bound = x.bound * Math.max(1, x.value.shape[at]);
  builder.add(emitValue("cumulativeSum", [x.value], attrs), computed(bound, x));
};

const reshape: Step = (builder, [pick, which, at]) => {
  const x = builder.any(pick, () => true);
  if (!x) return;
  const { shape } = x.value;
  const place = at % (shape.length + 1);
  const merged = shape.length < 2 ? shape : [...shape.slice(0, -2), shape[shape.length - 2] * shape[shape.length - 1]];
  const shapes: Shape[] = [
    [sizeOf(shape)],
    [...shape.slice(0, place), 1, ...shape.slice(place)],
    shape.filter((size) => size !== 1),
    merged,
    shape.toReversed(),
    shape,
  ];
  builder.add(emitValue("reshape", [x.value], { shape: shapes[which % shapes.length] }), moved(x));
};

const transpose: Step = (builder, [pick, which, seed]) => {
  const x = builder.any(pick, ({ value }) => value.shape.length >= (which % 4 === 0 ? 0 : 2));
  if (!x) return;
  const rank = x.value.shape.length;
  const lastTwo = Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  const key = keyFromSeed(seed);
  const shuffled = Array.from({ length: rank }, (_, axis) => axis).sort(
    (a, b) => randomBits(key, a) - randomBits(key, b),
  );
  const permutation = which % 2 === 0 && rank >= 2 ? lastTwo : shuffled;
  builder.add(emitValue("transpose", [x.value], { permutation }), moved(x));
};

const expand: Step = (builder, [pick, which]) => {
  const x = builder.any(pick, ({ value }) => value.shape.length <= 3);
  if (!x) return;
  const { shape } = x.value;
  // Sums over repeated axes become factors: powers of two, as all of them.
  const wider = shape.map((size) => (size === 1 ? 2 : size));
  const shapes: Shape[] = [wider, [2, ...shape], [4, ...wider], shape, shape.map((size) => (size === 1 ? 0 : size))];
  builder.add(emitValue("expand", [x.value], { shape: shapes[which % shapes.length] }), moved(x));
};

const slice: Step = (builder, [pick, which, start]) => {
  const x = builder.any(pick, ({ value }) => value.shape.length > 0);
  if (!x) return;
  const { shape } = x.value;
  const at = which % shape.length;
  const from = start % (shape[at] + 1);
  const count = start % 7 === 0 ? shape[at] - from : Math.min(1 + (start % 2), shape[at] - from);
  const starts = shape.map((_, axis) => (axis === at ? from : 0));
  const sizes = shape.map((size, axis) => (axis === at ? count : size));
  builder.add(emitValue("slice", [x.value], { starts, sizes }), moved(x));
};

const pad: Step = (builder, [pick, low, high]) => {
  const x = builder.any(pick, isFloat);
  if (!x) return;
  const { shape } = x.value;
  const { below: _, ...meta } = moved(x);
  const attrs = { low: shape.map((__, axis) => (low >> axis) % 2), high: shape.map((__, axis) => (high >> axis) % 2) };
  builder.add(emitValue("pad", [x.value], attrs), meta);
};

const concat: Step = (builder, [pick, other, axis, count]) => {
  const a = builder.any(pick, ({ value }) => value.shape.length > 0 && value.dtype !== "uint32");
  if (!a) return;
  const at = axis % a.value.shape.length;
  const fits = ({ value }: Known): boolean =>
    value.dtype === a.value.dtype &&
    value.shape.length === a.value.shape.length &&
    value.shape.every((size, i) => i === at || size === a.value.shape[i]);
  const parts = [a, ...builder.candidates(other, fits).slice(0, count % 3)];
  builder.add(
    emitValue(
      "concat",
      parts.map(({ value }) => value),
      { axis: at },
    ),
    moved(...parts),
  );
};

function isIndex({ value, below }: Known): boolean {
  return (value.dtype === "int32" || value.dtype === "int64") && below !== undefined && below > 0;
}

const gather: Step = (builder, [pick, other, axis]) => {
  const indices = builder.any(other, isIndex);
  const fits = (size: number): boolean => size >= (indices?.below ?? 1);
  const x = indices && builder.any(pick, ({ value }) => value.dtype !== "uint32" && value.shape.some(fits));
  if (!x) return;
  const axes = x.value.shape.flatMap((size, at) => (fits(size) ? [at] : []));
  builder.add(emitValue("gather", [x.value, indices.value], { axis: axes[axis % axes.length] }), {
    ...moved(x),
    constant: x.constant && indices.constant,
  });
};

const scatterAdd: Step = (builder, [pick, other, axis, size]) => {
  const indices = builder.any(other, isIndex);
  if (!indices) return;
  const rank = indices.value.shape.length;
  const placesIn = ({ value: { shape } }: Known): number[] =>
    Array.from({ length: Math.max(0, shape.length - rank + 1) }, (_, at) => at).filter((at) =>
      indices.value.shape.every((extent, i) => extent === shape[at + i]),
    );
  const updates = builder.any(pick, (known) => isMoving(known) && placesIn(known).length > 0);
  if (!updates) return;
  const places = placesIn(updates);
  const attrs = { axis: places[axis % places.length], size: (indices.below as number) + (size % 2) };
  const bound = updates.bound * sizeOf(indices.value.shape);
  builder.add(emitValue("scatterAdd", [updates.value, indices.value], attrs), computed(bound, updates));
};

const reduce: Step = (builder, [pick, which, mask, keep]) => {
  const x = builder.any(pick, (known) => isMoving(known) || (which % 2 === 1 && isNumeric(known)));
  if (!x) return;
  const { shape } = x.value;
  const attrs = {
    axes: shape.flatMap((_, axis) => ((mask >> axis) % 2 === 1 ? [axis] : [])),
    keepDims: keep % 2 === 0,
  };
  if (which % 2 === 1) {
    builder.add(emitValue(which % 4 === 1 ? "reduceMax" : "reduceMin", [x.value], attrs), moved(x));
  } else {
    const count = sizeOf(attrs.axes.map((axis) => shape[axis]));
    builder.add(emitValue("reduceSum", [x.value], attrs), computed(x.bound * Math.max(1, count), x));
  }
};

const matmul: Step = (builder, [pick, other, flags, factor]) => {
  const a = builder.any(pick, (known) => isFloat(known) && known.value.shape.length >= 2);
  if (!a) return;
  const attrs = { transposeA: flags % 2 === 1, transposeB: flags % 4 > 1, alpha: [1, 1, 0.5, -2][factor % 4] };
  const inner = a.value.shape.at(attrs.transposeA ? -2 : -1) as number;
  const b = builder.any(other, (known) => {
    const { shape } = known.value;
    const matches = shape.length >= 2 && shape.at(attrs.transposeB ? -1 : -2) === inner;
    return isFloat(known) && matches && !(known.constant && a.constant);
  });
  if (!b) return;
  const bound = a.bound * b.bound * 2 * Math.max(1, inner);
  builder.add(emitValue("matmul", [a.value, b.value], attrs), computed(bound, a, b));
};

/** A product of transposes, for the passes that look through them. */
const transposedProduct: Step = (builder, [pick, other, flags, seed]) => {
  transpose(builder, [pick, 1 + (flags % 2), seed, 0]);
  const before = builder.known.length;
  matmul(builder, [0, other, flags >> 1, seed]);
  if (builder.known.length > before && flags % 3 === 0) transpose(builder, [0, seed, other, 0]);
};

/** A sum over axes of which some were repeated. */
const repeatedSum: Step = (builder, [pick, which, mask, keep]) => {
  expand(builder, [pick, which, 0, 0]);
  reduce(builder, [0, 0, mask, keep]);
};

const convolve: Step = (builder, [pick, other, which, form]) => {
  const isImage = (known: Known): boolean => isFloat(known) && known.value.shape.length === 4;
  const x = builder.any(pick, (known) => isImage(known) && !known.constant && sizeOf(known.value.shape) > 0);
  const weight = x && builder.any(other, (known) => isImage(known) && x.value.shape[1] % known.value.shape[1] === 0);
  if (!x || !weight) return;
  const attrs: Conv2dAttrs = {
    stride: [1 + (which % 2), 1 + ((which >> 1) % 2)],
    padding: [(which >> 2) % 2, (which >> 3) % 2, (which >> 4) % 2, 0],
    dilation: [1, 1 + ((which >> 5) % 2)],
    groups: x.value.shape[1] / weight.value.shape[1],
  };
  const terms = sizeOf(weight.value.shape.slice(1));
  const y = builder.add(
    emitValue("conv2d", [x.value, weight.value], attrs),
    computed(x.bound * weight.bound * terms, x, weight),
  );
  if (!y || form % 3 === 0) return;
  const [, , height, width] = form % 3 === 1 ? x.value.shape : weight.value.shape;
  const sized = { ...attrs, size: [height, width] as const };
  if (form % 3 === 1) {
    const bound = y.bound * weight.bound * sizeOf(weight.value.shape);
    builder.add(emitValue("conv2dInputGradient", [y.value, weight.value], sized), inexact(bound, y, weight));
  } else {
    const bound = y.bound * x.bound * sizeOf(y.value.shape);
    builder.add(emitValue("conv2dWeightGradient", [x.value, y.value], sized), inexact(bound, x, y));
  }
};

const pool: Step = (builder, [pick, which, form, shift]) => {
  const x = builder.any(pick, (known) => isFloat(known) && known.value.shape.length === 4 && !known.constant);
  if (!x) return;
  const [, , height, width] = x.value.shape;
  const kernel = [1 + (which % Math.min(2, height)), 1 + ((which >> 1) % Math.min(3, width))] as const;
  const attrs: Pool2dAttrs = {
    kernel,
    stride: shift % 2 === 0 ? kernel : [1, 2],
    padding: [(shift >> 1) % kernel[0], 0, 0, (shift >> 2) % kernel[1]],
  };
  const { below: _, ...meta } = moved(x);
  if (form % 3 === 0) {
    builder.add(emitValue("maxPool2d", [x.value], attrs), meta);
    return;
  }
  if (form % 3 === 1) {
    if (!x.exact) return;
    const size = height * width;
    builder.add(emitValue("maxPool2dPlaces", [x.value], attrs), { ...meta, depth: 0, bound: size, below: size });
    return;
  }
  const averaged = { ...attrs, divisor: (["window", "image", "none"] as const)[which % 3] };
  const bound = x.bound * sizeOf(kernel);
  const y = builder.add(emitValue("averagePool2d", [x.value], averaged), inexact(bound, x));
  if (!y || y.value.shape[2] === 0) return;
  // The mean itself, not what `add` may have scaled it to.
  const [inner] = y.value.node.op === "averagePool2d" ? [y.value] : y.value.node.inputs;
  const sized = { ...averaged, size: [height, width] as const };
  builder.add(emitValue("averagePool2dGradient", [inner], sized), inexact(bound * sizeOf(kernel), x));
};

/** The same node again, for passes to find; exchangeable operands exchanged. */
const repeat: Step = (builder, [pick, swap]) => {
  const again = builder.any(pick, ({ value }) => value.node.inputs.length > 0);
  if (!again) return;
  const { op, inputs, attrs } = again.value.node;
  const order = swap % 2 === 1 && opTable[op].commutative ? inputs.toReversed() : inputs;
  const { value: _, ...meta } = again;
  builder.add(emitValue(op, order, attrs as AttrsOf<OpName>), meta);
};

const draw: Step = (builder, [pick, which, data]) => {
  const key = builder.any(pick, ({ value }) => value.dtype === "uint32");
  if (!key) return;
  const { below: _, ...meta } = moved(key);
  if (which % 2 === 0) {
    const stream = constantValue("uint32", [], [data % 5]);
    builder.add(emitValue("foldKey", [key.value, stream], {}), meta);
  } else {
    const shape = [[], [3], [2, 3]][data % 3];
    const drawn = [
      () => emitValue("randomUniform", [key.value], { shape, bits: data % 2 === 0 ? 23 : 16 }),
      () => emitValue("randomBernoulli", [key.value], { shape, probability: (data % 5) / 4 }),
      () => emitValue("randomNormal", [key.value], { shape }),
    ];
    builder.add(drawn[(which >> 1) % 3](), { ...meta, exact: false, bound: 6 });
  }
};

const stop: Step = (builder, [pick]) => {
  const x = builder.any(pick, () => true);
  if (x) builder.add(emitValue("stopGradient", [x.value], {}), moved(x));
};

const steps: readonly Step[] = [
  unary,
  unary,
  binary,
  binary,
  binary,
  withConstant,
  withConstant,
  withConstant,
  constant,
  power,
  bent,
  integerDivision,
  compare,
  logic,
  where,
  cast,
  discrete,
  order,
  accumulate,
  reshape,
  transpose,
  transpose,
  expand,
  expand,
  slice,
  pad,
  concat,
  gather,
  scatterAdd,
  reduce,
  reduce,
  matmul,
  matmul,
  transposedProduct,
  transposedProduct,
  repeatedSum,
  repeatedSum,
  convolve,
  pool,
  repeat,
  repeat,
  draw,
  stop,
];

export const kinds = steps.length;

/** A graph and numbers for its inputs; an instruction that fits nowhere is left out. */
export function buildGraph(instructions: readonly Instruction[], seed: number, withSpecial = false): RandomGraph {
  const builder = new Builder();
  const values = declaredInputs.map((type, i) => inputValue(`x${i}`, type));
  values.forEach((value, i) => {
    const { below } = declaredInputs[i];
    const meta = { exact: true, depth: 0, constant: false, bound: below ?? 2 };
    builder.known.push({ value, ...meta, ...(below !== undefined && { below }) });
  });
  for (const { kind, picks } of instructions) {
    try {
      steps[kind % steps.length](builder, picks);
    } catch (error) {
      // Shapes that do not fit, as the op table says.
      if (!(error instanceof GalateaError)) throw error;
    }
  }
  const outputs = builder.outputs(seed).map((value, i) => ({ name: `y${i}`, value }));
  const key = keyFromSeed(seed);
  const numbers = withSpecial ? special : quarters;
  const inputs = declaredInputs.map(({ dtype, shape, below }, input) => {
    if (dtype === "uint32") return hostValue(dtype, shape, keyFromSeed(seed));
    const bits = Array.from({ length: sizeOf(shape) }, (_, i) => randomBits(key, input * 1000 + i));
    return hostValue(
      dtype,
      shape,
      bits.map((bit) => (below === undefined ? numbers[bit % numbers.length] : bit % below)),
    );
  });
  return { graph: { inputs: values, outputs }, inputs };
}
