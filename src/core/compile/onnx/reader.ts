/** From the bytes of an ONNX file to its nodes: for files that a runtime's optimizer has rewritten. */

import { modelMessage } from "./schema.ts";
import type { OnnxNode } from "./writer.ts";

/** What wires nodes together. */
export type OnnxWiring = Pick<OnnxNode, "opType" | "domain" | "name" | "inputs" | "outputs">;

interface DecodedNode {
  readonly opType: string;
  readonly domain: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
}

/** The nodes of a file's graph in its order; those of graphs inside nodes are left out. */
export function decodeNodes(bytes: Uint8Array): OnnxWiring[] {
  const { graph } = modelMessage.decode(bytes) as unknown as { readonly graph: { readonly node: DecodedNode[] } };
  return graph.node.map(({ opType, domain, name, input, output }) => ({
    opType,
    domain,
    name,
    inputs: [...input],
    outputs: [...output],
  }));
}
