/** Algebraic simplification: identities, constants gathered into one factor, layout ops cancelled.
 *
 * Each rule looks at one node whose inputs are already simple and says what stands for it. The results
 * are equal in exact arithmetic, NaN and infinity included; in float32 they differ by rounding, sums near the
 * largest number may overflow earlier or later, and a zero may change its sign. */

import { broadcastShapes, sameShape, sizeOf } from "../../base/index.ts";
import {
  constantValue,
  emitValue,
  type Graph,
  isOp,
  type Node,
  type OpName,
  rewriteGraph,
  uniformConstant,
  type Value,
} from "../../graph/index.ts";
import { simplifyLayout } from "./simplify-layout.ts";
import { simplifyRows } from "./simplify-rows.ts";

type Rule = (node: Node, inputs: readonly Value[]) => Value | undefined;

/** x and c of x * c with a scalar constant c. */
interface Scaled {
  readonly x: Value;
  readonly factor: number;
}

function scalar(number: number): Value {
  return constantValue("float32", [], [number]);
}

/**
 * Whether a factor may be moved and merged with others: as float32 it is finite and of full precision. What
 * under- or overflows would make 0 of numbers, or NaN of zeros; a 0 or infinity, kept in place, does that only
 * where the program says so.
 */
export function isMovable(factor: number): boolean {
  const size = Math.abs(Math.fround(factor));
  return size >= 2 ** -126 && size < Number.POSITIVE_INFINITY;
}

/** Reads a value as x * c: products with a movable constant, negations, and everything else with c = 1. */
export function asScaled(value: Value): Scaled {
  const { node } = value;
  if (value.dtype !== "float32") return { x: value, factor: 1 };
  if (node.op === "neg") return { x: node.inputs[0], factor: -1 };
  if (node.op === "mul") {
    for (const [x, constant] of [node.inputs, [node.inputs[1], node.inputs[0]]]) {
      const factor = uniformConstant(constant);
      if (factor !== undefined && isMovable(factor) && sameShape(x.shape, value.shape)) return { x, factor };
    }
  }
  return { x: value, factor: 1 };
}

/** x * factor, without a product by 1. */
export function scaled(x: Value, factor: number, path?: string): Value {
  if (factor === 1) return x;
  if (factor === -1) return emitValue("neg", [x], {}, path);
  return emitValue("mul", [x, scalar(factor)], {}, path);
}

function ifSameType(value: Value, node: Node): Value | undefined {
  const [output] = node.outputs;
  return sameShape(value.shape, output.shape) && value.dtype === output.dtype ? value : undefined;
}

/**
 * x + 0, x - 0, a + -b, and sums of scaled terms: a c + b d = (a + b (d / c)) c. That takes no pass more, and
 * a factor outside can go into a matrix product.
 */
const sum: Rule = (node, inputs) => {
  if (node.op !== "add" && node.op !== "sub") return undefined;
  const [a, b] = inputs;
  if (uniformConstant(b) === 0) return ifSameType(a, node);
  if (node.op === "add" && uniformConstant(a) === 0) return ifSameType(b, node);
  if (a.dtype !== "float32") return undefined;
  const left = asScaled(a);
  const right = asScaled(b);
  const sign = node.op === "add" ? 1 : -1;
  if (left.factor === 1 && right.factor === -1) {
    return emitValue(node.op === "add" ? "sub" : "add", [a, right.x], {}, node.path);
  }
  if (node.op === "add" && left.factor === -1 && right.factor === 1) {
    return emitValue("sub", [b, left.x], {}, node.path);
  }
  const ratio = (right.factor * sign) / left.factor;
  if (left.factor === 1 || right.factor === 1 || !isMovable(ratio)) return undefined;
  const term = scaled(right.x, Math.abs(ratio), node.path);
  return scaled(emitValue(ratio > 0 ? "add" : "sub", [left.x, term], {}, node.path), left.factor, node.path);
};

/** Operands of a product of which the first is computed and repeated to the size of the second. */
function repeatedFactor({ node, shape }: Value): readonly [Value, Value] | undefined {
  if (node.op !== "mul") return undefined;
  const [a, b] = node.inputs;
  const isRepeated = (x: Value): boolean => sizeOf(x.shape) < sizeOf(shape) && x.node.op !== "constant";
  if (sameShape(b.shape, shape) && isRepeated(a)) return [a, b];
  return sameShape(a.shape, shape) && isRepeated(b) ? [b, a] : undefined;
}

/** x * 1, (x c) * d = x (cd), (a x) * c = (a c) x for a small a, x / c = x (1/c), -(x c) = x (-c). */
const product: Rule = (node, inputs) => {
  if (node.outputs[0].dtype !== "float32") return undefined;
  if (node.op === "neg") {
    const { x, factor } = asScaled(inputs[0]);
    return factor === 1 ? undefined : scaled(x, -factor, node.path);
  }
  if (node.op === "div") {
    const divisor = uniformConstant(inputs[1]);
    if (divisor === undefined || !isMovable(divisor) || !isMovable(1 / divisor)) return undefined;
    return ifSameType(inputs[0], node) && scaled(inputs[0], 1 / divisor, node.path);
  }
  if (node.op !== "mul") return undefined;
  for (const [value, constant] of [inputs, [inputs[1], inputs[0]]]) {
    const factor = uniformConstant(constant);
    if (factor === undefined || !ifSameType(value, node)) continue;
    if (factor === 1) return value;
    const inner = asScaled(value);
    const both = inner.factor * factor;
    if ((inner.factor !== 1 || factor === -1) && isMovable(both)) return scaled(inner.x, both, node.path);
    const operands = repeatedFactor(value);
    if (operands && isMovable(factor)) {
      return emitValue("mul", [scaled(operands[0], factor, node.path), operands[1]], {}, node.path);
    }
  }
  return undefined;
};

/** Larger powers would multiply rounding errors. */
const largestExponent = 4;

/** x^c for a whole or half number c, as products, a root and a quotient; ONNX Runtime's Pow takes many times as long. */
const power: Rule = (node, inputs) => {
  if (node.op !== "pow") return undefined;
  const [x] = inputs;
  const exponent = uniformConstant(inputs[1]);
  if (exponent === undefined || !Number.isInteger(2 * exponent) || Math.abs(exponent) > largestExponent)
    return undefined;
  const size = Math.floor(Math.abs(exponent));
  const times = (a: Value, b: Value): Value => emitValue("mul", [a, b], {}, node.path);
  const square = size > 1 ? times(x, x) : x;
  const factors = [
    ...(size === 4 ? [times(square, square)] : size > 0 ? [square] : []),
    ...(size === 3 ? [x] : []),
    ...(size === Math.abs(exponent) ? [] : [emitValue("sqrt", [x], {}, node.path)]),
  ];
  const product = factors.length === 0 ? scalar(1) : factors.reduce(times);
  const result = exponent < 0 ? emitValue("div", [scalar(1), product], {}, node.path) : product;
  const { shape } = node.outputs[0];
  return sameShape(result.shape, shape) ? result : emitValue("expand", [result], { shape }, node.path);
};

const broadcasting: ReadonlySet<OpName> = new Set<OpName>([
  "add",
  "sub",
  "mul",
  "div",
  "mod",
  "pow",
  "maximum",
  "minimum",
  "less",
  "lessEqual",
  "equal",
  "and",
  "or",
  "where",
]);

/** op(expand(s), x) = op(s, x) where broadcasting gives the same shape. */
const repeatedOperand: Rule = (node, inputs) => {
  if (!broadcasting.has(node.op)) return undefined;
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i].node.op !== "expand") continue;
    const replaced = inputs.map((input, j) => (i === j ? input.node.inputs[0] : input));
    const shape = replaced.reduce<readonly number[] | undefined>(
      (seen, input) => seen && broadcastShapes(seen, input.shape),
      [],
    );
    if (shape && sameShape(shape, node.outputs[0].shape)) return emitValue(node.op, replaced, node.attrs, node.path);
  }
  return undefined;
};

/** Sums of nothing, of repeated and of scaled tensors: sum(x c) = sum(x) c, sum(expand(x)) = x n. */
const reduction: Rule = (node, inputs) => {
  if (!isOp(node, "reduceSum")) return undefined;
  const [x] = inputs;
  const { axes } = node.attrs;
  const { shape } = node.outputs[0];
  if (axes.every((axis) => x.shape[axis] === 1)) return emitValue("reshape", [x], { shape }, node.path);
  const { x: inner, factor } = asScaled(x);
  if (factor !== 1) return scaled(emitValue("reduceSum", [inner], node.attrs, node.path), factor, node.path);
  if (x.node.op !== "expand" || x.dtype !== "float32") return undefined;
  const from = x.node.inputs[0];
  const missing = x.shape.length - from.shape.length;
  const wasRepeated = (axis: number): boolean => axis < missing || from.shape[axis - missing] === 1;
  if (!axes.every(wasRepeated)) return undefined;
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  // A sum of nothing is 0, also of NaN repeated no times.
  if (count === 0) return undefined;
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const aligned = emitValue(
    "reshape",
    [from],
    { shape: [...Array<number>(missing).fill(1), ...from.shape] },
    node.path,
  );
  const single = emitValue("expand", [aligned], { shape: kept }, node.path);
  return scaled(emitValue("reshape", [single], { shape }, node.path), count, node.path);
};

/** A tensor that is 0 but for parts along one axis. */
interface Parts {
  readonly axis: number;
  readonly parts: readonly { readonly start: number; readonly value: Value }[];
}

/** Reads a value as padded parts, or as the sum of such. */
function partsOf({ node }: Value): Parts | undefined {
  if (node.op === "add") return partsOfSum(node.inputs);
  if (!isOp(node, "pad")) return undefined;
  const { low, high, ...others } = node.attrs;
  const padded = low.flatMap((_, axis) => (low[axis] + high[axis] > 0 ? [axis] : []));
  if (padded.length !== 1 || Object.keys(others).length > 0) return undefined;
  return { axis: padded[0], parts: [{ start: low[padded[0]], value: node.inputs[0] }] };
}

function partsOfSum([a, b]: readonly Value[]): Parts | undefined {
  const right = partsOf(b);
  const left = right && sameShape(a.shape, b.shape) ? partsOf(a) : undefined;
  if (!left || !right || left.axis !== right.axis) return undefined;
  return { axis: left.axis, parts: [...left.parts, ...right.parts] };
}

/** Padded parts that lie side by side and leave nothing out are a concatenation: so are gradients of all slices. */
const sideBySide: Rule = (node, inputs) => {
  const found = node.op === "add" ? partsOfSum(inputs) : undefined;
  if (!found) return undefined;
  const { axis, parts } = found;
  const sorted = [...parts].sort((a, b) => a.start - b.start);
  let end = 0;
  for (const { start, value } of sorted) {
    if (start !== end) return undefined;
    end += value.shape[axis];
  }
  if (end !== node.outputs[0].shape[axis]) return undefined;
  const values = sorted.map(({ value }) => value);
  return emitValue("concat", values, { axis }, node.path);
};

/** reshape(x c) = reshape(x) c and the same for transposes: factors move towards what can absorb them. */
const factorThroughLayout: Rule = (node, inputs) => {
  if (node.op !== "reshape" && node.op !== "transpose") return undefined;
  const { x, factor } = asScaled(inputs[0]);
  return factor === 1 ? undefined : scaled(emitValue(node.op, [x], node.attrs, node.path), factor, node.path);
};

/**
 * A choice between two numbers a > b >= 0 is max(a c, b) for the condition c as 0 or 1: of the two, ONNX Runtime's Where
 * is the slower one by far.
 */
const choice: Rule = (node, inputs) => {
  if (!isOp(node, "where") || node.outputs[0].dtype !== "float32") return undefined;
  const [condition, first, second] = inputs;
  const [a, b] = [uniformConstant(first), uniformConstant(second)];
  if (a === undefined || b === undefined || !(a > b && b >= 0 && Number.isFinite(a))) return undefined;
  if (!sameShape(condition.shape, node.outputs[0].shape)) return undefined;
  const chosen = scaled(emitValue("cast", [condition], { dtype: "float32" }, node.path), a, node.path);
  return b === 0 ? chosen : emitValue("maximum", [chosen, scalar(b)], {}, node.path);
};

const withoutStops: Rule = (node, inputs) => (node.op === "stopGradient" ? inputs[0] : undefined);

const rules: readonly Rule[] = [
  withoutStops,
  sum,
  sideBySide,
  product,
  power,
  repeatedOperand,
  simplifyLayout,
  simplifyRows,
  factorThroughLayout,
  reduction,
  choice,
];

/** Applies the rules to every node, inputs first, once. */
export function simplify(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs) => {
    for (const rule of rules) {
      const value = rule(node, inputs);
      if (value) return [value];
    }
    return undefined;
  });
}
