/** Scans as their steps, one after the other. */

import {
  constantValue,
  emitValue,
  type Graph,
  graphOf,
  inlineBody,
  isOp,
  type Node,
  rewriteGraph,
  type Value,
} from "../../graph/index.ts";

function rowOf(sequence: Value, at: number): Value {
  const [, ...shape] = sequence.shape;
  const starts = [at, ...shape.map(() => 0)];
  const row = emitValue("slice", [sequence], { starts, sizes: [1, ...shape] });
  return emitValue("reshape", [row], { shape });
}

function stackOf(rows: readonly Value[], { dtype, shape }: Value): Value {
  if (rows.length === 0) return constantValue(dtype, [0, ...shape], []);
  const single = rows.map((row) => emitValue("reshape", [row], { shape: [1, ...shape] }));
  return emitValue("concat", single, { axis: 0 });
}

/** What stands for the outputs of a scan over these inputs. */
export function unrollScan({ attrs }: Node<"scan">, inputs: readonly Value[]): Value[] {
  const { carries, scanned, length, reverse } = attrs;
  const body = graphOf(attrs.body);
  const sequences = inputs.slice(carries, carries + scanned);
  const invariants = inputs.slice(carries + scanned);
  let carry = inputs.slice(0, carries);
  const rows: Value[][] = body.outputs.slice(carries).map(() => []);
  for (let step = 0; step < length; step++) {
    const at = reverse ? length - 1 - step : step;
    const results = inlineBody(body, [...carry, ...sequences.map((sequence) => rowOf(sequence, at)), ...invariants]);
    carry = results.slice(0, carries);
    rows.forEach((stack, i) => {
      stack.push(results[carries + i]);
    });
  }
  const stacks = rows.map((stack, i) => stackOf(reverse ? stack.toReversed() : stack, body.outputs[carries + i].value));
  return [...carry, ...stacks];
}

/** Unrolls the scans of at most so many steps. */
export function unrollScans(graph: Graph, longest: number): Graph {
  return rewriteGraph(graph, (node, inputs) =>
    isOp(node, "scan") && node.attrs.length <= longest ? unrollScan(node, inputs) : undefined,
  );
}
