/** Reshapes that follow or repeat one another: lowerings write them around operators, each for itself.
 *
 * They copy nothing, but each costs the runtime time to prepare and to run. */

import type { Shape } from "../../base/index.ts";
import { namesRead, namesReadInside } from "./names-read.ts";
import type { OnnxNode } from "./writer.ts";

/**
 * The nodes without reshapes that do nothing, go on from one another or stand twice, and without those that nobody
 * reads then.
 * @param shapeOf the shape of what a name stands for, where it is known
 * @param outputs names that must be written
 */
export function shortenReshapes(
  nodes: readonly OnnxNode[],
  shapeOf: (name: string) => Shape | undefined,
  outputs: readonly string[],
): readonly OnnxNode[] {
  const kept = new Set([...outputs, ...nodes.flatMap(namesReadInside)]);
  /** What stands for a name that is no longer written. */
  const stands = new Map<string, string>();
  /** What a reshaped name was before all reshapes. */
  const roots = new Map<string, string>();
  /** For what stands before all reshapes, a name for each shape that it was given. */
  const reshaped = new Map<string, string>();
  const current = (name: string): string => stands.get(name) ?? name;
  const shortened = nodes.flatMap((node) => {
    const inputs = node.inputs.map(current);
    const [output] = node.outputs;
    const shape = shapeOf(output);
    if (node.opType !== "Reshape" || shape === undefined) return [{ ...node, inputs }];
    const root = roots.get(inputs[0]) ?? inputs[0];
    const known = String(shapeOf(root)) === String(shape) ? root : reshaped.get(`${root}:${shape}`);
    if (known !== undefined && !kept.has(output)) {
      stands.set(output, known);
      return [];
    }
    roots.set(output, root);
    reshaped.set(`${root}:${shape}`, output);
    return [{ ...node, inputs: [root, ...inputs.slice(1)] }];
  });
  const read = new Set(outputs);
  const needed = shortened.toReversed().filter((node) => {
    if (node.opType === "Reshape" && !read.has(node.outputs[0])) return false;
    for (const name of namesRead(node)) read.add(name);
    return true;
  });
  return needed.reverse();
}
