/** Common subexpressions: equal nodes over equal inputs become one. */

import {
  attrsText,
  type Graph,
  type OpDefinition,
  opTable,
  rewriteGraph,
  type Value,
  withInputs,
} from "../../graph/index.ts";

/** Gives every value a number, so that nodes can be compared as text. */
function numbering(): (value: Value) => number {
  const numbers = new Map<Value, number>();
  return (value) => {
    const known = numbers.get(value) ?? numbers.size;
    numbers.set(value, known);
    return known;
  };
}

/** Merges nodes with equal op, attributes and inputs; where order does not matter, in any order. */
export function shareSubexpressions(graph: Graph): Graph {
  const numberOf = numbering();
  const seen = new Map<string, readonly Value[]>();
  return rewriteGraph(graph, (node, inputs) => {
    if (node.op === "input") return undefined;
    const numbers = inputs.map(numberOf);
    const definition: OpDefinition<never> = opTable[node.op];
    if (definition.commutative) numbers.sort((a, b) => a - b);
    const key = `${node.op}(${numbers.join()})${attrsText(node)}`;
    const known = seen.get(key);
    if (known) return known;
    const { outputs } = withInputs(node, inputs);
    seen.set(key, outputs);
    return outputs;
  });
}
