/** Moves transposes to where they cancel, or become flags of matrix products.
 *
 * Ops that compute the same in any order of axes are given the order that leaves the fewest elements to transpose. A
 * transpose is then no node, but what lies between the order in which a value stands and the one in which it is read;
 * axes of size 1 stand anywhere. The search reorders one group of nodes after the other and keeps only what is
 * cheaper: no graph gets more to transpose than it had. Exact, but for the order of sums. */

import { type Shape, sameShape } from "../../base/index.ts";
import { emit, emitValue, type Graph, isOp, type Node, nodesOf, type OpName, type Value } from "../../graph/index.ts";
import { attrsIn, isAgnostic, keptAxes, type Layout, outputOrder, rankOf, transposeCost } from "./layouts.ts";

/** For each axis of a reading the axis of its root that it is; `undefined` where the size is 1. */
type Axes = readonly (number | undefined)[];

/** A value seen through transposes, and through reshapes that only add or drop axes of size 1. */
interface Origin {
  readonly root: Value;
  readonly axes: Axes;
  /** How many transposes lie between. */
  readonly transposes: number;
}

/** One reading of a root: by a node, or by an output of the graph. */
interface Use extends Origin {
  readonly reader: Node | undefined;
  readonly operand: Value;
}

/** The graph as roots and their readers, and the layouts that nodes were given; absent is the order they had. */
interface Search {
  readonly roots: readonly Value[];
  readonly usesOf: ReadonlyMap<Value, readonly Use[]>;
  readonly readsOf: ReadonlyMap<Node, readonly Use[]>;
  readonly layouts: Map<Node, Layout>;
}

/** How many nodes are given another layout together, at most, and how often all transposes are looked at. */
const largestGroup = 48;
const mostSweeps = 4;

function isMoved({ node }: Value): boolean {
  return isOp(node, "transpose") || isUnitReshape(node);
}

function nonUnit(shape: Shape): number[] {
  return shape.filter((size) => size !== 1);
}

function isUnitReshape(node: Node): boolean {
  return isOp(node, "reshape") && sameShape(nonUnit(node.inputs[0].shape), nonUnit(node.attrs.shape));
}

/** Remembers what each value is a transpose of. */
function originFinder(): (value: Value) => Origin {
  const known = new Map<Value, Origin>();
  const find = (value: Value): Origin => {
    const before = known.get(value);
    if (before) return before;
    const origin = isMoved(value) ? through(value.node, find(value.node.inputs[0])) : rootOf(value);
    known.set(value, origin);
    return origin;
  };
  return find;
}

function rootOf(root: Value): Origin {
  return { root, axes: root.shape.map((size, axis) => (size === 1 ? undefined : axis)), transposes: 0 };
}

function through(node: Node, { root, axes, transposes }: Origin): Origin {
  if (isOp(node, "transpose")) {
    return { root, axes: node.attrs.permutation.map((axis) => axes[axis]), transposes: transposes + 1 };
  }
  const moving = axes.filter((axis) => axis !== undefined);
  const unit = node.outputs[0].shape.map((size) => size === 1);
  return { root, axes: unit.map((isUnit) => (isUnit ? undefined : moving.shift())), transposes };
}

function searchOf(graph: Graph): Search {
  const find = originFinder();
  const usesOf = new Map<Value, Use[]>();
  const readsOf = new Map<Node, Use[]>();
  const read = (operand: Value, reader: Node | undefined): Use => {
    const use = { ...find(operand), reader, operand };
    usesOf.set(use.root, [...(usesOf.get(use.root) ?? []), use]);
    return use;
  };
  for (const node of nodesOf(graph)) {
    if (node.outputs.some(isMoved)) continue;
    readsOf.set(
      node,
      node.inputs.map((operand) => read(operand, node)),
    );
  }
  for (const { value } of graph.outputs) read(value, undefined);
  return { roots: [...usesOf.keys()], usesOf, readsOf, layouts: new Map() };
}

function layoutOf({ layouts }: Search, node: Node): Layout {
  return layouts.get(node) ?? Array.from({ length: rankOf(node) }, (_, axis) => axis);
}

/** The axes of a reading in the order in which its reader wants them, counted in the root's own order. */
function wantedAxes(search: Search, { reader, axes }: Use): Axes {
  const layout = reader && search.layouts.get(reader);
  if (!layout) return axes;
  const missing = layout.length - axes.length;
  return layout.map((axis) => axes[axis - missing]);
}

/** Where each axis that a reader wants stands in the root as it is laid out now. */
function placesOf(search: Search, use: Use): Axes {
  const layout = search.layouts.get(use.root.node);
  const wanted = wantedAxes(search, use);
  if (!layout) return wanted;
  const order = outputOrder(use.root.node, layout);
  return wanted.map((axis) => (axis === undefined ? undefined : order.indexOf(axis)));
}

function defined(places: Axes): number[] {
  return places.filter((place) => place !== undefined);
}

function ascends(places: readonly number[]): boolean {
  return places.every((place, i) => i === 0 || place > places[i - 1]);
}

/** Whether places ascend once the last two have changed theirs. */
function swapsLastTwo(places: Axes): boolean {
  const [before, last] = places.slice(-2);
  return (
    before !== undefined &&
    last !== undefined &&
    before > last &&
    ascends(defined([...places.slice(0, -2), last, before]))
  );
}

/** The transposes that the readings of a root take, those that become flags of products left out. */
function costOf(search: Search, root: Value): number {
  const uses = search.usesOf.get(root) ?? [];
  const transposes = new Map<string, { folds: boolean; movesLast: boolean }>();
  let straight = 0;
  let swaps = 0;
  for (const use of uses) {
    const places = placesOf(search, use);
    const moving = defined(places);
    if (ascends(moving)) {
      straight++;
      continue;
    }
    const key = moving.join();
    const folds = use.reader?.op === "matmul" && swapsLastTwo(places);
    const movesLast = moving.at(-1) !== Math.max(...moving);
    transposes.set(key, { folds: folds && transposes.get(key)?.folds !== false, movesLast });
    if (swapsLastTwo(places) && places.every((place, i) => (place === undefined) === (root.shape[i] === 1))) swaps++;
  }
  // A product whose readers all want it transposed exchanges its operands.
  if (root.node.op === "matmul" && straight === 0 && swaps === uses.length && transposes.size === 1) return 0;
  let cost = 0;
  for (const { folds, movesLast } of transposes.values()) if (!folds) cost += transposeCost(root, movesLast);
  return cost;
}

/** The layout of a use's reader in which nothing is to be transposed for it. */
function layoutForReader(search: Search, use: Use, reader: Node): Layout {
  const layout = layoutOf(search, reader);
  const missing = layout.length - use.axes.length;
  const order = search.layouts.has(use.root.node)
    ? outputOrder(use.root.node, layoutOf(search, use.root.node))
    : undefined;
  const placeOf = (axis: number): number | undefined => {
    const own = use.axes[axis - missing];
    return own === undefined || !order ? own : order.indexOf(own);
  };
  const slots = layout.flatMap((axis, slot) => (placeOf(axis) === undefined ? [] : [slot]));
  const sorted = slots.map((slot) => layout[slot]).sort((a, b) => (placeOf(a) ?? 0) - (placeOf(b) ?? 0));
  return filled(layout, slots, sorted);
}

/** The layout of a use's root in which nothing is to be transposed for the use. */
function layoutForRoot(search: Search, use: Use): Layout {
  const { node } = use.root;
  const layout = layoutOf(search, node);
  const kept = keptAxes(node);
  const wanted = defined(wantedAxes(search, use)).map((axis) => kept[axis]);
  const slots = layout.flatMap((axis, slot) => (wanted.includes(axis) ? [slot] : []));
  return filled(layout, slots, wanted);
}

function filled(layout: Layout, slots: readonly number[], axes: readonly number[]): Layout {
  const next = [...layout];
  slots.forEach((slot, i) => {
    next[slot] = axes[i];
  });
  return next;
}

interface Move {
  readonly node: Node;
  readonly layout: Layout;
}

/** What a group of moves saves; less than 0. */
interface Plan {
  readonly moves: readonly Move[];
  readonly change: number;
}

/**
 * Gives some nodes their layouts, then one after the other the neighbors to which that would put a transpose;
 * gives the cheapest beginning of that sequence, if it saves anything. The search stays as it was.
 */
function tryGroup(search: Search, start: readonly Move[]): Plan | undefined {
  const { layouts, usesOf, readsOf } = search;
  const before = new Map<Node, Layout | undefined>();
  const costs = new Map<Value, { readonly old: number; now: number }>();
  const queue = [...start];
  const done: Move[] = [];
  let change = 0;
  let best = { length: 0, change: 0 };
  for (let next = queue.shift(); next && done.length < largestGroup; next = queue.shift()) {
    const { node, layout } = next;
    if (before.has(node)) continue;
    const reads = readsOf.get(node) ?? [];
    const [own] = node.outputs;
    const touched = [...new Set([own, ...reads.map(({ root }) => root)])];
    for (const root of touched) {
      if (!costs.has(root)) {
        const old = costOf(search, root);
        costs.set(root, { old, now: old });
      }
    }
    before.set(node, layouts.get(node));
    layouts.set(node, layout);
    done.push(next);
    for (const root of touched) {
      const entry = costs.get(root) as { readonly old: number; now: number };
      const now = costOf(search, root);
      change += now - entry.now;
      entry.now = now;
    }
    if (change < best.change) best = { length: done.length, change };
    for (const use of reads) {
      const move = { node: use.root.node, layout: layoutForRoot(search, use) };
      if (isAgnostic(use.root.node) && !before.has(use.root.node) && isNew(search, move)) queue.push(move);
    }
    for (const use of usesOf.get(own) ?? []) {
      if (!use.reader || !isAgnostic(use.reader) || before.has(use.reader)) continue;
      const move = { node: use.reader, layout: layoutForReader(search, use, use.reader) };
      if (isNew(search, move)) queue.push(move);
    }
  }
  for (const [node, layout] of before) {
    if (layout) layouts.set(node, layout);
    else layouts.delete(node);
  }
  return best.length === 0 ? undefined : { moves: done.slice(0, best.length), change: best.change };
}

function isNew(search: Search, { node, layout }: Move): boolean {
  return !sameShape(layout, layoutOf(search, node));
}

/** The best way to do without a transpose of a root. */
function bestPlan(search: Search, root: Value): Plan | undefined {
  const starts: Move[][] = [];
  const readers = new Map<string, Move[]>();
  for (const use of search.usesOf.get(root) ?? []) {
    const moving = defined(placesOf(search, use));
    if (ascends(moving)) continue;
    if (isAgnostic(root.node)) starts.push([{ node: root.node, layout: layoutForRoot(search, use) }]);
    if (!use.reader || !isAgnostic(use.reader)) continue;
    const move = { node: use.reader, layout: layoutForReader(search, use, use.reader) };
    starts.push([move]);
    readers.set(moving.join(), [...(readers.get(moving.join()) ?? []), move]);
  }
  const together = [...readers.values()].filter((moves) => moves.length > 1);
  const plans = [...starts, ...together].flatMap((start) => tryGroup(search, start) ?? []);
  return plans.reduce<Plan | undefined>((best, plan) => (best && best.change <= plan.change ? best : plan), undefined);
}

/** Takes plans as long as they save something. */
function findLayouts(search: Search): void {
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let saved = false;
    for (const root of search.roots) {
      if (costOf(search, root) === 0) continue;
      const plan = bestPlan(search, root);
      for (const { node, layout } of plan?.moves ?? []) search.layouts.set(node, layout);
      saved ||= plan !== undefined;
    }
    if (!saved) return;
  }
}

/** Writes the graph anew, each node in its layout, with a transpose where a reader wants another one. */
function rebuild(graph: Graph, search: Search): Graph {
  const made = new Map<Node, readonly Value[]>();
  const transposed = new Map<Value, Map<string, Value>>();
  const read = (use: Use, shape: Shape): Value => {
    const { node, index } = use.root;
    const value = (made.get(node) as readonly Value[])[index];
    const places = placesOf(search, use);
    if (ascends(defined(places))) return reshaped(value, shape);
    // A product takes its transpose as a flag; all others share one, under whatever shape.
    if (use.reader?.op === "matmul" && swapsLastTwo(places)) return transposedTo(value, places, shape);
    const orders = transposed.get(value) ?? new Map<string, Value>();
    const order = defined(places).join();
    const known = orders.get(order) ?? transposedTo(value, places, shape);
    transposed.set(value, orders.set(order, known));
    return reshaped(known, shape);
  };
  for (const node of nodesOf(graph)) {
    const uses = search.readsOf.get(node);
    if (!uses) continue;
    const layout = search.layouts.get(node);
    const operands = uses.map((use) => {
      const { shape } = use.operand;
      const missing = layout ? layout.length - shape.length : 0;
      return read(use, layout ? layout.map((axis) => shape[axis - missing] ?? 1) : shape);
    });
    const unchanged = !layout && operands.every((operand, i) => operand === node.inputs[i]);
    const attrs = layout ? attrsIn(node, layout) : node.attrs;
    made.set(node, unchanged ? node.outputs : emit<OpName>(node.op, operands, attrs, node.path).outputs);
  }
  const find = originFinder();
  return {
    inputs: graph.inputs,
    outputs: graph.outputs.map(({ name, value }) => ({
      name,
      value: read({ ...find(value), reader: undefined, operand: value }, value.shape),
    })),
  };
}

function reshaped(value: Value, shape: Shape): Value {
  return sameShape(value.shape, shape) ? value : emitValue("reshape", [value], { shape });
}

/** A value with its axes at given places, axes of size 1 added or dropped to give a shape. */
function transposedTo(value: Value, places: Axes, shape: Shape): Value {
  const slots = places.flatMap((place, slot) => (place === undefined ? [] : [slot]));
  const ordered = defined(places).sort((a, b) => a - b);
  // The value's own axes in its order stand in the slots; then each slot takes the one that belongs there.
  const own = filled(
    shape,
    slots,
    ordered.map((place) => value.shape[place]),
  );
  const permutation = places.map((place, slot) => (place === undefined ? slot : slots[ordered.indexOf(place)]));
  return emitValue("transpose", [reshaped(value, own)], { permutation });
}

/** Gives nodes the layouts that leave the fewest elements to transpose. */
export function pushTransposes(graph: Graph): Graph {
  const search = searchOf(graph);
  findLayouts(search);
  const cancels = [...search.usesOf.values()].some((uses) => uses.some(({ transposes }) => transposes > 1));
  return search.layouts.size === 0 && !cancels ? graph : rebuild(graph, search);
}
