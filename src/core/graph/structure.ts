/** What a node or a graph computes, as text: equal texts over equal inputs mean equal results. Names and layer
 * paths do not count. */

import type { HostArray } from "../base/index.ts";
import { bodiesOf } from "./bodies.ts";
import { type Graph, isOp, type Node, nodesOf, type Value } from "./node.ts";

/** Larger constants are compared by identity. */
const largestCompared = 256;

const arrayNumbers = new WeakMap<HostArray, number>();
const graphTexts = new WeakMap<Graph, string>();
let arrays = 0;

function identityOf(array: HostArray): number {
  const known = arrayNumbers.get(array) ?? arrays++;
  arrayNumbers.set(array, known);
  return known;
}

/** Object.is tells -0 from 0, and so must the text: 1 / -0 is not 1 / 0. */
function numberText(number: number | bigint): string {
  return Object.is(number, -0) ? "-0" : String(number);
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

/** The attributes of a node, of which inputs have none to compare. */
export function attrsText(node: Node): string {
  if (isOp(node, "input")) return "";
  if (isOp(node, "constant")) {
    const { dtype, shape, data } = node.attrs;
    const elements = data.length > largestCompared ? `#${identityOf(data)}` : [...data].map(numberText).join();
    return `${dtype}[${shape.join()}]{${elements}}`;
  }
  const bodies = bodiesOf(node);
  const plain = { ...node.attrs, ...Object.fromEntries(bodies.map(([name]) => [name, undefined])) };
  const text = attributeText(plain);
  return bodies.length === 0 ? text : `${text}${bodies.map(([name, body]) => `${name}:${graphText(body)}`).join()}`;
}

/** A graph, its inputs known by their places. */
export function graphText(graph: Graph): string {
  const known = graphTexts.get(graph);
  if (known !== undefined) return known;
  const numbers = new Map<Value, number>();
  const numberOf = (value: Value): number => numbers.get(value) ?? -1;
  for (const input of graph.inputs) numbers.set(input, numbers.size);
  const lines = [graph.inputs.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join(" ")];
  for (const node of nodesOf(graph)) {
    if (node.op === "input") continue;
    for (const output of node.outputs) numbers.set(output, numbers.size);
    lines.push(`${node.op}(${node.inputs.map(numberOf).join()})${attrsText(node)}`);
  }
  const text = `[${lines.join("\n")}\n${graph.outputs.map(({ value }) => numberOf(value)).join()}]`;
  graphTexts.set(graph, text);
  return text;
}
