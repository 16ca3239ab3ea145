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

/** x * 1, (x c) * d = x (cd), x / c = x (1/c), -(x c) = x (-c). */
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
  }
  return undefined;
};

const broadcasting: ReadonlySet<OpName> = new Set<OpName>([
  "add",
  "sub",
  "mul",
  "div",
  "maximum",
  "minimum",
  "less",
  "equal",
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

/** Layout ops that do nothing, or follow one of their own kind. */
const layout: Rule = (node, inputs) => {
  const [x] = inputs;
  if (isOp(node, "reshape")) {
    const from = x.node.op === "reshape" ? x.node.inputs[0] : x;
    if (ifSameType(from, node)) return from;
    return from === x ? undefined : emitValue("reshape", [from], node.attrs, node.path);
  }
  if (isOp(node, "expand") || isOp(node, "slice") || isOp(node, "pad")) return ifSameType(x, node);
  if (isOp(node, "cast")) return ifSameType(x, node);
  if (isOp(node, "concat")) return inputs.length === 1 ? x : undefined;
  if (!isOp(node, "transpose")) return undefined;
  const { permutation } = node.attrs;
  const inner = isOp(x.node, "transpose") ? x.node : undefined;
  const composed = inner ? permutation.map((axis) => inner.attrs.permutation[axis]) : permutation;
  const from = inner ? inner.inputs[0] : x;
  if (composed.every((axis, i) => axis === i)) return from;
  return inner && emitValue("transpose", [from], { permutation: composed }, node.path);
};

/**
 * Reads an order of the axes of rows [...indices, K] as an order of the indices' axes, after which K, which is last,
 * may change places with the last of them.
 */
function orderOfRows(permutation: readonly number[]): { leading: readonly number[]; swaps: boolean } | undefined {
  const rank = permutation.length;
  const place = permutation.indexOf(rank - 1);
  if (place < rank - 2) return undefined;
  return { leading: permutation.filter((axis) => axis !== rank - 1), swaps: place === rank - 2 };
}

function swapLastTwo(value: Value, path: string): Value {
  const rank = value.shape.length;
  const permutation = value.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  return emitValue("transpose", [value], { permutation }, path);
}

/** Rows of a table under another shape or order are the rows of indices under another shape or order. */
const layoutOfRows: Rule = (node, inputs) => {
  const gather = inputs[0]?.node;
  if (!gather || !isOp(gather, "gather") || gather.attrs.axis !== 0) return undefined;
  const [table, indices] = gather.inputs;
  if (table.shape.length !== 2 || indices.shape.length === 0) return undefined;
  const rows = (of: Value): Value => emitValue("gather", [table, of], { axis: 0 }, gather.path);
  if (isOp(node, "reshape")) {
    const { shape } = node.attrs;
    if (shape.at(-1) !== table.shape[1] || table.shape[1] === 0) return undefined;
    return rows(emitValue("reshape", [indices], { shape: shape.slice(0, -1) }, node.path));
  }
  const order = isOp(node, "transpose") ? orderOfRows(node.attrs.permutation) : undefined;
  if (!order || order.leading.every((axis, i) => axis === i)) return undefined;
  const ordered = rows(emitValue("transpose", [indices], { permutation: order.leading }, node.path));
  return order.swaps ? swapLastTwo(ordered, node.path) : ordered;
};

/** Updates in another order are those of indices in another order. */
const layoutOfUpdates: Rule = (node, inputs) => {
  if (!isOp(node, "scatterAdd") || node.attrs.axis !== 0) return undefined;
  const [{ node: layout }, indices] = inputs;
  const rank = indices.shape.length;
  if (!isOp(layout, "transpose") || layout.attrs.permutation.length !== rank + 1 || rank === 0) return undefined;
  const [from] = layout.inputs;
  const { permutation } = layout.attrs;
  // The rows' own axis, and the order of the others in what is transposed.
  const last = permutation[rank];
  const leading = permutation.slice(0, rank).map((axis) => (axis > last ? axis - 1 : axis));
  if (last < rank - 1 || leading.every((axis, i) => axis === i)) return undefined;
  const inverse = leading.map((_, i) => leading.indexOf(i));
  const ordered = emitValue("transpose", [indices], { permutation: inverse }, node.path);
  const updates = last === rank ? from : swapLastTwo(from, node.path);
  return emitValue("scatterAdd", [updates, ordered], node.attrs, node.path);
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

const withoutStops: Rule = (node, inputs) => (node.op === "stopGradient" ? inputs[0] : undefined);

const rules: readonly Rule[] = [
  withoutStops,
  sum,
  sideBySide,
  product,
  repeatedOperand,
  layout,
  layoutOfRows,
  layoutOfUpdates,
  factorThroughLayout,
  reduction,
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
