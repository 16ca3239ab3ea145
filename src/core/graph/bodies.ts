/** Graphs inside nodes: the bodies of loops. A body is closed: it reads its own inputs and constants alone, so
 * that a walk over a graph need not enter it, and a pass runs on it as on any graph. */

import { emit, emitValue, type Graph, type Node, nodesInOrder, nodesOf, rewriteGraph, type Value } from "./node.ts";
import type { Body } from "./ops/definition.ts";

function isBody(attribute: unknown): attribute is Body {
  return typeof attribute === "object" && attribute !== null && "inputs" in attribute && "outputs" in attribute;
}

/** A body as the graph that it is; the op table, on which nodes are built, sees only its types. */
export function graphOf(body: Body): Graph {
  return body as Graph;
}

/** The graphs that a node holds, by the names of their attributes. */
export function bodiesOf({ attrs }: Node): readonly (readonly [name: string, body: Graph])[] {
  const known = bodiesByAttrs.get(attrs);
  if (known) return known;
  const bodies = Object.entries(attrs).flatMap(([name, value]) =>
    isBody(value) ? [[name, graphOf(value)] as const] : [],
  );
  bodiesByAttrs.set(attrs, bodies);
  return bodies;
}

const bodiesByAttrs = new WeakMap<object, readonly (readonly [name: string, body: Graph])[]>();

/** The same graph with `change` made to every body, bodies inside bodies included; inner ones come first. */
export function changeBodies(graph: Graph, change: (body: Graph) => Graph): Graph {
  if (!nodesOf(graph).some((node) => bodiesOf(node).length > 0)) return graph;
  const changed = new Map<Graph, Graph>();
  const changeOnce = (body: Graph): Graph => {
    const known = changed.get(body) ?? change(changeBodies(body, change));
    changed.set(body, known);
    return known;
  };
  return rewriteGraph(graph, (node, inputs) => {
    const bodies = bodiesOf(node).map(([name, body]) => ({ name, before: body, after: changeOnce(body) }));
    if (bodies.every(({ before, after }) => before === after)) return undefined;
    const attrs = { ...node.attrs, ...Object.fromEntries(bodies.map(({ name, after }) => [name, after])) };
    return emit(node.op, inputs, attrs as never, node.path).outputs;
  });
}

/** Values with others put in the place of what they were computed from; what is not concerned stays as it is. */
export function substitute(values: readonly Value[], replacements: ReadonlyMap<Value, Value>): Value[] {
  const rebuilt = new Map<Node, readonly Value[]>();
  const current = (value: Value): Value =>
    replacements.get(value) ?? (rebuilt.get(value.node) ?? value.node.outputs)[value.index];
  for (const node of nodesInOrder(values)) {
    const inputs = node.inputs.map(current);
    if (inputs.every((input, i) => input === node.inputs[i])) continue;
    rebuilt.set(node, emit(node.op, inputs, node.attrs, node.path).outputs);
  }
  return values.map(current);
}

/** What a body computes from the given values, as part of the graph that they belong to. */
export function inlineBody(body: Graph, inputs: readonly Value[]): Value[] {
  return substitute(
    body.outputs.map(({ value }) => value),
    new Map(body.inputs.map((input, i) => [input, inputs[i]])),
  );
}

/** The nodes of a walk, in its order, that depend on one of the given values. */
export function dependents(order: readonly Node[], on: Iterable<Value>): Set<Node> {
  const sources = new Set(on);
  const found = new Set<Node>();
  for (const node of order) {
    const depends = node.inputs.some((input) => sources.has(input) || found.has(input.node));
    if (depends) found.add(node);
  }
  return found;
}

/** An input of a body. Layer paths come from parameters: of a body's inputs, from invariants alone. */
export function bodyInput(name: string, { dtype, shape }: Pick<Value, "dtype" | "shape">, path = ""): Value {
  return emitValue("input", [], { name, dtype, shape }, path);
}

/**
 * The body that computes `outputs` from `inputs`, and the values around it that it also reads: they become
 * further inputs, in the order of `outer`. Constants are among them, as somebody may want the gradient by one.
 */
export function closeBody(
  inputs: readonly Value[],
  outputs: Graph["outputs"],
): { readonly body: Graph; readonly outer: readonly Value[] } {
  const results = outputs.map(({ value }) => value);
  const order = nodesInOrder(results);
  const own = new Set(inputs);
  const inner = dependents(order, inputs);
  const outer = new Map<Value, Value>();
  const read = (value: Value): void => {
    if (own.has(value) || inner.has(value.node) || outer.has(value)) return;
    outer.set(value, bodyInput(`outer.${outer.size}`, value, value.node.path));
  };
  for (const node of order) if (inner.has(node)) node.inputs.forEach(read);
  results.forEach(read);
  const closed = substitute(results, outer);
  const body: Graph = {
    inputs: [...inputs, ...outer.values()],
    outputs: outputs.map(({ name }, i) => ({ name, value: closed[i] })),
  };
  return { body, outer: [...outer.keys()] };
}
