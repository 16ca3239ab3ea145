/** A graph as an ONNX model. */

import { type Graph, isOp, type Node, nodesOf, type OpName, type Value } from "../../graph/index.ts";
import { OnnxBuilder } from "./builder.ts";
import { isMatrixProduct, lowerMatrixProduct } from "./lowerings/linear-algebra.ts";
import type { LoweringContext, LoweringTarget } from "./lowerings/lowering.ts";
import { lowerings } from "./lowerings.ts";
import { inputName, outputName } from "./names.ts";
import { fileOrder } from "./order.ts";
import type { OnnxModel, OnnxValue } from "./writer.ts";

/** Operator sets: the standard one of ONNX 1.16, and the runtime's own. */
const opsetVersions: Readonly<Record<string, number>> = { "": 21, "com.microsoft": 1 };

/** Matrix products to which one row is added and that nothing else uses: product -> sum. */
function fusedBiases(graph: Graph): Map<Node, Node> {
  const users = new Map<Node, Node[]>();
  const nodes = nodesOf(graph);
  for (const node of nodes) {
    for (const input of node.inputs) users.set(input.node, [...(users.get(input.node) ?? []), node]);
  }
  const returned = new Set(graph.outputs.map(({ value }) => value.node));
  const fused = new Map<Node, Node>();
  for (const node of nodes) {
    if (node.op !== "add") continue;
    const product = node.inputs.find((input) => isMatrixProduct(input) && users.get(input.node)?.length === 1);
    const bias = node.inputs.find((input) => input !== product);
    if (!product || !bias || returned.has(product.node)) continue;
    const columns = product.shape[1];
    const isRow =
      bias.shape.length === 1 ? bias.shape[0] === columns : bias.shape[0] === 1 && bias.shape[1] === columns;
    if (isRow && bias.shape.length <= 2 && product.shape.length === node.outputs[0].shape.length) {
      fused.set(product.node, node);
    }
  }
  return fused;
}

/** An output that is a copy of a value which has another name. */
interface Copy {
  readonly value: Value;
  readonly index: number;
}

/**
 * Gives each output value its name in the file, so that the node that computes it writes it there. The outputs left
 * are copies: of an input, a constant or an output before them; they come by the node that they are of.
 */
function nameOutputs(graph: Graph, names: Map<Value, string>): Map<Node, Copy[]> {
  const copies = new Map<Node, Copy[]>();
  graph.outputs.forEach(({ value }, index) => {
    if (names.has(value) || value.node.op === "constant") {
      copies.set(value.node, [...(copies.get(value.node) ?? []), { value, index }]);
    } else names.set(value, outputName(index));
  });
  return copies;
}

/**
 * Lowers a graph to an ONNX model whose inputs are `input_0`, `input_1`, ... and outputs `output_0`, ...
 * in the graph's order. Every input is declared, used or not.
 */
export function lowerGraph(graph: Graph, target: LoweringTarget, name = "galatea"): OnnxModel {
  const onnx = new OnnxBuilder();
  const names = new Map<Value, string>();
  graph.inputs.forEach((value, index) => {
    names.set(value, inputName(index));
  });
  const nameOf = (value: Value): string => {
    const known = names.get(value);
    if (known !== undefined) return known;
    const { node } = value;
    const fresh = isOp(node, "constant")
      ? onnx.constant(node.attrs.dtype, node.attrs.shape, node.attrs.data)
      : onnx.freshName(node.op);
    names.set(value, fresh);
    return fresh;
  };
  const contextOf = (node: Node, outputs: readonly Value[]): LoweringContext<never> => {
    onnx.from({ op: node.op, path: node.path });
    return {
      onnx,
      target,
      attrs: node.attrs as never,
      inputs: node.inputs.map(nameOf),
      types: node.inputs,
      output: nameOf(outputs[0]),
      type: outputs[0],
      outputs: outputs.map(nameOf),
      path: node.path,
    };
  };
  const copies = nameOutputs(graph, names);
  const fused = fusedBiases(graph);
  const sums = new Map([...fused].map(([product, sum]) => [sum, product]));
  const lowerNode = (node: Node): void => {
    if (node.op === "input" || node.op === "constant" || fused.has(node)) return;
    const product = sums.get(node);
    if (product) {
      const bias = node.inputs.filter((input) => input.node !== product).map(nameOf);
      lowerMatrixProduct(contextOf(product, node.outputs), bias);
    } else {
      (lowerings[node.op as OpName] as (context: LoweringContext<never>) => void)(contextOf(node, node.outputs));
    }
  };
  for (const node of fileOrder(graph)) {
    lowerNode(node);
    // At the end of the file they would run first, and all that they need.
    for (const { value, index } of copies.get(node) ?? []) {
      onnx.from({ op: "copy", path: node.path });
      onnx.node("Identity", [nameOf(value)], { output: outputName(index) });
    }
  }
  const typed = ({ dtype, shape }: Value, valueName: string): OnnxValue => ({ name: valueName, dtype, shape });
  return {
    name,
    nodes: onnx.nodes,
    initializers: onnx.initializers,
    inputs: graph.inputs.map((value, index) => typed(value, inputName(index))),
    outputs: graph.outputs.map(({ value }, index) => typed(value, outputName(index))),
    opsets: Object.fromEntries([...onnx.domains].sort().map((domain) => [domain, opsetVersions[domain]])),
    metadata: {},
  };
}
