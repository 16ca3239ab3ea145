/** What becomes of a node whose input has its channels in blocks: the same node over the blocks, where there is one.
 *
 * So that between convolutions nothing is put into blocks and out of them again. */

import { type Shape, sameShape, sizeOf } from "../../base/index.ts";
import { emit, emitValue, isElementwise, isOp, type Node, type OpName, type Value } from "../../graph/index.ts";
import { type Blocked, blockOf, plainShape } from "./blocked-layout.ts";
import type { BlockedValues } from "./blocked-values.ts";
import { reshape } from "./layout-nodes.ts";

type Rule = (node: Node, inputs: readonly Value[], values: BlockedValues) => readonly Value[] | undefined;

/**
 * An operand that broadcasts to a tensor, for use over the tensor's blocks. Only one that has both channels and places
 * after them must be put into blocks.
 */
function operandOver({ value, axis }: Blocked, operand: Value, values: BlockedValues, path: string): Value | undefined {
  const source = values.find(operand);
  const rank = value.shape.length - 1;
  if (source && source.axis === axis && source.value.shape.length === rank + 1) return source.value;
  const shape: Shape = [...Array<number>(rank - operand.shape.length).fill(1), ...operand.shape];
  const block = value.shape[rank];
  if (sizeOf(shape) === 1) return operand;
  if (shape[axis] === 1) return reshape(operand, [...shape, 1], path);
  const before = shape.slice(0, axis);
  const after = shape.slice(axis + 1);
  const outer = shape[axis] / block;
  if (sizeOf(after) === 1) return reshape(operand, [...before, outer, ...after, block], path);
  return values.blocked(reshape(operand, shape, path), axis, path);
}

/** Repetition changes nothing for an operand that broadcasts. */
function unrepeated(operand: Value): Value {
  return operand.node.op === "expand" ? operand.node.inputs[0] : operand;
}

const elementwise: Rule = (node, inputs, values) => {
  if (!isElementwise(node.op)) return undefined;
  const [{ shape }] = node.outputs;
  const whole = inputs.find((input) => sameShape(input.shape, shape) && values.find(input));
  const lead = whole && values.find(whole);
  if (!lead) return undefined;
  const operands: Value[] = [];
  for (const input of inputs) {
    const operand = operandOver(lead, values.find(input) ? input : unrepeated(input), values, node.path);
    if (!operand) return undefined;
    operands.push(operand);
  }
  const [value] = emit(node.op, operands, node.attrs, node.path).outputs;
  return [values.plain({ value, axis: lead.axis }, node.path)];
};

const reduction: Rule = (node, [x], values) => {
  if (!isOp(node, "reduceSum") && !isOp(node, "reduceMax")) return undefined;
  const source = values.find(x);
  if (!source) return undefined;
  const { value, axis } = source;
  const { axes, keepDims } = node.attrs;
  const { shape } = node.outputs[0];
  const lanes = value.shape.length - 1;
  if (axes.includes(axis)) {
    const all = { axes: [...axes, lanes], keepDims };
    return [reshape(emitValue(node.op, [value], all, node.path), shape, node.path)];
  }
  const reduced = emitValue(node.op, [value], { axes, keepDims }, node.path);
  const left = keepDims ? axis : axis - axes.filter((one) => one < axis).length;
  return [values.plain({ value: reduced, axis: left }, node.path)];
};

/** The channels of a tensor under another shape: the axis of the same size with as many elements before it. */
function channelAxis(source: Blocked, shape: Shape): number | undefined {
  const plain = plainShape(source);
  const before = sizeOf(plain.slice(0, source.axis));
  const axis = shape.findIndex(
    (size, i) => size === plain[source.axis] && sizeOf(shape.slice(0, i)) === before && size > 1,
  );
  return axis < 0 ? undefined : axis;
}

const reshaped: Rule = (node, [x], values) => {
  if (!isOp(node, "reshape")) return undefined;
  const source = values.find(x);
  const { shape } = node.attrs;
  const axis = source && channelAxis(source, shape);
  if (!source || axis === undefined) return undefined;
  const block = blockOf(source);
  const blocks = [...shape.slice(0, axis), shape[axis] / block, ...shape.slice(axis + 1), block];
  return [values.plain({ value: reshape(source.value, blocks, node.path), axis }, node.path)];
};

const expanded: Rule = (node, [x], values) => {
  if (!isOp(node, "expand")) return undefined;
  const source = values.find(x);
  if (!source) return undefined;
  const { shape } = node.attrs;
  const axis = source.axis + shape.length - x.shape.length;
  const block = blockOf(source);
  const blocks = [...shape.slice(0, axis), shape[axis] / block, ...shape.slice(axis + 1), block];
  const value = emitValue("expand", [source.value], { shape: blocks }, node.path);
  return [values.plain({ value, axis }, node.path)];
};

/** Numbers for each axis, for the blocks; `undefined` where one cuts through a block. */
function overBlocks(numbers: readonly number[], { axis, block }: { axis: number; block: number }, lanes: number) {
  if (numbers[axis] % block !== 0) return undefined;
  return [...numbers.map((number, i) => (i === axis ? number / block : number)), lanes];
}

const sliced: Rule = (node, [x], values) => {
  if (!isOp(node, "slice")) return undefined;
  const source = values.find(x);
  if (!source) return undefined;
  const at = { axis: source.axis, block: blockOf(source) };
  const starts = overBlocks(node.attrs.starts, at, 0);
  const sizes = overBlocks(node.attrs.sizes, at, at.block);
  const { steps } = node.attrs;
  if (!starts || !sizes || (steps && steps[at.axis] !== 1)) return undefined;
  const attrs = { starts, sizes, ...(steps && { steps: [...steps, 1] }) };
  const value = emitValue("slice", [source.value], attrs, node.path);
  return [values.plain({ value, axis: at.axis }, node.path)];
};

const padded: Rule = (node, [x], values) => {
  if (!isOp(node, "pad")) return undefined;
  const source = values.find(x);
  if (!source) return undefined;
  const at = { axis: source.axis, block: blockOf(source) };
  const low = overBlocks(node.attrs.low, at, 0);
  const high = overBlocks(node.attrs.high, at, 0);
  const mirrors = node.attrs.mode !== undefined && node.attrs.low[at.axis] + node.attrs.high[at.axis] > 0;
  if (!low || !high || mirrors) return undefined;
  const value = emitValue("pad", [source.value], { ...node.attrs, low, high }, node.path);
  return [values.plain({ value, axis: at.axis }, node.path)];
};

/** Where at least half of the elements are in blocks, the others are put there. */
const joined: Rule = (node, inputs, values) => {
  if (!isOp(node, "concat")) return undefined;
  const source = inputs.map(values.find).find((found) => found !== undefined);
  if (!source) return undefined;
  const { axis } = source;
  const isThere = (input: Value): boolean => values.find(input)?.axis === axis;
  const there = inputs.filter(isThere).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const whole = inputs.every(({ shape }) => shape[axis] % values.block === 0);
  if (!whole || 2 * there < sizeOf(node.outputs[0].shape)) return undefined;
  const parts = inputs.map((input) => values.blocked(input, axis, node.path));
  const value = emitValue("concat", parts, { axis: node.attrs.axis }, node.path);
  return [values.plain({ value, axis }, node.path)];
};

const rules: readonly Rule[] = [elementwise, reduction, reshaped, expanded, sliced, padded, joined];

/** Stands for a node over blocks, if it can be computed there. */
export function keepBlocked(
  node: Node<OpName>,
  inputs: readonly Value[],
  values: BlockedValues,
): readonly Value[] | undefined {
  for (const rule of rules) {
    const outputs = rule(node, inputs, values);
    if (outputs) return outputs;
  }
  return undefined;
}
