/** Sums of products as matrix products, and stacks of matrix products as one.
 *
 * What a product repeats along axes that a sum then takes away never needs to be written down. The same numbers
 * are multiplied and added, in another order. */

import { type Shape, sameShape, sizeOf } from "../../base/index.ts";
import { emitValue, type Graph, isOp, type Node, rewriteGraph, type Value } from "../../graph/index.ts";
import { reshaped } from "./simplify-layout.ts";
import { usesOf } from "./uses.ts";

type Rule = (node: Node, inputs: readonly Value[], uses: ReadonlyMap<Value, number>) => Value | undefined;

function ascends(axes: readonly number[]): boolean {
  return axes.every((axis, i) => i === 0 || axis > axes[i - 1]);
}

/** A transpose, or where it moves only axes of size 1 a reshape. */
function reordered(x: Value, permutation: readonly number[], path: string): Value {
  const moving = permutation.filter((axis) => x.shape[axis] !== 1);
  if (ascends(moving))
    return reshaped(
      x,
      permutation.map((axis) => x.shape[axis]),
      path,
    );
  return emitValue("transpose", [x], { permutation }, path);
}

/** A shape with leading axes of size 1 up to a rank. */
function aligned(shape: Shape, rank: number): number[] {
  return [...new Array<number>(rank - shape.length).fill(1), ...shape];
}

/** [..., t, i] x [i, o] as one product of matrices: all rows under each other. */
const flatten: Rule = (node, [a, b]) => {
  if (!isOp(node, "matmul") || node.attrs.transposeA || a.shape.length < 3) return undefined;
  if (sizeOf(b.shape.slice(0, -2)) !== 1 || b.shape.length > a.shape.length) return undefined;
  const rows = reshaped(a, [sizeOf(a.shape.slice(0, -1)), a.shape[a.shape.length - 1]], node.path);
  const product = emitValue("matmul", [rows, reshaped(b, b.shape.slice(-2), node.path)], node.attrs, node.path);
  return reshaped(product, node.outputs[0].shape, node.path);
};

/** A row that is added to rows under another shape is added before: the lowering makes it part of the product. */
const rowBeforeReshape: Rule = (node, inputs) => {
  if (node.op !== "add") return undefined;
  for (const [x, row] of [inputs, [inputs[1], inputs[0]]]) {
    const [product] = x.node.op === "reshape" ? x.node.inputs : [];
    const columns = x.shape.at(-1);
    const isProduct = product?.node.op === "matmul" && product.shape.length === 2 && product.shape[1] === columns;
    if (!isProduct || !sameShape(x.shape, node.outputs[0].shape)) continue;
    if (row.shape.at(-1) !== columns || sizeOf(row.shape) !== columns || x.shape.length < 3) continue;
    const sum = emitValue("add", [product, reshaped(row, [columns], node.path)], {}, node.path);
    return reshaped(sum, x.shape, node.path);
  }
  return undefined;
};

/**
 * Sums of [b, k, m]^T x [b, k, n] over b are one product of [(b k), m]^T x [(b k), n]: the gradient of a matrix that
 * a stack was multiplied with. Nothing else may read the stack of products, which would then be computed as well.
 */
const sumOfStack: Rule = (node, [x], uses) => {
  if (!isOp(node, "reduceSum") || !isOp(x.node, "matmul") || uses.get(node.inputs[0]) !== 1) return undefined;
  const { attrs, inputs } = x.node;
  const [a, b] = inputs;
  const { axes } = node.attrs;
  const lead = x.shape.length - 2;
  const kept = lead - axes.length;
  const isStack = a.shape.length === x.shape.length && sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  // The summed axes must stand next to the inner one.
  if (!isStack || axes.length === 0 || !axes.every((axis, i) => axis === kept + i)) return undefined;
  if (!attrs.transposeA || attrs.transposeB) return undefined;
  const joined = (operand: Value): Value => {
    const [inner, own] = operand.shape.slice(-2);
    const shape = [...operand.shape.slice(0, kept), sizeOf(operand.shape.slice(kept, lead)) * inner, own];
    return reshaped(operand, shape, node.path);
  };
  return reshaped(emitValue("matmul", [joined(a), joined(b)], attrs, node.path), node.outputs[0].shape, node.path);
};

/** A product of matrices in a stack takes as long as this many multiplications and additions element by element. */
const fewestTerms = 256;

/** The sum over j of a[i, j, 1] b[1, j, k] is a matrix product; what either side repeats is never written down. */
const sumOfProduct: Rule = (node, [x]) => {
  if (!isOp(node, "reduceSum") || x.node.op !== "mul" || x.dtype !== "float32") return undefined;
  const rank = x.shape.length;
  const [a, b] = x.node.inputs.map((input) => aligned(input.shape, rank));
  const axesWhere = (holds: (axis: number) => boolean): number[] =>
    x.shape.flatMap((_, axis) => (holds(axis) ? [axis] : []));
  const isSummed = (axis: number): boolean => node.attrs.axes.includes(axis);
  const isShared = (axis: number): boolean => a[axis] !== 1 && b[axis] !== 1;
  const inner = axesWhere((axis) => isSummed(axis) && isShared(axis));
  const batch = axesWhere((axis) => !isSummed(axis) && isShared(axis));
  const rows = axesWhere((axis) => a[axis] !== 1 && b[axis] === 1);
  const columns = axesWhere((axis) => a[axis] === 1 && b[axis] !== 1);
  const units = axesWhere((axis) => x.shape[axis] === 1);
  // A factor that a sum could let out would make NaN of infinities that cancel: such sums stay.
  if ([...rows, ...columns].some(isSummed) || inner.length === 0 || rows.length === 0 || columns.length === 0) {
    return undefined;
  }
  const sizesOf = (axes: readonly number[]): number[] => axes.map((axis) => x.shape[axis]);
  const terms = sizeOf(sizesOf([...inner, ...rows, ...columns]));
  if (terms < fewestTerms && sizeOf(sizesOf(batch)) > 1) return undefined;
  /** [batch, first, second], or [batch, second, first] where the axes stand so. */
  const operand = (value: Value, first: readonly number[], second: readonly number[]): readonly [Value, boolean] => {
    const flipped = !ascends([...batch, ...first, ...second]) && ascends([...batch, ...second, ...first]);
    const groups = flipped ? [second, first] : [first, second];
    const others = axesWhere((axis) => ![...batch, ...first, ...second].includes(axis));
    const full = reshaped(value, aligned(value.shape, rank), node.path);
    const ordered = reordered(full, [...others, ...batch, ...groups.flat()], node.path);
    return [reshaped(ordered, [...sizesOf(batch), ...groups.map((axes) => sizeOf(sizesOf(axes)))], node.path), flipped];
  };
  const [left, transposeA] = operand(x.node.inputs[0], rows, inner);
  const [right, transposeB] = operand(x.node.inputs[1], inner, columns);
  const product = emitValue("matmul", [left, right], { transposeA, transposeB, alpha: 1 }, node.path);
  // [batch, rows, columns], and then the axes of size 1: back into the order of x.
  const made = [...batch, ...rows, ...columns, ...inner, ...units];
  const sizes = [
    ...sizesOf(batch),
    ...sizesOf(rows),
    ...sizesOf(columns),
    ...inner.map(() => 1),
    ...units.map(() => 1),
  ];
  const back = x.shape.map((_, axis) => made.indexOf(axis));
  return reshaped(reordered(reshaped(product, sizes, node.path), back, node.path), node.outputs[0].shape, node.path);
};

const rules: readonly Rule[] = [flatten, rowBeforeReshape, sumOfStack, sumOfProduct];

/** Applies the rules to every node, inputs first, once. */
export function sumsAsProducts(graph: Graph): Graph {
  const uses = usesOf(graph.outputs.map(({ value }) => value));
  return rewriteGraph(graph, (node, inputs) => {
    for (const rule of rules) {
      const value = rule(node, inputs, uses);
      if (value) return [value];
    }
    return undefined;
  });
}
