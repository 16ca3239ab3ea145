/** What nodes read. */

import type { OnnxNode } from "./writer.ts";

/** Names that graphs inside a node read, those that they take from outside included. */
export function namesReadInside({ attributes }: OnnxNode): string[] {
  return Object.values(attributes).flatMap((value) => ("graph" in value ? value.graph.nodes.flatMap(namesRead) : []));
}

/** Names that a node reads, itself or inside. */
export function namesRead(node: OnnxNode): string[] {
  return [...node.inputs, ...namesReadInside(node)];
}
