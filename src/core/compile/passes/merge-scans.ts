/** A scan, and the same scan with more results, become one.
 *
 * A gradient repeats its scan with what it needs of each step as further results (core/autodiff). As the bodies
 * share their values, it is enough to compare identities; the pass must come before others rebuild the bodies. */

import { emit, type Graph, graphOf, isOp, type Node, nodesOf, rewriteGraph, type Value } from "../../graph/index.ts";

function resultsOf({ attrs }: Node<"scan">): Value[] {
  return graphOf(attrs.body).outputs.map(({ value }) => value);
}

/** Whether two scans make the same steps, whatever they stack of them. */
function sameSteps(a: Node<"scan">, b: Node<"scan">): boolean {
  const equal = (left: readonly Value[], right: readonly Value[]): boolean =>
    left.length === right.length && left.every((value, i) => value === right[i]);
  return (
    a.attrs.carries === b.attrs.carries &&
    a.attrs.scanned === b.attrs.scanned &&
    a.attrs.reverse === b.attrs.reverse &&
    equal(a.inputs, b.inputs) &&
    equal(graphOf(a.attrs.body).inputs, graphOf(b.attrs.body).inputs) &&
    equal(resultsOf(a).slice(0, a.attrs.carries), resultsOf(b).slice(0, b.attrs.carries))
  );
}

export function mergeScans(graph: Graph): Graph {
  const groups: Node<"scan">[][] = [];
  for (const node of nodesOf(graph)) {
    if (!isOp(node, "scan")) continue;
    const group = groups.find(([first]) => sameSteps(first, node));
    if (group) group.push(node);
    else groups.push([node]);
  }
  const groupOf = new Map(
    groups.filter(({ length }) => length > 1).flatMap((group) => group.map((one) => [one, group])),
  );
  const merged = new Map<Node[], readonly Value[]>();
  return rewriteGraph(graph, (node, inputs) => {
    const group = isOp(node, "scan") ? groupOf.get(node) : undefined;
    if (!group) return undefined;
    const [first] = group;
    const results = [...new Set(group.flatMap((one) => resultsOf(one).slice(one.attrs.carries)))];
    const next = resultsOf(first).slice(0, first.attrs.carries);
    const outputs = merged.get(group) ?? mergedScan(first, inputs, [...next, ...results]);
    merged.set(group, outputs);
    return resultsOf(node as Node<"scan">).map((result, i) =>
      i < next.length ? outputs[i] : outputs[next.length + results.indexOf(result)],
    );
  });
}

function mergedScan(
  { attrs, path }: Node<"scan">,
  inputs: readonly Value[],
  results: readonly Value[],
): readonly Value[] {
  const body: Graph = {
    inputs: graphOf(attrs.body).inputs,
    outputs: results.map((value, i) => ({ name: i < attrs.carries ? "carry" : "y", value })),
  };
  return emit("scan", inputs, { ...attrs, body }, path).outputs;
}
