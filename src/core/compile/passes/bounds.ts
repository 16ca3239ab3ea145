/** How large numbers can become, as far as a graph's structure says it. */

import { graphOf, isOp, type Node, type Value } from "../../graph/index.ts";

/** Larger constants are not searched. */
const largestSearched = 4096;

function boundOfNode({ node, index }: Value, of: (value: Value) => number): number {
  const inputs = (): number[] => node.inputs.map(of);
  switch (node.op) {
    case "sigmoid":
    case "tanh":
    case "erf":
    case "sin":
    case "cos":
    case "less":
    case "equal":
    case "sign":
      return 1;
    case "mul":
      return inputs().reduce((product, bound) => product * bound);
    case "add":
    case "sub":
      return inputs().reduce((sum, bound) => sum + bound);
    case "neg":
    case "abs":
    case "relu":
    case "reshape":
    case "transpose":
    case "expand":
    case "slice":
    case "concat":
    case "stopGradient":
      return Math.max(...inputs());
    case "cast":
      return node.inputs[0].dtype === "bool" ? 1 : of(node.inputs[0]);
    default:
      return boundOfAttributes(node, index);
  }
}

function boundOfAttributes(node: Node, index: number): number {
  if (isOp(node, "constant")) {
    const { data } = node.attrs;
    if (data.length > largestSearched) return Number.POSITIVE_INFINITY;
    return Array.from<number | bigint, number>(data, Number).reduce((bound, x) => Math.max(bound, Math.abs(x)), 0);
  }
  if (isOp(node, "scan") && index >= node.attrs.carries) return boundOf(graphOf(node.attrs.body).outputs[index].value);
  return Number.POSITIVE_INFINITY;
}

/**
 * The largest magnitude that an element can have; infinity where that is not known.
 * @param outside what an input of a body stands for
 */
export function boundOf(value: Value, outside: ReadonlyMap<Value, Value> = new Map()): number {
  const known = new Map<Value, number>();
  const of = (one: Value): number => {
    const before = known.get(one);
    if (before !== undefined) return before;
    const read = outside.get(one);
    const bound = read ? boundOf(read) : boundOfNode(one, of);
    known.set(one, bound);
    return bound;
  };
  return of(value);
}
