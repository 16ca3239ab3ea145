/** Which inputs of a model may share their memory with an output: a step can then write the next state over the
 * last one, and no second copy of it is needed.
 *
 * The runtime keeps to the order of data, not to an order of ours: overwriting is safe only where everything that
 * reads the old value is needed to compute the new one. We ask for more, so that it stays so whatever the runtime's
 * optimizer joins: nothing else at all may come from the old value. */

import { sameShape } from "../../base/index.ts";
import { inputName, outputName } from "./names.ts";
import { namesRead } from "./names-read.ts";
import type { OnnxModel, OnnxNode } from "./writer.ts";

/** Operators that read element i of each operand before they write element i, and nothing after it. */
const elementwise: ReadonlySet<string> = new Set(["Add", "Sub", "Mul", "Div"]);

/** An update of one tensor has a few nodes; whose value reaches more than these is no such thing. */
const mostNodes = 100;

/** Whether output `output` may be written over input `input`. */
export type Overwrites = (output: number, input: number) => boolean;

/** Looks at a model once; the function that it gives answers for pairs. */
export function overwritesOf(model: OnnxModel): Overwrites {
  const producers = new Map<string, OnnxNode>();
  const readers = new Map<string, OnnxNode[]>();
  for (const node of model.nodes) {
    for (const name of node.outputs) producers.set(name, node);
    for (const name of new Set(namesRead(node))) {
      const known = readers.get(name);
      if (known) known.push(node);
      else readers.set(name, [node]);
    }
  }
  return (output, input) => {
    const [from, to] = [model.inputs[input], model.outputs[output]];
    const writer = producers.get(outputName(output));
    if (!from || !to || !writer || from.dtype !== to.dtype || !sameShape(from.shape, to.shape)) return false;
    // A copy onto itself changes nothing, whoever reads it and when.
    if (writer.opType === "Identity" && writer.inputs[0] === inputName(input)) return true;
    return elementwise.has(writer.opType) && endsAt(writer, inputName(input), readers);
  };
}

/** Whether all that is computed from a value is computed for `writer`. */
function endsAt(writer: OnnxNode, name: string, readers: ReadonlyMap<string, readonly OnnxNode[]>): boolean {
  const seen = new Set<OnnxNode>();
  const open = [...(readers.get(name) ?? [])];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node === writer || seen.has(node)) continue;
    seen.add(node);
    const next = node.outputs.flatMap((output) => readers.get(output) ?? []);
    // What nobody reads is a result of its own, which may be computed later.
    if (next.length === 0 || seen.size > mostNodes) return false;
    open.push(...next);
  }
  return true;
}
