/** What a pass does to a traced function, as text. */

import type { TensorType } from "../../src/core/graph/index.ts";
import { type Graph, printGraph, verifyGraph } from "../../src/core/graph/index.ts";
import { type Tensor, trace } from "../../src/core/trace/index.ts";

/** Types of a function's arguments: a shape stands for float32. */
export type Types = Readonly<Record<string, readonly number[] | TensorType>>;

/** The graph of a function of tensors. */
export function graphOf<T extends Types>(
  types: T,
  fn: (args: { readonly [K in keyof T]: Tensor }) => Tensor | Readonly<Record<string, Tensor>>,
): Graph {
  const typed = Object.entries(types).map(([name, type]) => [
    name,
    "dtype" in type ? type : { dtype: "float32", shape: type },
  ]);
  return trace(Object.fromEntries(typed) as Record<string, TensorType>, fn as never).graph;
}

/** The printed graph before and after a pass, or that it is unchanged. */
export function showPass<T extends Types>(
  pass: (graph: Graph) => Graph,
  types: T,
  fn: (args: { readonly [K in keyof T]: Tensor }) => Tensor | Readonly<Record<string, Tensor>>,
): string {
  const graph = graphOf(types, fn);
  const before = printGraph(graph);
  const after = printGraph(verifyGraph(pass(graph), "the pass"));
  return after === before ? `${before}(unchanged)\n` : `${before}=>\n${after}`;
}
