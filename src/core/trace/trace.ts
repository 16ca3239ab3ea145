/** Tracing: running a function once on tensors without numbers, and keeping the graph that it makes. */

import { GalateaError, leavesOf, type MapLeaves, mapTree, type Tree } from "../base/index.ts";
import { type Graph, inputValue, nodesOf, type TensorType } from "../graph/index.ts";
import { Tensor } from "./tensor.ts";

/** Named arguments of a traced function, as types. */
export type ArgumentTypes = Readonly<Record<string, Tree<TensorType>>>;

/** What a traced function gives back: a tree of tensors. */
export type TensorTree = Tree<Tensor>;

export interface Traced<Out> {
  readonly graph: Graph;
  /** The function's result, with tensors: the structure into which outputs are put back. */
  readonly output: Out;
}

/** The types of a tree of tensors. */
export function typesOf<T extends TensorTree>(tree: T): MapLeaves<T, Tensor, TensorType> {
  const types: Tree<TensorType> = mapTree<Tensor, TensorType>(tree, ({ dtype, shape }) => ({ dtype, shape }));
  return types as MapLeaves<T, Tensor, TensorType>;
}

/**
 * Traces a function of named arguments.
 *
 * Graph inputs are the leaves of all arguments in order, each named by its path
 * (`params.encoder.0.weight`); outputs are the leaves of the result in order.
 * @throws GalateaError `shape` or `dtype`, naming the layer path, where tensors do not fit; `usage` where a tensor of
 * a loop's step, or of another traced function, is used.
 */
export function trace<A extends ArgumentTypes, Out extends TensorTree>(
  types: A,
  fn: (args: MapLeaves<A, TensorType, Tensor>) => Out,
): Traced<Out> {
  const inputs: Tensor[] = [];
  const args = mapTree<TensorType, Tensor>(types, (type, path) => {
    const input = new Tensor(inputValue(path, type));
    inputs.push(input);
    return input;
  });
  const output = fn(args as MapLeaves<A, TensorType, Tensor>);
  const outputs = leavesOf<Tensor>(output).map(({ path, value }) => ({ name: path || "output", value: value.value }));
  const graph: Graph = { inputs: inputs.map(({ value }) => value), outputs };
  requireOwnInputs(graph);
  return { graph, output };
}

/** What a loop's step computes exists only inside of it. */
function requireOwnInputs(graph: Graph): void {
  const own = new Set(graph.inputs.map(({ node }) => node));
  const foreign = nodesOf(graph).find((node) => node.op === "input" && !own.has(node));
  if (!foreign) return;
  const seen = "a tensor of a loop's step is used outside of it";
  throw new GalateaError("usage", foreign.path, seen, "return it from the step");
}
