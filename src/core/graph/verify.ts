/** The graph verifier, run between passes: a broken graph is found where it was broken. */

import { GalateaError, sameShape } from "../base/index.ts";
import { bodiesOf } from "./bodies.ts";
import { type Graph, type Node, nodesOf } from "./node.ts";
import { opTable } from "./op-table.ts";
import { type OpDefinition, OpProblem, type TensorType } from "./ops/definition.ts";

/**
 * Checks that every node's output types are what its inputs imply, that each input that is used is declared, and that
 * no two inputs share a name, which those of bodies may.
 * @param after what ran last, for the message
 * @param known nodes that were verified before, which never change; this graph's are added
 * @throws GalateaError `internal`.
 */
export function verifyGraph(graph: Graph, after: string, known: Set<Node> = new Set()): Graph {
  const names = new Set<string>();
  for (const { node } of graph.inputs) {
    const { name } = node.attrs as { readonly name: string };
    if (names.has(name)) throw new GalateaError("internal", after, `two inputs are named ${name}`);
    names.add(name);
  }
  verifyNodes(graph, after, known);
  return graph;
}

function verifyNodes(graph: Graph, after: string, known: Set<Node>): void {
  const declared = new Set(graph.inputs.map(({ node }) => node));
  for (const node of nodesOf(graph)) {
    if (node.op === "input" && !declared.has(node)) {
      const { name } = node.attrs as { readonly name: string };
      throw new GalateaError("internal", after, `the graph uses the input ${name}, which it does not declare`);
    }
    if (known.has(node)) continue;
    for (const [, body] of bodiesOf(node)) verifyNodes(body, after, known);
    const where = `${node.op} at ${node.path || "the root"}`;
    const types = inferAgain(node, after, where);
    const same = types.every((type, i) => {
      const output = node.outputs[i];
      return output?.dtype === type.dtype && sameShape(output.shape, type.shape) && output.node === node;
    });
    if (!same || types.length !== node.outputs.length) {
      throw new GalateaError("internal", after, `${where} has wrong output types`);
    }
    known.add(node);
  }
}

function inferAgain(node: Node, after: string, where: string): readonly TensorType[] {
  const definition: OpDefinition<never> = opTable[node.op];
  try {
    return definition.infer(node.inputs, node.attrs as never);
  } catch (problem) {
    if (!(problem instanceof OpProblem)) throw problem;
    throw new GalateaError("internal", after, `${where}: ${problem.message}`, problem.right);
  }
}
