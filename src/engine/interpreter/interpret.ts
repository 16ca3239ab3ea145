/** Evaluation of graphs, of single nodes and of constants. */

import { formatShape, GalateaError, type HostArray, sameShape, sizeOf } from "../../core/base/index.ts";
import { type Graph, isOp, type Node, nodesOf, type TensorType, type Value } from "../../core/graph/index.ts";
import { type Kernel, kernels } from "./kernels.ts";
import { fromHost, type HostValue, toHost } from "./value.ts";

/**
 * A graph's outputs, in order, for values of its inputs, in order.
 * @throws GalateaError `shape` or `dtype`, naming the input, where a value is not what the graph declares.
 */
export function interpret(graph: Graph, inputs: readonly HostValue[]): HostValue[] {
  if (inputs.length !== graph.inputs.length) {
    const right = `the graph takes ${graph.inputs.length}`;
    throw new GalateaError("shape", "interpreter", `got ${inputs.length} inputs`, right);
  }
  const values = new Map<Node, readonly HostValue[]>();
  graph.inputs.forEach((declared, i) => {
    requireType(inputs[i], declared);
    values.set(declared.node, [inputs[i]]);
  });
  const read = ({ node, index }: Value): HostValue => (values.get(node) as readonly HostValue[])[index];

  const nodes = nodesOf(graph);
  const lastUse = new Map<Node, Node>();
  for (const node of nodes) for (const input of node.inputs) lastUse.set(input.node, node);
  for (const { value } of graph.outputs) lastUse.delete(value.node);

  for (const node of nodes) {
    if (!values.has(node)) values.set(node, evaluateNode(node, node.inputs.map(read)));
    for (const { node: input } of node.inputs) if (lastUse.get(input) === node) values.delete(input);
  }
  return graph.outputs.map(({ value }) => read(value));
}

/** The outputs of one node for values of its inputs. */
export function evaluateNode(node: Node, inputs: readonly HostValue[]): HostValue[] {
  const kernel = kernels[node.op] as Kernel<never>;
  const computed = kernel(inputs, node.attrs as never, interpret);
  const outputs = "data" in computed ? [computed] : [...computed];
  if (outputs.length !== node.outputs.length) {
    const seen = `${node.op} computed ${outputs.length} outputs`;
    throw new GalateaError("internal", "interpreter", seen, `the op table says ${node.outputs.length}`);
  }
  outputs.forEach((output, i) => {
    requireComputed(node, output, node.outputs[i]);
  });
  return outputs;
}

function requireComputed({ op }: Node, { dtype, shape, data }: HostValue, type: TensorType): void {
  if (dtype === type.dtype && sameShape(shape, type.shape) && data.length === sizeOf(type.shape)) return;
  const seen = `${op} computed ${dtype}${formatShape(shape)}`;
  throw new GalateaError("internal", "interpreter", seen, `the op table says ${type.dtype}${formatShape(type.shape)}`);
}

/** The outputs of one node whose inputs are constants, rounded to their element types: for constant folding. */
export function evaluateConstants(node: Node): HostArray[] {
  return evaluateNode(node, node.inputs.map(valueOfConstant)).map((value) => toHost(value).data);
}

function valueOfConstant({ node }: Value): HostValue {
  if (isOp(node, "constant")) return fromHost(node.attrs);
  throw new GalateaError("internal", "interpreter", `an input is computed by ${node.op}`, "it must be a constant");
}

function requireType(value: HostValue, declared: Value): void {
  const { name } = declared.node.attrs as { readonly name: string };
  const format = ({ dtype, shape }: TensorType): string => `${dtype}${formatShape(shape)}`;
  if (value.dtype !== declared.dtype || !sameShape(value.shape, declared.shape)) {
    const code = value.dtype === declared.dtype ? "shape" : "dtype";
    throw new GalateaError(code, name, `the value is ${format(value)}`, `it must be ${format(declared)}`);
  }
}
