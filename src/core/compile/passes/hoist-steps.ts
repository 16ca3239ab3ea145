/** What a loop's steps compute without its carries is computed for all steps at once, before the loop: one large
 * operator in the place of many small ones. */

import { sizeOf } from "../../base/index.ts";
import {
  bodyInput,
  dependents,
  emitValue,
  type Graph,
  isOp,
  type Node,
  nodesInOrder,
  rewriteGraph,
  type Value,
} from "../../graph/index.ts";
import { batchNode, type Operand } from "./batch-node.ts";
import { boundOf } from "./bounds.ts";
import {
  isLoop,
  isSameLoop,
  type Loop,
  type Reading,
  reading,
  readLoop,
  resultsOf,
  rewriteSteps,
  substituteIn,
  writeLoop,
} from "./loop.ts";
import { usesOf } from "./uses.ts";

/**
 * Larger tensors are computed with where they are read, but for matrix products: the cache is faster than the way to
 * memory and back is short.
 */
const largestAhead = 1024;

/** A factor of at most this size cannot make a product overflow that would not be near it anyway. */
const largestFactor = 16;

/**
 * (c a) b = c (a b) where c alone depends on a carry: a b can then be computed before the loop. One of a and b must
 * be known to be small: the results are then equal but for rounding.
 */
function gatherFactors(loop: Loop): Loop {
  const uses = usesOf(resultsOf(loop));
  const carried = new Set(loop.carries.map(({ input }) => input.node));
  const late = new Map<Node, boolean>();
  const isLate = ({ node }: Value): boolean => {
    const known = late.get(node) ?? (carried.has(node) || node.inputs.some(isLate));
    late.set(node, known);
    return known;
  };
  const outside = new Map([...loop.scanned, ...loop.invariants].map((one) => [one.input, one.outside]));
  const isSmall = (value: Value): boolean => boundOf(value, outside) <= largestFactor;
  /** The factors of a product of which one is late. */
  const split = (node: Node, [a, b]: readonly Value[]): readonly [late: Value, early: Value] | undefined => {
    if (node.op !== "mul" || a.dtype !== "float32" || isLate(a) === isLate(b)) return undefined;
    return isLate(a) ? [a, b] : [b, a];
  };
  return rewriteSteps(loop, (node, inputs) => {
    const outer = split(node, inputs);
    if (!outer || uses.get(node.inputs[inputs.indexOf(outer[0])]) !== 1) return undefined;
    const inner = split(outer[0].node, outer[0].node.inputs);
    if (!inner || !(isSmall(inner[1]) || isSmall(outer[1]))) return undefined;
    const factor = emitValue("mul", [inner[1], outer[1]], {}, node.path);
    if (sizeOf(factor.shape) > largestAhead) return undefined;
    return [emitValue("mul", [inner[0], factor], {}, node.path)];
  });
}

function emitOnce(node: Node, operands: readonly Operand[]): Value | undefined {
  if (node.outputs.length !== 1) return undefined;
  const inputs = operands.map(({ value }) => value);
  return emitValue(node.op, inputs, node.attrs as never, node.path);
}

/** Reads what was computed ahead in the place of what the step would compute it from. */
function computeAhead(loop: Loop): Loop {
  const { scanned, invariants, length } = loop;
  const results = resultsOf(loop);
  const order = nodesInOrder(results);
  const carried = loop.carries.map(({ input }) => input);
  const late = dependents(order, carried);
  const varying = dependents(order, [...carried, ...[...scanned, ...invariants].map(({ input }) => input)]);
  const ahead = new Map<Value, Operand>([
    ...scanned.map(({ input, outside }) => [input, { value: outside, stacked: true }] as const),
    ...invariants.map(({ input, outside }) => [input, { value: outside, stacked: false }] as const),
  ]);
  /** The slices that a value computed ahead was computed from. */
  const sources = new Map<Value, ReadonlySet<Value>>(scanned.map(({ input }) => [input, new Set([input])]));
  const withProduct = new Set<Value>();
  const operandOf = (value: Value): Operand | undefined =>
    varying.has(value.node) || value.node.op === "input" ? ahead.get(value) : { value, stacked: false };
  for (const node of order) {
    if (!varying.has(node) || late.has(node)) continue;
    const operands = node.inputs.map(operandOf).filter((operand) => operand !== undefined);
    if (operands.length < node.inputs.length) continue;
    const stacked = operands.some((operand) => operand.stacked);
    const value = stacked ? batchNode(node, operands, length) : emitOnce(node, operands);
    if (!value) continue;
    const [output] = node.outputs;
    ahead.set(output, { value, stacked });
    sources.set(output, new Set(node.inputs.flatMap((input) => [...(sources.get(input) ?? [])])));
    if (node.op === "matmul" || node.inputs.some((input) => withProduct.has(input))) withProduct.add(output);
  }
  const inputs = new Set([...carried, ...[...scanned, ...invariants].map(({ input }) => input)]);
  const isWorthIt = (value: Value): boolean => {
    const from = [...(sources.get(value) ?? [])].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return withProduct.has(value) || sizeOf(value.shape) <= Math.min(from, largestAhead);
  };
  const added: Reading[] = [];
  const replaced = new Map<Value, Value>();
  const looked = new Set<Value>();
  const read = (value: Value): void => {
    const operand = ahead.get(value);
    if (looked.has(value) || inputs.has(value) || late.has(value.node)) return;
    looked.add(value);
    if (!operand?.stacked || !isWorthIt(value)) {
      value.node.inputs.forEach(read);
      return;
    }
    const input = bodyInput("ahead", value);
    added.push({ outside: operand.value, input });
    replaced.set(value, input);
  };
  for (const node of order) if (late.has(node)) node.inputs.forEach(read);
  results.forEach(read);
  return substituteIn({ ...loop, scanned: [...scanned, ...added] }, replaced);
}

/** Loops shorter than this do not repay a transposed copy. */
const longTranspose = 16;

/**
 * A product with a transposed invariant is a plain one with its transpose, made once before the loop; but for a product with
 * one row, which reads its matrix once, as fast one way as the other, and with several threads only the transposed way.
 */
function transposeAhead(loop: Loop): Loop {
  if (loop.length < longTranspose) return loop;
  const invariants = new Map(loop.invariants.map((one) => [one.input, one]));
  const flipped = new Map<Value, Reading>();
  const flip = (value: Value, transposed: boolean): Value | undefined => {
    const one = transposed && value.shape.length === 2 ? invariants.get(value) : undefined;
    if (!one) return undefined;
    const known = flipped.get(value) ?? reading(emitValue("transpose", [one.outside], { permutation: [1, 0] }));
    flipped.set(value, known);
    return known.input;
  };
  const changed = rewriteSteps(loop, (node, [a, b]) => {
    if (!isOp(node, "matmul") || node.outputs[0].shape.at(-2) === 1) return undefined;
    const [left, right] = [flip(a, node.attrs.transposeA), flip(b, node.attrs.transposeB)];
    if (!left && !right) return undefined;
    const attrs = {
      ...node.attrs,
      transposeA: node.attrs.transposeA && !left,
      transposeB: node.attrs.transposeB && !right,
    };
    return [emitValue("matmul", [left ?? a, right ?? b], attrs, node.path)];
  });
  return { ...changed, invariants: [...changed.invariants, ...flipped.values()] };
}

/** Applies all three to every loop of a graph, once. */
export function hoistSteps(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs) => {
    if (!isLoop(node)) return undefined;
    const before = readLoop(node, inputs, () => true);
    const after = transposeAhead(computeAhead(gatherFactors(before)));
    return isSameLoop(before, after) ? undefined : writeLoop(after, node.outputs);
  });
}
