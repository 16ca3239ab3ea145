/** Common subexpressions: equal nodes over equal inputs become one. */

import {
  type Graph,
  isOp,
  type Node,
  type OpDefinition,
  opTable,
  rewriteGraph,
  type Value,
} from "../../graph/index.ts";

/** Constants above this size are compared by identity only. */
const largestCompared = 256;

/** Gives every value a number, so that nodes can be compared as text. */
function numbering(): (value: Value) => number {
  const numbers = new Map<Value, number>();
  return (value) => {
    const known = numbers.get(value) ?? numbers.size;
    numbers.set(value, known);
    return known;
  };
}

function attrsKey(node: Node): string | undefined {
  if (isOp(node, "input")) return undefined;
  // JSON writes NaN and infinity alike.
  if (!isOp(node, "constant")) {
    return JSON.stringify(node.attrs, (_, value: unknown) => (typeof value === "number" ? numberText(value) : value));
  }
  const { dtype, shape, data } = node.attrs;
  if (data.length > largestCompared) return undefined;
  return `${dtype}[${shape.join()}]{${[...data].map(numberText).join()}}`;
}

/** Object.is tells -0 from 0, and so must the key: 1 / -0 is not 1 / 0. */
function numberText(number: number | bigint): string {
  return Object.is(number, -0) ? "-0" : String(number);
}

/** Merges nodes with equal op, attributes and inputs; where order does not matter, in any order. */
export function shareSubexpressions(graph: Graph): Graph {
  const numberOf = numbering();
  const seen = new Map<string, readonly Value[]>();
  return rewriteGraph(graph, (node, inputs) => {
    const attrs = attrsKey(node);
    if (attrs === undefined) return undefined;
    const numbers = inputs.map(numberOf);
    const definition: OpDefinition<never> = opTable[node.op];
    if (definition.commutative) numbers.sort((a, b) => a - b);
    const key = `${node.op}(${numbers.join()})${attrs}`;
    const known = seen.get(key);
    if (known) return known;
    const unchanged = inputs.every((input, i) => input === node.inputs[i]);
    const outputs = unchanged ? node.outputs : rebuild(node, inputs);
    seen.set(key, outputs);
    return outputs;
  });
}

function rebuild(node: Node, inputs: readonly Value[]): readonly Value[] {
  const outputs: Value[] = [];
  const copy: Node = { ...node, inputs, outputs };
  for (const output of node.outputs) outputs.push({ ...output, node: copy });
  return outputs;
}
