/** Random well-typed graphs over every op, built from a list of instructions that a shrinker can shorten.
 *
 * What a rewrite may change is rounding, so a graph must not blow rounding up: magnitudes stay small,
 * arguments of log, sqrt and quotients stay off 0, and what jumps (comparisons, casts to integers, arg max)
 * reads only numbers that are exact whichever way they are computed: sums and products of few quarters.
 * Constants are powers of two, as factors that passes merge are float32 numbers. */

import {
  broadcastShapes,
  type DType,
  GalateaError,
  keyFromSeed,
  randomBits,
  type Shape,
  sameShape,
  sizeOf,
} from "../../src/core/base/index.ts";
import {
  type AttrsOf,
  bodyInput,
  type Conv2dAttrs,
  closeBody,
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
  { dtype: "float32", shape: [2, 1, 3, 2, 2] },
  { dtype: "float32", shape: [1, 1, 2, 2, 2, 2] },
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
  const fits = ({ value }: Known, ...others: readonly Known[]): boolean =>
    others.every((other) => broadcastShapes(other.value.shape, value.shape) !== undefined);
  const a = condition && builder.any(first, (known) => fits(known, condition));
  const b = a && builder.any(second, (known) => known.value.dtype === a.value.dtype && fits(known, condition, a));
  if (!b) return;
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

const slice: Step = (builder, [pick, which, start, every]) => {
  const x = builder.any(pick, ({ value }) => value.shape.length > 0);
  if (!x) return;
  const { shape } = x.value;
  const at = which % shape.length;
  const from = start % (shape[at] + 1);
  const count = start % 7 === 0 ? shape[at] - from : Math.min(1 + (start % 2), shape[at] - from);
  const starts = shape.map((_, axis) => (axis === at ? from : 0));
  const sizes = shape.map((size, axis) => (axis === at ? count : size));
  const step = count > 1 ? 1 + (every % Math.floor((shape[at] - from - 1) / (count - 1))) : 1 + (every % 2);
  const steps = shape.map((_, axis) => (axis === at ? step : 1));
  builder.add(emitValue("slice", [x.value], { starts, sizes, ...(every % 3 > 0 && { steps }) }), moved(x));
};

const reverse: Step = (builder, [pick, mask]) => {
  const x = builder.any(pick, ({ value }) => value.shape.length > 0);
  if (!x) return;
  const axes = x.value.shape.flatMap((_, axis) => ((mask >> axis) % 2 === 1 ? [axis] : []));
  builder.add(emitValue("reverse", [x.value], { axes }), moved(x));
};

const pad: Step = (builder, [pick, low, high, kind]) => {
  const x = builder.any(pick, isFloat);
  if (!x) return;
  const { shape } = x.value;
  const { below: _, ...meta } = moved(x);
  const attrs = { low: shape.map((__, axis) => (low >> axis) % 2), high: shape.map((__, axis) => (high >> axis) % 2) };
  const extra = [{}, { value: 0.5 }, { mode: "reflect" }, { mode: "edge" }] as const;
  builder.add(emitValue("pad", [x.value], { ...attrs, ...extra[kind % 4] }), {
    ...meta,
    bound: Math.max(x.bound, 0.5),
  });
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

/** Wherever x has as many elements as there are indices along all other axes. */
const takeAlongAxis: Step = (builder, [pick, other, axis, size]) => {
  const fitting = ({ shape }: Value, indices: Value, along: number): boolean =>
    shape.length === indices.shape.length && shape.every((extent, i) => i === along || extent === indices.shape[i]);
  const indices = builder.any(other, (known) => isIndex(known) && known.value.shape.length > 0);
  if (!indices) return;
  const at = axis % indices.value.shape.length;
  const below = indices.below as number;
  if (size % 2 === 0) {
    const x = builder.any(
      pick,
      ({ value }) => fitting(value, indices.value, at) && value.shape[at] >= below && value.dtype !== "uint32",
    );
    if (!x) return;
    builder.add(emitValue("takeAlongAxis", [x.value, indices.value], { axis: at }), {
      ...moved(x),
      constant: x.constant && indices.constant,
    });
  } else {
    const updates = builder.any(pick, (known) => isMoving(known) && fitting(known.value, indices.value, -1));
    if (!updates) return;
    const bound = updates.bound * Math.max(1, indices.value.shape[at]);
    const attrs = { axis: at, size: below + (size % 3) };
    builder.add(emitValue("scatterAddAlongAxis", [updates.value, indices.value], attrs), computed(bound, updates));
  }
};

const dynamicSlice: Step = (builder, [pick, other, axis, size]) => {
  const start = builder.any(
    other,
    ({ value, below }) => value.dtype.startsWith("int") && value.shape.length === 0 && below !== undefined,
  );
  const x = builder.any(pick, ({ value }) => value.shape.length > 0 && value.dtype !== "uint32");
  if (!x) return;
  const at = axis % x.value.shape.length;
  const count = Math.min(size % 3, x.value.shape[at]);
  const from = start?.value ?? constantValue("int64", [], [(other % 7) - 2]);
  const taken = builder.add(emitValue("dynamicSlice", [x.value, from], { axis: at, size: count }), moved(x));
  if (!taken || pick % 2 === 0) return;
  const update = builder.any(
    pick,
    ({ value }) => value.dtype === x.value.dtype && String(value.shape) === String(taken.value.shape),
  );
  if (!update) return;
  const { below: _, ...meta } = moved(x, update);
  builder.add(emitValue("dynamicUpdateSlice", [x.value, update.value, from], { axis: at }), meta);
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

const composite: Step = (builder, [pick, which, axis]) => {
  const op = (["softmax", "logSoftmax", "gelu", "layerNorm"] as const)[which % 4];
  const x = builder.any(pick, (known) => isMoving(known) && (op === "gelu" || sizeOf(known.value.shape) > 0));
  if (!x) return;
  const { shape } = x.value;
  if (op === "gelu") builder.add(emitValue(op, [x.value], {}), inexact(x.bound, x));
  else if (op === "layerNorm") {
    const [weight, bias] = [0.5, -1].map((number) =>
      constantValue("float32", shape.slice(-1), [...new Float32Array(shape.at(-1) ?? 0).fill(number)]),
    );
    // An epsilon of 1 keeps rows that rounding alone makes vary from being enlarged.
    builder.add(emitValue(op, [x.value, weight, bias], { epsilon: 1 }), inexact(8, x));
  } else {
    const bound = op === "softmax" ? 1 : 2 * x.bound + 8;
    builder.add(emitValue(op, [x.value], { axis: axis % Math.max(1, shape.length) }), inexact(bound, x));
  }
};

const crossEntropy: Step = (builder, [pick, other]) => {
  const labels = builder.any(other, ({ below, value }) => below !== undefined && value.dtype !== "float32");
  if (!labels) return;
  const logits = builder.any(pick, (known) => {
    const classes = known.value.shape.at(-1) ?? 0;
    return (
      isMoving(known) &&
      classes >= (labels.below as number) &&
      sameShape(known.value.shape.slice(0, -1), labels.value.shape)
    );
  });
  if (logits)
    builder.add(emitValue("crossEntropy", [logits.value, labels.value], {}), inexact(2 * logits.bound + 8, logits));
};

/** The triangle of a square matrix with its diagonal taken for 1, its numbers so small that the solution stays so. */
const triangularSolve: Step = (builder, [pick, other, flags]) => {
  const isSquare = ({ shape }: Value): boolean => shape.length >= 2 && shape.at(-1) === shape.at(-2);
  const a = builder.any(pick, (known) => isMoving(known) && isSquare(known.value));
  if (!a) return;
  const n = a.value.shape.at(-1) as number;
  const b = builder.any(
    other,
    (known) => isMoving(known) && known.value.shape.length >= 2 && known.value.shape.at(-2) === n,
  );
  if (!b) return;
  const small = emitValue("mul", [a.value, number(2 ** -6)], {});
  const attrs = { lower: flags % 2 === 0, transpose: (flags >> 1) % 2 === 0, unitDiagonal: true };
  builder.add(emitValue("triangularSolve", [small, b.value], attrs), inexact(b.bound * (1 + a.bound / 64) ** n, a, b));
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

/** Blocks of one tensor, each within zeros, added up as the gradient of a split is. */
const blockSum: Step = (builder, [pick, which, first, order]) => {
  const x = builder.any(pick, ({ value }) => value.dtype === "float32" && sizeOf(value.shape) > 1);
  if (!x) return;
  const { shape } = x.value;
  const axes = shape.flatMap((size, axis) => (size > 1 ? [axis] : []));
  const at = axes[which % axes.length];
  const low = 1 + (first % (shape[at] - 1));
  const gap = order % 4 === 0 && low > 1 ? 1 : 0;
  const nothing = shape.map(() => 0);
  const within = (start: number, size: number): Value => {
    const block = emitValue("slice", [x.value], { starts: nothing.with(at, start), sizes: shape.with(at, size) }, "");
    const changed = emitValue(order % 3 === 0 ? "neg" : "abs", [block], {});
    const high = nothing.with(at, shape[at] - start - size);
    return emitValue("pad", [changed], { low: nothing.with(at, start), high });
  };
  const blocks = [within(0, low - gap), within(low, shape[at] - low)];
  const [a, b] = order % 2 === 0 ? blocks : blocks.toReversed();
  const third = builder.any(first, (known) => isMoving(known) && String(known.value.shape) === String(shape));
  const inner = third && order % 5 > 2 ? emitValue("add", [a, third.value], {}) : a;
  const bound = x.bound + (inner === a ? 0 : (third?.bound ?? 0));
  builder.add(emitValue("add", [inner, b], {}), computed(bound, x, ...(inner === a || !third ? [] : [third])));
};

/** A broadcast product whose repeated axes a sum takes away. */
const summedProduct: Step = (builder, [pick, other, which, keep]) => {
  const a = builder.any(pick, (known) => isMoving(known) && known.value.shape.length >= 2);
  if (!a) return;
  const rank = a.value.shape.length;
  const inner = a.value.shape[which % rank];
  const b = builder.any(
    other,
    (known) => isMoving(known) && known.value.shape.length === 2 && known.value.shape.includes(inner),
  );
  if (!b) return;
  const axis = which % rank;
  const innerFirst = b.value.shape[0] === inner;
  // a [..., inner, ..., 1] times b with its inner axis at a's and its other axis last.
  const left = emitValue("reshape", [a.value], { shape: [...a.value.shape, 1] });
  const own = innerFirst ? b.value.shape[1] : b.value.shape[0];
  const matrix = innerFirst ? b.value : emitValue("transpose", [b.value], { permutation: [1, 0] });
  const right = emitValue("reshape", [matrix], {
    shape: [...a.value.shape.map((_, i) => (i === axis ? inner : 1)), own],
  });
  const product = builder.add(
    emitValue("mul", keep % 4 > 1 ? [left, right] : [right, left], {}),
    computed(a.bound * b.bound, a, b),
  );
  if (product?.value.node.op !== "mul") return;
  const bound = product.bound * Math.max(1, inner);
  builder.add(
    emitValue("reduceSum", [product.value], { axes: [axis], keepDims: keep % 2 === 0 }),
    computed(bound, product),
  );
};

/** Ops between a transpose and what may undo it. */
const transposedChain: Step = (builder, [pick, seed, which, length]) => {
  transpose(builder, [pick, 1, seed, 0]);
  for (let i = 0; i < 1 + (length % 3); i++) {
    const step = [unary, binary, withConstant, reduce, concat, slice, expand, reshape][(which + i * 3) % 8];
    step(builder, [0, (seed * (i + 1)) % 64, which, (seed + i) % 64]);
  }
  transpose(builder, [0, which % 2, seed, 0]);
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

/** Two convolutions with something between, for what keeps channels in blocks. */
const layers: Step = (builder, [pick, other, which, form]) => {
  convolve(builder, [pick, other, which & 12, 0]);
  const between = [unary, binary, withConstant, reduce, reshape, expand, slice, pad, concat, repeatedSum];
  for (const seed of [form, form >> 3]) between[seed % between.length](builder, [seed % 2, which, other, seed]);
  convolve(builder, [form % 3, other, which, form]);
};

/** A convolution over blocks of channels, then a bias, a sum with another tensor, relu: what folding looks for. */
const convolveBlocks: Step = (builder, [pick, other, which, form]) => {
  const isImage = (known: Known): boolean => isMoving(known) && [4, 5].includes(known.value.shape.length);
  const isWeight = ({ value: { shape } }: Known): boolean => [5, 6].includes(shape.length);
  const x = builder.any(pick, (known) => isImage(known) && sizeOf(known.value.shape) > 0);
  const weight = builder.any(other, (known) => isFloat(known) && isWeight(known));
  if (!x || !weight) return;
  const window = {
    stride: [1 + (which % 2), 1],
    padding: [which % 2, 0, 0, (which >> 1) % 2],
    dilation: [1, 1],
  } as const;
  const attrs = { ...window, bias: false, sum: false, relu: (which >> 2) % 4 === 0 };
  const terms = sizeOf(weight.value.shape.slice(1));
  let value = emitValue("blockedConv2d", [x.value, weight.value], attrs);
  // Used by others too, sometimes: then nothing may go into it.
  const bound = x.bound * weight.bound * terms;
  if (form % 4 === 0) builder.add(value, computed(bound, x, weight));
  const [, outer, , , block] = value.shape;
  const more: readonly Shape[] = [[outer, 1, 1, block], value.shape];
  for (const [i, shape] of more.slice(form % 2, 1 + (form % 3)).entries()) {
    const powers = Array.from({ length: sizeOf(shape) }, (_, at) => 2 ** (((at + i + form) % 5) - 2));
    value = emitValue("add", [value, constantValue("float32", shape, powers)], {});
  }
  if (form % 5 < 3) value = emitValue("relu", [value], {});
  builder.add(value, computed(bound + 8, x, weight));
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

/** Numbers for each channel in blocks, of all examples or of each: products, sums, relu, and sums over the places. */
const scaleBlocks: Step = (builder, [pick, other, which, form]) => {
  const isImage = (known: Known): boolean => isMoving(known) && known.value.shape.length === 5;
  const x = builder.any(pick, (known) => isImage(known) && sizeOf(known.value.shape) > 0);
  if (!x) return;
  const [batch, outer, , , block] = x.value.shape;
  const powers = (seed: number): Value => {
    const shape = [(which >> seed) % 2 === 0 ? 1 : batch, outer, 1, 1, block];
    const numbers = Array.from({ length: sizeOf(shape) }, (_, at) => 2 ** (((at + seed + form) % 4) - 2));
    return constantValue("float32", shape, numbers);
  };
  const product = emitValue("mul", [x.value, powers(0)], {});
  if (other % 3 === 0) {
    const scale = powers(1);
    const operands = [x.value, emitValue("reshape", [scale], { shape: [scale.shape[0], outer, block] })];
    const attrs = { bias: false, sum: false, relu: form % 2 === 0 };
    builder.add(emitValue("blockedAffine", operands, attrs), computed(2 * x.bound, x));
  }
  const second = emitValue("mul", [powers(2), emitValue("tanh", [x.value], {})], {});
  const added = [powers(3), second, x.value][form % 3];
  let value = emitValue("add", which % 3 === 0 ? [added, product] : [product, added], {});
  if (form % 3 === 1) {
    const sums = emitValue("reduceSum", [value], { axes: other % 2 === 0 ? [2, 3] : [0, 2, 3], keepDims: true });
    value = emitValue("add", [value, emitValue("mul", [sums, number(0.125)], {})], {});
  }
  if (form % 4 > 1) value = emitValue("relu", [value], {});
  builder.add(value, inexact(8 * x.bound * Math.max(1, sizeOf(x.value.shape)), x));
};

/** The same node again, for passes to find; exchangeable operands exchanged. */
const repeat: Step = (builder, [pick, swap]) => {
  const again = builder.any(pick, ({ value }) => value.node.inputs.length > 0);
  if (!again) return;
  const { op, inputs, attrs } = again.value.node;
  const order = swap % 2 === 1 && opTable[op].commutative ? inputs.toReversed() : inputs;
  const { value: _, ...meta } = again;
  builder.add(emit(op, order, attrs as AttrsOf<OpName>).outputs[again.value.index], meta);
};

/** How the next carry is made of a step's result: bounded, or growing slowly, whatever the number of steps. */
function nextCarry(carry: Known, { value, bound }: Known, pick: number): { next: Value; bound: number } {
  if (pick % 3 === 0) return { next: value, bound };
  if (pick % 3 === 1) return { next: emitValue("tanh", [value], {}), bound: 1 };
  const share = emitValue("mul", [value, number(0.125)], {});
  return { next: emitValue("add", [carry.value, share], {}), bound: carry.bound + bound };
}

/** A few instructions as the body of a loop, over two carries and slices of a sequence; they also read from around. */
const loop: Step = (builder, [pick, other, which, seed]) => {
  const first = builder.any(pick, isMoving);
  const second = builder.any(pick + 1, isMoving);
  const sequence = builder.any(other, ({ value: { shape } }) => shape.length > 0 && shape[0] <= 4);
  if (!first || !second || !sequence) return;
  const [, ...shape] = sequence.value.shape;
  const inner = new Builder();
  const anything = { exact: false, depth: 0, constant: false, bound: largestBound };
  const carries = [first, second].map(({ value }, i) => ({ ...anything, value: bodyInput(`carry.${i}`, value) }));
  const slice = bodyInput("x", { dtype: sequence.value.dtype, shape });
  inner.known.push(...builder.known, ...carries, { ...sequence, value: slice });
  const key = keyFromSeed(seed);
  for (let i = 0; i < 1 + (which % 5); i++) {
    const picks = [1, 2, 3, 4].map((word) => randomBits(key, 10 * i + word) % 64);
    try {
      steps[randomBits(key, 10 * i) % steps.length](inner, picks as unknown as Picks);
    } catch (error) {
      if (!(error instanceof GalateaError)) throw error;
    }
  }
  const results = inner.known.slice(builder.known.length);
  const next = carries.map((carry, i) => {
    const fits = (known: Known): boolean => isMoving(known) && sameShape(known.value.shape, carry.value.shape);
    const found = inner.any(seed + 7 * i, fits) ?? carry;
    return nextCarry({ ...carry, bound: [first, second][i].bound }, found, seed + i);
  });
  const stacked = results.filter((_, i) => (seed >> i) % 2 === 1).slice(0, 3);
  const { body, outer } = closeBody(
    [...carries.map(({ value }) => value), slice],
    [...next.map((one) => one.next), ...stacked.map(({ value }) => value)].map((value) => ({ name: "", value })),
  );
  const inputs = [first, second, sequence].map(({ value }) => value);
  const attrs = { body, carries: 2, scanned: 1, length: sequence.value.shape[0], reverse: which % 2 === 1 };
  const { outputs } = emit("scan", [...inputs, ...outer], attrs);
  const metas = [...next.map(({ bound }) => ({ ...anything, bound })), ...stacked];
  outputs.forEach((output, i) => {
    const { exact, depth, constant, bound, below } = { below: undefined, ...metas[i] };
    builder.add(output, { exact, depth, constant, bound, ...(below !== undefined && { below }) });
  });
};

/** Doubles what is carried while its largest number is small; a carry that becomes NaN ends it. */
const stopEarly: Step = (builder, [pick, limit, which]) => {
  const x = builder.any(pick, (known) => isMoving(known) && known.exact && sizeOf(known.value.shape) > 0);
  if (!x) return;
  const carry = bodyInput("carry", x.value);
  const next = emitValue("mul", [carry, number(2)], {});
  const axes = carry.shape.map((_, axis) => axis);
  const largest = emitValue("reduceMax", [emitValue("abs", [next], {})], { axes, keepDims: false });
  const { body, outer } = closeBody(
    [carry],
    [emitValue("less", [largest, number(limit % 8)], {}), next].map((value) => ({ name: "", value })),
  );
  const most = which % 4;
  const { outputs } = emit("loop", [x.value, ...outer], { body, carries: 1, most });
  builder.add(outputs[0], { ...moved(x), exact: false, bound: x.bound * 2 ** most });
};

/** What a network might do twice, and its result the second time. */
const computeAgain: Step = (builder, [pick, other, form]) => {
  const x = builder.any(pick, isMoving);
  const after = builder.any(other, isMoving);
  if (!x || !after) return;
  const inner = bodyInput("x", x.value);
  const y = emitValue("mul", [emitValue("tanh", [inner], {}), after.value], {});
  const { body, outer } = closeBody(
    [inner],
    [y, inner].map((value) => ({ name: "", value })),
  );
  const inputs = [x.value, ...outer];
  const first = emit("checkpoint", inputs, { body }).outputs[0];
  const late = inputs.map((value) => emitValue("barrier", [value, first], {}));
  const second = emit("checkpoint", late, { body }).outputs[0];
  builder.add(form % 2 === 0 ? first : second, inexact(after.bound, x, after));
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
  reverse,
  pad,
  concat,
  gather,
  scatterAdd,
  takeAlongAxis,
  dynamicSlice,
  reduce,
  reduce,
  matmul,
  matmul,
  triangularSolve,
  transposedProduct,
  transposedProduct,
  repeatedSum,
  repeatedSum,
  blockSum,
  summedProduct,
  transposedChain,
  transposedChain,
  convolve,
  composite,
  crossEntropy,
  layers,
  layers,
  convolveBlocks,
  convolveBlocks,
  pool,
  scaleBlocks,
  repeat,
  repeat,
  loop,
  loop,
  stopEarly,
  computeAgain,
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
