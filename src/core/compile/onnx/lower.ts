/** A graph as an ONNX model. */

import { type Shape, sameShape, sizeOf } from "../../base/index.ts";
import { type Graph, isOp, type Node, nodesOf, type OpName, uniformConstant, type Value } from "../../graph/index.ts";
import { OnnxBuilder } from "./builder.ts";
import { type LoweringContext, type LoweringTarget, lowerEmpty } from "./lowerings/lowering.ts";
import { isMatrixProduct, lowerMatrixProduct } from "./lowerings/matrix-product.ts";
import { lowerings } from "./lowerings.ts";
import { inputName, outputName } from "./names.ts";
import { requireNarrow, requireNarrowConstant } from "./narrow-int64.ts";
import { fileOrder } from "./order.ts";
import { shortenReshapes } from "./reshapes.ts";
import { spellNodes } from "./spell.ts";
import { type Split, splitsOf } from "./splits.ts";
import type { OnnxGraph, OnnxModel, OnnxValue } from "./writer.ts";

/** Operator sets: the standard one of ONNX 1.16, and the runtime's own. */
const opsetVersions: Readonly<Record<string, number>> = {
  "": 21,
  "com.microsoft": 1,
  "com.microsoft.nchwc": 1,
};

/** Larger matrices are added after a product by all threads, rather than copied before it by one. */
const largestAddend = 2 ** 16;

/** Matrix products to which a row, or a matrix, is added and that nothing else uses: product -> sum. */
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
    const isMatrix = sameShape(bias.shape, product.shape) && sizeOf(bias.shape) <= largestAddend;
    const keepsShape = bias.shape.length <= 2 && product.shape.length === node.outputs[0].shape.length;
    if ((isRow || isMatrix) && keepsShape) {
      fused.set(product.node, node);
    }
  }
  return fused;
}

function isEmpty({ shape }: Value): boolean {
  return sizeOf(shape) === 0;
}

/** Where a graph is being lowered to: its nodes and constants, and the names of its values. */
interface Scope {
  readonly onnx: OnnxBuilder;
  readonly target: LoweringTarget;
  readonly names: Map<Value, string>;
}

/** An output that is a copy of a value which has another name. */
interface Copy {
  readonly value: Value;
  readonly name: string;
}

/**
 * Gives each output value its name in the file, so that the node that computes it writes it there. The outputs left
 * are copies: of an input, a constant or an output before them; they come by the node that they are of.
 */
function nameOutputs(
  graph: Graph,
  names: Map<Value, string>,
  outputNames: readonly string[],
): ReadonlyMap<Node, readonly Copy[]> {
  const copies = new Map<Node, Copy[]>();
  graph.outputs.forEach(({ value }, index) => {
    const name = outputNames[index];
    if (names.has(value) || value.node.op === "constant") {
      copies.set(value.node, [...(copies.get(value.node) ?? []), { value, name }]);
    } else names.set(value, name);
  });
  return copies;
}

/**
 * Lowers what a graph computes; its inputs have names already.
 * @param outputNames the names that its outputs get
 */
function lowerNodes(graph: Graph, { onnx, target, names }: Scope, outputNames: readonly string[]): void {
  const nameOf = (value: Value): string => {
    const known = names.get(value);
    if (known !== undefined) return known;
    const { node } = value;
    if (target.narrowInt64 && isOp(node, "constant")) requireNarrowConstant(node.path, node.attrs.data);
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
      uniform: (input) => uniformConstant(node.inputs[input]),
      output: nameOf(outputs[0]),
      type: outputs[0],
      outputs: outputs.map(nameOf),
      path: node.path,
      lowerBody: (body, captured) => lowerBody(body, { onnx, target, names }, captured),
      lowerInline: (body) => {
        const inner = new Map(body.inputs.map((value, i) => [value, nameOf(node.inputs[i])]));
        lowerNodes(body, { onnx, target, names: inner }, outputs.map(nameOf));
      },
    };
  };
  const copies = nameOutputs(graph, names, outputNames);
  const fused = fusedBiases(graph);
  const sums = new Map([...fused].map(([product, sum]) => [sum, product]));
  // A device takes few tensors at a time.
  const splits = target.kernels ? new Map<Node, Split>() : splitsOf(nodesOf(graph));
  /** With the first part of a tensor come all of them. */
  const lowerSplit = ({ whole, axis, parts }: Split, node: Node): void => {
    if (parts.some((part) => lowered.has(part))) return;
    lowered.add(node);
    onnx.from({ op: node.op, path: node.path });
    onnx.node("Split", [nameOf(whole), onnx.ints(parts.map(({ attrs }) => attrs.sizes[axis]))], {
      outputs: parts.map(({ outputs }) => nameOf(outputs[0])),
      path: node.path,
      attributes: { axis: { int: axis } },
    });
  };
  const lowered = new Set<Node>();
  const lowerNode = (node: Node): void => {
    if (node.op === "input" || node.op === "constant" || fused.has(node)) return;
    // Runtimes refuse empty operands in many ways.
    if (node.outputs.every(isEmpty)) {
      for (const value of node.outputs) lowerEmpty(onnx, value, { output: nameOf(value), path: node.path });
      return;
    }
    if (target.narrowInt64) requireNarrow(node.op, node.inputs, node.outputs, node.path);
    const product = sums.get(node);
    const split = splits.get(node);
    if (split) {
      lowerSplit(split, node);
    } else if (product) {
      const bias = node.inputs.filter((input) => input.node !== product).map(nameOf);
      lowerMatrixProduct(contextOf(product, node.outputs), bias);
    } else {
      (lowerings[node.op as OpName] as (context: LoweringContext<never>) => void)(contextOf(node, node.outputs));
    }
  };
  for (const node of fileOrder(graph)) {
    lowerNode(node);
    // At the end of the file they would run first, and all that they need.
    for (const { value, name } of copies.get(node) ?? []) {
      onnx.from({ op: "copy", path: node.path });
      onnx.node("Identity", [nameOf(value)], { output: name });
    }
  }
}

function typed({ dtype, shape }: Value, name: string): OnnxValue {
  return { name, dtype, shape };
}

function lowerBody(body: Graph, around: Scope, captured: ReadonlyMap<number, string>): OnnxGraph {
  const onnx = new OnnxBuilder(around.onnx);
  const inputNames = body.inputs.map((_, index) => captured.get(index) ?? onnx.freshName("slice"));
  const names = new Map(body.inputs.map((value, index) => [value, inputNames[index]]));
  const outputNames = body.outputs.map(() => onnx.freshName("result"));
  lowerNodes(body, { onnx, target: around.target, names }, outputNames);
  const declared = body.inputs.flatMap((value, index) =>
    captured.has(index) ? [] : [typed(value, inputNames[index])],
  );
  return {
    name: onnx.freshName("body"),
    nodes: onnx.nodes,
    initializers: onnx.initializers,
    inputs: declared,
    outputs: body.outputs.map(({ value }, index) => typed(value, outputNames[index])),
  };
}

/**
 * Lowers a graph to an ONNX model whose inputs are `input_0`, `input_1`, ... and outputs `output_0`, ...
 * in the graph's order. Every input is declared, used or not.
 */
export function lowerGraph(graph: Graph, target: LoweringTarget, name = "galatea"): OnnxModel {
  const onnx = new OnnxBuilder();
  const names = new Map(graph.inputs.map((value, index) => [value, inputName(index)]));
  lowerNodes(
    graph,
    { onnx, target, names },
    graph.outputs.map((_, index) => outputName(index)),
  );
  const values = new Map([...names].map(([value, valueName]) => [valueName, value]));
  const shapeOf = (of: string): Shape | undefined => onnx.shapes.get(of) ?? values.get(of)?.shape;
  const outputs = graph.outputs.map((_, index) => outputName(index));
  return {
    name,
    nodes: target.kernels ? spellNodes(onnx, values, target.kernels) : shortenReshapes(onnx.nodes, shapeOf, outputs),
    initializers: onnx.initializers,
    inputs: graph.inputs.map((value, index) => typed(value, inputName(index))),
    outputs: graph.outputs.map(({ value }, index) => typed(value, outputName(index))),
    opsets: Object.fromEntries([...onnx.domains].sort().map((domain) => [domain, opsetVersions[domain]])),
    metadata: {},
  };
}
