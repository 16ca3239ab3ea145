/** Which of our nodes a kernel of the runtime computes, after the runtime's optimizer has joined and renamed some. */

import type { OnnxModel, OnnxNode, OnnxWiring } from "../../core/index.ts";
import type { KernelOrigin } from "../../engine/index.ts";

export interface Lineage {
  /** Origin of the optimized graph's node of this place. */
  ofNode(index: number): KernelOrigin | undefined;
  /** Origin of a node of ours by its name, as it is or as part of the runtime's name for a joined one. */
  ofName(name: string): KernelOrigin | undefined;
}

/** How the runtime names a node that it joined with others. */
const joinedName = /^fused (?:Conv )?(.*)$/;

/**
 * Compares the graph that was given to the runtime with what it made of it. A node that writes a value of ours
 * computes what stands between its inputs and that value; another one is known by its name, or not at all.
 */
export function lineageOf(model: OnnxModel, optimized: readonly OnnxWiring[]): Lineage {
  const producers = new Map<string, OnnxNode>();
  const places = new Map<OnnxNode, number>();
  const byName = new Map<string, OnnxNode>();
  model.nodes.forEach((node, place) => {
    for (const output of node.outputs) producers.set(output, node);
    places.set(node, place);
    byName.set(node.name, node);
  });
  /** Values that exist when the optimized graph runs: nobody needs to compute them again. */
  const available = new Set(optimized.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));

  const joined = (outputs: readonly string[]): OnnxNode[] => {
    const found = new Set<OnnxNode>();
    const open = [...outputs];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = producers.get(name);
      if (!node || found.has(node)) continue;
      found.add(node);
      open.push(...node.inputs.filter((input) => !available.has(input)));
    }
    return [...found].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  };
  const ofName = (name: string): KernelOrigin | undefined => {
    const node = byName.get(name) ?? byName.get(joinedName.exec(name)?.[1] ?? "");
    return node && originOf([node]);
  };
  return {
    ofNode: (index) => {
      const { name, outputs } = optimized[index];
      return originOf(joined(outputs)) ?? ofName(name);
    },
    ofName,
  };
}

/** The path of joined nodes is that of the first. */
function originOf(nodes: readonly OnnxNode[]): KernelOrigin | undefined {
  const origins = nodes.flatMap(({ origin }) => (origin ? [origin] : []));
  const [first] = origins;
  return first && { ops: [...new Set(origins.map(({ op }) => op))], path: first.path };
}
