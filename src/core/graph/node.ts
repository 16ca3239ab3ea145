/** Typed nodes. A graph is a set of named inputs and outputs; what it holds is what its outputs reach,
 * so code that nothing uses does not exist. */

import {
  formatShape,
  GalateaError,
  type HostArray,
  hostArrayFrom,
  numbersOf,
  type Shape,
  sameShape,
} from "../base/index.ts";
import { type AttrsOf, type OpName, opTable } from "./op-table.ts";
import { type OpDefinition, OpProblem, type TensorType } from "./ops/definition.ts";
import { layerOfLeaf, parsePlace } from "./place.ts";

export interface Node<N extends OpName = OpName> {
  readonly op: N;
  readonly attrs: AttrsOf<N>;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /**
   * The layer that the node belongs to, such as `decoder.linear1`, and behind it the stage of a training step
   * unless it is the forward one: `decoder.linear1 (backward)`. Empty where none is known. See place.ts.
   */
  readonly path: string;
}

/** One output of a node. */
export interface Value extends TensorType {
  readonly node: Node;
  readonly index: number;
}

export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
}

/** Narrows a node to one op. */
export function isOp<N extends OpName>(node: Node, op: N): node is Node<N> {
  return node.op === op;
}

/**
 * Adds a node and infers its output types.
 *
 * Where no path is given, the node belongs to the layer of the first parameter that it reads, else of the first
 * input that has one, and to the forward stage.
 * @throws GalateaError `shape` or `dtype`, with the path, where the inputs do not fit.
 */
export function emit<N extends OpName>(op: N, inputs: readonly Value[], attrs: AttrsOf<N>, path?: string): Node<N> {
  const where = path ?? pathOf(inputs);
  const definition: OpDefinition<never> = opTable[op];
  let types: readonly TensorType[];
  try {
    types = definition.infer(inputs, attrs as never);
  } catch (problem) {
    if (!(problem instanceof OpProblem)) throw problem;
    throw new GalateaError(problem.code, where, `${op}: ${problem.message}`, problem.right);
  }
  const impossible = types.find(({ shape }) => shape.some((size) => !Number.isInteger(size) || size < 0));
  if (impossible) {
    const seen = `${op}: its result would have shape ${formatShape(impossible.shape)}`;
    throw new GalateaError("shape", where, seen, "sizes are whole numbers from 0 up");
  }
  const outputs: Value[] = [];
  const node: Node<N> = { op, attrs, inputs, outputs, path: where };
  types.forEach(({ dtype, shape }, index) => {
    outputs.push({ dtype, shape, node, index });
  });
  return node;
}

/** The only output of a new node; see {@link emit}. */
export function emitValue<N extends OpName>(op: N, inputs: readonly Value[], attrs: AttrsOf<N>, path?: string): Value {
  return emit(op, inputs, attrs, path).outputs[0];
}

function pathOf(inputs: readonly Value[]): string {
  const places = inputs.map(({ node }) => ({ ...parsePlace(node.path), isInput: node.op === "input" }));
  // What an optimizer made is a parameter too: the second network of a GAN step meets the first one's.
  const parameter = places.find(({ layer, stage, isInput }) => (isInput || stage === "update") && layer !== "");
  return (parameter ?? places.find(({ layer }) => layer !== ""))?.layer ?? "";
}

/**
 * A named input of a graph. Its path is its name without the argument that it belongs to and without
 * its own last part: `params.encoder.0.weight` belongs to the layer `encoder.0`.
 */
export function inputValue(name: string, type: TensorType): Value {
  const [, ...leaf] = name.split(".");
  return emitValue("input", [], { name, dtype: type.dtype, shape: type.shape }, layerOfLeaf(leaf.join(".")));
}

/** A constant from ordinary numbers. */
export function constantValue(dtype: TensorType["dtype"], shape: Shape, numbers: ArrayLike<number>): Value {
  return constantOf({ dtype, shape }, hostArrayFrom(dtype, numbers));
}

/** A constant over an existing host array, which must not change afterwards. */
export function constantOf({ dtype, shape }: TensorType, data: HostArray): Value {
  return emitValue("constant", [], { dtype, shape, data });
}

/** Larger constants are not searched; folded ones are never larger. */
const largestUniform = 4096;

/** The number that all elements of a value are known to be, as constants and what repeats or negates them; else `undefined`. */
export function uniformConstant({ node }: Value): number | undefined {
  if (isOp(node, "constant")) {
    const { dtype, data } = node.attrs;
    if (data.length === 0 || data.length > largestUniform) return undefined;
    return data.every((element) => element === data[0]) ? numbersOf(dtype, data.slice(0, 1))[0] : undefined;
  }
  if (isOp(node, "expand") || isOp(node, "reshape")) return uniformConstant(node.inputs[0]);
  if (!isOp(node, "neg")) return undefined;
  const opposite = uniformConstant(node.inputs[0]);
  return opposite === undefined ? undefined : -opposite;
}

/** Every node that the outputs reach, inputs before users, in the order of a depth-first walk. */
export function nodesInOrder(outputs: readonly Value[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  /** The way from an output to where the walk is, and how many inputs of each node on it were entered. */
  const way: Node[] = [];
  const entered: number[] = [];
  const enter = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    way.push(node);
    entered.push(0);
  };
  for (const output of outputs) {
    enter(output.node);
    while (way.length > 0) {
      const at = way.length - 1;
      const node = way[at];
      const next = entered[at]++;
      if (next < node.inputs.length) {
        enter(node.inputs[next].node);
      } else {
        order.push(node);
        way.pop();
        entered.pop();
      }
    }
  }
  return order;
}

/** Every node of a graph, inputs before users. */
export function nodesOf(graph: Graph): readonly Node[] {
  const known = nodesByGraph.get(graph);
  if (known) return known;
  const nodes = nodesInOrder(graph.outputs.map(({ value }) => value));
  nodesByGraph.set(graph, nodes);
  return nodes;
}

/** Graphs do not change, and each is walked by several passes. */
const nodesByGraph = new WeakMap<Graph, readonly Node[]>();

/** A node over other inputs; itself where they are its own. Their types are known where none of theirs has changed. */
export function withInputs<N extends OpName>(node: Node<N>, inputs: readonly Value[]): Node<N> {
  if (inputs.every((input, i) => input === node.inputs[i])) return node;
  const sameTypes = inputs.every(({ dtype, shape }, i) => {
    return dtype === node.inputs[i].dtype && sameShape(shape, node.inputs[i].shape);
  });
  if (!sameTypes) return emit(node.op, inputs, node.attrs, node.path);
  const outputs: Value[] = [];
  const copy: Node<N> = { ...node, inputs, outputs };
  node.outputs.forEach(({ dtype, shape, index }) => {
    outputs.push({ dtype, shape, index, node: copy });
  });
  return copy;
}

/**
 * The same graph with nodes replaced: `replace` sees each node with its already replaced inputs and
 * gives its new outputs, or `undefined` to keep it.
 */
export function rewriteGraph(
  graph: Graph,
  replace: (node: Node, inputs: readonly Value[]) => readonly Value[] | undefined,
): Graph {
  /** Only what is replaced by something else. */
  const replaced = new Map<Node, readonly Value[]>();
  const current = (value: Value): Value => replaced.get(value.node)?.[value.index] ?? value;
  for (const node of nodesOf(graph)) {
    const inputs = node.inputs.some(({ node: from }) => replaced.has(from)) ? node.inputs.map(current) : node.inputs;
    const outputs = replace(node, inputs) ?? withInputs(node, inputs).outputs;
    if (outputs !== node.outputs) replaced.set(node, outputs);
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map(({ name, value }) => ({ name, value: current(value) })) };
}
