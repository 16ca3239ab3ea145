/** How ops compute on axes in another order: what the pass that moves transposes knows of each op. */

import { sizeOf } from "../../base/index.ts";
import { type AttrsOf, isElementwise, isOp, type Node, type OpName, type Value } from "../../graph/index.ts";

/** For each axis of a node, in the new order, which axis of the old order it is. */
export type Layout = readonly number[];

/** The attributes of an op whose axes stand in another order. */
const reordered: { readonly [N in OpName]?: (attrs: AttrsOf<N>, layout: Layout) => AttrsOf<N> } = {
  reduceSum: (attrs, layout) => ({ ...attrs, axes: placesOf(attrs.axes, layout) }),
  reduceMax: (attrs, layout) => ({ ...attrs, axes: placesOf(attrs.axes, layout) }),
  concat: ({ axis }, layout) => ({ axis: layout.indexOf(axis) }),
  reverse: ({ axes }, layout) => ({ axes: placesOf(axes, layout) }),
  expand: ({ shape }, layout) => ({ shape: layout.map((axis) => shape[axis]) }),
  slice: ({ starts, sizes, steps }, layout) => ({
    starts: layout.map((axis) => starts[axis]),
    sizes: layout.map((axis) => sizes[axis]),
    ...(steps && { steps: layout.map((axis) => steps[axis]) }),
  }),
  pad: (attrs, layout) => ({
    ...attrs,
    low: layout.map((axis) => attrs.low[axis]),
    high: layout.map((axis) => attrs.high[axis]),
  }),
};

/** Where axes stand in a layout, ascending. */
function placesOf(axes: readonly number[], layout: Layout): number[] {
  return layout.flatMap((axis, place) => (axes.includes(axis) ? [place] : []));
}

/** Whether an op computes the same whatever order its axes stand in, its attributes adapted. */
export function isAgnostic({ op, outputs }: Node): boolean {
  return outputs.length === 1 && (isElementwise(op) || op in reordered);
}

/** The attributes of an agnostic node in another layout. */
export function attrsIn(node: Node, layout: Layout): AttrsOf<OpName> {
  const adapt = reordered[node.op] as ((attrs: unknown, layout: Layout) => AttrsOf<OpName>) | undefined;
  return adapt ? adapt(node.attrs, layout) : node.attrs;
}

/** The axes that a layout of a node orders: those of its output, and those that a reduction takes away. */
export function rankOf(node: Node): number {
  return isReducing(node) ? node.inputs[0].shape.length : node.outputs[0].shape.length;
}

/** For each axis of a node's output which of the axes that a layout orders it is. */
export function keptAxes(node: Node): readonly number[] {
  const axes = Array.from({ length: rankOf(node) }, (_, axis) => axis);
  if (!isReducing(node)) return axes;
  const { axes: reduced } = node.attrs as AttrsOf<"reduceSum">;
  return axes.filter((axis) => !reduced.includes(axis));
}

/** The axes of a node's output in the order in which a layout of the node gives them. */
export function outputOrder(node: Node, layout: Layout): readonly number[] {
  const kept = keptAxes(node);
  return layout.flatMap((axis) => (kept.includes(axis) ? [kept.indexOf(axis)] : []));
}

/** Whether a node's output lacks axes that its input has. */
function isReducing(node: Node): boolean {
  return (isOp(node, "reduceSum") || isOp(node, "reduceMax")) && !node.attrs.keepDims;
}

/** Constants of this size or less are put into another order while compiling. */
const largestFolded = 4096;

/** What a transpose of a value costs, in copied elements; that of the last axis reads or writes far apart. */
export function transposeCost({ node: { op }, shape }: Value, movesLast: boolean): number {
  const size = sizeOf(shape);
  if (size === 0 || (op === "constant" && size <= largestFolded)) return 0;
  return size * (movesLast ? 2 : 1) + nodeCost;
}

/** What any node costs, in elements that are copied in the same time. */
const nodeCost = 512;
