/** Common subexpressions: equal nodes over equal inputs become one. */

import {
  type Graph,
  isOp,
  type Node,
  type OpDefinition,
  opTable,
  rewriteGraph,
  type Value,
  withInputs,
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
  if (!isOp(node, "constant")) return attributeText(node.attrs);
  const { dtype, shape, data } = node.attrs;
  if (data.length > largestCompared) return undefined;
  return `${dtype}[${shape.join()}]{${[...data].map(numberText).join()}}`;
}

/** Unlike JSON it tells NaN from infinity and 0 from -0. */
function attributeText(value: unknown): string {
  if (typeof value === "number") return numberText(value);
  if (Array.isArray(value)) return `[${value.map(attributeText).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  let text = "";
  for (const [name, part] of Object.entries(value)) text += `${name}:${attributeText(part)},`;
  return `{${text}}`;
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
    const { outputs } = withInputs(node, inputs);
    seen.set(key, outputs);
    return outputs;
  });
}
