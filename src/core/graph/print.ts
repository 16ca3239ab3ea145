/** Graphs as text, for people and for golden tests. */

import { formatShape, numbersOf } from "../base/index.ts";
import { type Graph, isOp, type Node, nodesOf, type Value } from "./node.ts";
import type { TensorType } from "./ops/definition.ts";

function formatType({ dtype, shape }: TensorType): string {
  return `${dtype}${formatShape(shape)}`;
}

function formatAttribute(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatAttribute).join(", ")}]`;
  return Object.is(value, -0) ? "-0" : String(value);
}

function formatAttrs(node: Node): string {
  if (isOp(node, "constant")) {
    const { dtype, data } = node.attrs;
    const first = data.slice(0, 6);
    const shown = Array.from(dtype === "float16" ? numbersOf(dtype, first) : first, formatAttribute).join(", ");
    return `{${shown}${data.length > 6 ? ", ..." : ""}}`;
  }
  if (isOp(node, "input")) return `"${node.attrs.name}"`;
  const attrs = Object.entries(node.attrs).map(([name, value]) => `${name}=${formatAttribute(value)}`);
  return attrs.length > 0 ? `{${attrs.join(", ")}}` : "";
}

/**
 * One line a node: `%3 = matmul(%1, %2) {transposeB=true} : float32[128, 10]  # decoder.linear1`.
 */
export function printGraph(graph: Graph): string {
  const names = new Map<Value, string>();
  const lines: string[] = [];
  for (const node of nodesOf(graph)) {
    for (const output of node.outputs) names.set(output, `%${names.size}`);
    const inputs = node.inputs.map((input) => names.get(input)).join(", ");
    const left = node.outputs.map((output) => names.get(output)).join(", ");
    const attrs = formatAttrs(node);
    lines.push(
      `${left} = ${node.op}(${inputs})${attrs ? ` ${attrs}` : ""} : ${node.outputs.map(formatType).join(", ")}` +
        `${node.path ? `  # ${node.path}` : ""}`,
    );
  }
  for (const { name, value } of graph.outputs) lines.push(`return ${name} = ${names.get(value)}`);
  return `${lines.join("\n")}\n`;
}
