/** The order of a graph's nodes in the file, by which the runtime's order is steered so that memory is free early.
 *
 * ONNX Runtime walks up from the nodes that no other node reads, the last in the file first; a node runs after its
 * inputs, of which the last in the file is computed first (Graph::ReverseDFSFrom). Where such an end depends on few
 * steps of computation, as the loss or the update of a network's last layer, it should run early: what only it
 * needs, such as that layer's gradient, is then gone before the next gradient is made. So ends stand in the file
 * with the longest computation first, which makes it the last to run. Of a node's inputs the one with the longest
 * computation should run first, so that what is quickly made, such as a mask, does not wait for it: it stands last. */

import { type Graph, type Node, nodesOf } from "../../graph/index.ts";

/** The number of nodes on the longest way to each node. */
function depthsOf(nodes: readonly Node[]): Map<Node, number> {
  const depths = new Map<Node, number>();
  for (const node of nodes) {
    const below = node.inputs.reduce((most, input) => Math.max(most, (depths.get(input.node) ?? 0) + 1), 0);
    depths.set(node, below);
  }
  return depths;
}

/** Every node of a graph, inputs before users. */
export function fileOrder(graph: Graph): Node[] {
  const nodes = nodesOf(graph);
  const depths = depthsOf(nodes);
  const depth = (node: Node): number => depths.get(node) ?? 0;
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  const order: Node[] = [];
  const seen = new Set<Node>();
  const left = new Set<Node>();
  // What is pushed last is visited first.
  const stack = nodes.filter((node) => !read.has(node)).sort((a, b) => depth(a) - depth(b));
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    if (seen.has(node)) {
      stack.pop();
      if (left.has(node)) continue;
      left.add(node);
      order.push(node);
      continue;
    }
    seen.add(node);
    const inputs = node.inputs.map((input) => input.node).filter((input) => !seen.has(input));
    stack.push(...inputs.sort((a, b) => depth(b) - depth(a)));
  }
  return order;
}
