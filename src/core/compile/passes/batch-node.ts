/** One node of a loop's step for all steps at once. */

import { emitValue, isElementwise, isOp, type MatmulAttrs, type Node, type Value } from "../../graph/index.ts";

/** What stands outside of the loop for an operand: one value for all steps, or their stack [steps, ...]. */
export interface Operand {
  readonly value: Value;
  readonly stacked: boolean;
}

/** A stack whose steps have `rank` axes: those that broadcasting would add stand behind the axis of the steps. */
function withRank({ value, stacked }: Operand, rank: number): Value {
  const [steps, ...shape] = value.shape;
  if (!stacked || shape.length >= rank) return value;
  const filled = [steps, ...Array<number>(rank - shape.length).fill(1), ...shape];
  return emitValue("reshape", [value], { shape: filled });
}

function batchMatmul(attrs: MatmulAttrs, [a, b]: readonly Operand[], { shape }: Value, path: string): Value {
  const [steps, rows, inner] = a.value.shape;
  const areRows = a.stacked && a.value.shape.length === 3 && !attrs.transposeA;
  if (areRows && !b.stacked && b.value.shape.length === 2) {
    const all = emitValue("reshape", [a.value], { shape: [steps * rows, inner] });
    return emitValue("reshape", [emitValue("matmul", [all, b.value], attrs, path)], { shape: [steps, ...shape] }, path);
  }
  const rank = shape.length;
  return emitValue("matmul", [withRank(a, rank), withRank(b, rank)], attrs, path);
}

/** Whether attributes hold nothing but these. */
function only(attrs: object, ...names: string[]): boolean {
  return Object.keys(attrs).every((name) => names.includes(name));
}

/**
 * The stack of a node's only output over its steps, from what stands for its inputs, at least one of them a stack;
 * `undefined` where that is not one node.
 */
export function batchNode(node: Node, operands: readonly Operand[], steps: number): Value | undefined {
  const { op, path } = node;
  const [output] = node.outputs;
  const [x] = operands.map(({ value }) => value);
  if (node.outputs.length !== 1) return undefined;
  if (isElementwise(op)) {
    const inputs = operands.map((operand) => withRank(operand, output.shape.length));
    return emitValue(op, inputs, node.attrs as never, path);
  }
  if (isOp(node, "matmul")) return batchMatmul(node.attrs, operands, output, path);
  if (isOp(node, "gather")) {
    const [table, indices] = operands;
    const { axis } = node.attrs;
    if (table.stacked ? indices.stacked : axis !== 0) return undefined;
    return emitValue("gather", [table.value, indices.value], { axis: table.stacked ? axis + 1 : 0 }, path);
  }
  if (operands.some(({ stacked }) => !stacked)) return undefined;
  if (isOp(node, "reshape")) return emitValue("reshape", [x], { shape: [steps, ...node.attrs.shape] }, path);
  if (isOp(node, "expand")) {
    const { shape } = node.attrs;
    return emitValue("expand", [withRank(operands[0], shape.length)], { shape: [steps, ...shape] }, path);
  }
  if (isOp(node, "transpose")) {
    const permutation = [0, ...node.attrs.permutation.map((axis) => axis + 1)];
    return emitValue("transpose", [x], { permutation }, path);
  }
  if (isOp(node, "slice") && only(node.attrs, "starts", "sizes")) {
    const { starts, sizes } = node.attrs;
    return emitValue("slice", [x], { starts: [0, ...starts], sizes: [steps, ...sizes] }, path);
  }
  if (isOp(node, "pad") && only(node.attrs, "low", "high")) {
    const { low, high } = node.attrs;
    return emitValue("pad", [x], { low: [0, ...low], high: [0, ...high] }, path);
  }
  if (isOp(node, "concat")) {
    const parts = operands.map(({ value }) => value);
    return emitValue("concat", parts, { axis: node.attrs.axis + 1 }, path);
  }
  if (isOp(node, "reduceSum") || isOp(node, "reduceMax")) {
    const { axes, keepDims } = node.attrs;
    return emitValue(node.op, [x], { axes: axes.map((axis) => axis + 1), keepDims }, path);
  }
  return undefined;
}
