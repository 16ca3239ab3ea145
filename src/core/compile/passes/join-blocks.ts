/** Sums of blocks within zeros become one concat: the gradient of a tensor that was split.
 *
 * Each part's gradient is padded to the whole, and the sum adds zeros to every element of the others. Side by side
 * the parts are written once. Exact, but for the sign of zeros. */

import { type Shape, sameShape } from "../../base/index.ts";
import {
  constantValue,
  emitValue,
  type Graph,
  isOp,
  type Node,
  nodesOf,
  rewriteGraph,
  type Value,
} from "../../graph/index.ts";
import { usesOf } from "./uses.ts";

/** A tensor that stands along one axis of the whole from `start` on, zeros before and after. */
interface Block {
  readonly term: Value;
  readonly value: Value;
  readonly axis: number;
  readonly start: number;
}

/** Reads a term of a sum of some shape as a block within zeros. */
function asBlock(term: Value, shape: Shape): Block | undefined {
  const { node } = term;
  if (!isOp(node, "pad") || node.attrs.mode || (node.attrs.value ?? 0) !== 0) return undefined;
  const { low, high } = node.attrs;
  const [value] = node.inputs;
  const axes = low.flatMap((count, axis) => (count + high[axis] > 0 ? [axis] : []));
  if (axes.length !== 1 || value.shape[axes[0]] === 0 || !sameShape(term.shape, shape)) return undefined;
  return { term, value, axis: axes[0], start: low[axes[0]] };
}

function endOf({ value, axis, start }: Block): number {
  return start + value.shape[axis];
}

/** Blocks along one axis of which none overlaps another, in order. */
function disjoint(blocks: readonly Block[]): Block[] {
  const taken: Block[] = [];
  for (const block of [...blocks].sort((a, b) => a.start - b.start)) {
    const last = taken.at(-1);
    if (!last || endOf(last) <= block.start) taken.push(block);
  }
  return taken;
}

function zeros(shape: Shape, path: string): Value {
  return emitValue("expand", [constantValue("float32", [], [0])], { shape }, path);
}

/** Blocks side by side within a whole of some shape: zeros fill what lies between them. */
function joined(blocks: readonly Block[], shape: Shape, path: string): Value {
  const [{ axis, start }] = blocks;
  const parts: Value[] = [];
  let end = start;
  for (const block of blocks) {
    if (block.start > end) parts.push(zeros(shape.with(axis, block.start - end), path));
    parts.push(block.value);
    end = endOf(block);
  }
  const together = emitValue("concat", parts, { axis }, path);
  if (start === 0 && end === shape[axis]) return together;
  const nothing = shape.map(() => 0);
  const around = { low: nothing.with(axis, start), high: nothing.with(axis, shape[axis] - end) };
  return emitValue("pad", [together], around, path);
}

/** Sums that only go into another sum of their shape. */
function innerSums(graph: Graph): ReadonlySet<Node> {
  const uses = usesOf(graph.outputs.map(({ value }) => value));
  const inner = new Set<Node>();
  for (const { op, inputs, outputs } of nodesOf(graph)) {
    if (op !== "add") continue;
    for (const input of inputs) {
      const { node, shape } = input;
      if (node.op === "add" && uses.get(input) === 1 && sameShape(shape, outputs[0].shape)) inner.add(node);
    }
  }
  return inner;
}

/** What a sum adds up, through inner sums; terms stand as the pass has rewritten them. */
function termsOf(sum: Node, inputs: readonly Value[], inner: ReadonlySet<Node>): Value[] {
  return inputs.flatMap((input, i) => {
    const before = sum.inputs[i].node;
    return inner.has(before) ? termsOf(before, input.node.inputs, inner) : [input];
  });
}

/** Replaces the blocks among the terms of every sum by one tensor for each axis along which two or more stand. */
export function joinBlocks(graph: Graph): Graph {
  const inner = innerSums(graph);
  return rewriteGraph(graph, (node, inputs) => {
    if (node.op !== "add" || inner.has(node) || node.outputs[0].dtype !== "float32") return undefined;
    const { shape } = node.outputs[0];
    const terms = termsOf(node, inputs, inner);
    const blocks = terms.flatMap((term) => asBlock(term, shape) ?? []);
    const groups = shape.map((_, axis) => disjoint(blocks.filter((block) => block.axis === axis)));
    const joinable = groups.filter((group) => group.length > 1);
    if (joinable.length === 0) return undefined;
    for (const { term } of joinable.flat()) terms.splice(terms.indexOf(term), 1);
    const all = [...joinable.map((group) => joined(group, shape, node.path)), ...terms];
    return [all.reduce((sum, term) => emitValue("add", [sum, term], {}, node.path))];
  });
}
