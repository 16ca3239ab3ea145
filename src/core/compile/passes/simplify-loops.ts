/** Loops without what they need not do: results that nobody reads, carries that stay, readings of what is the same
 * in every step, and computations that are. */

import {
  emitValue,
  type Graph,
  isOp,
  nodesInOrder,
  nodesOf,
  rewriteGraph,
  uniformConstant,
  type Value,
} from "../../graph/index.ts";
import {
  hoist,
  isLoop,
  isSameLoop,
  type Loop,
  type Reading,
  reading,
  readLoop,
  resultsOf,
  rewriteSteps,
  steppedNodes,
  substituteIn,
  withoutUnused,
  writeLoop,
} from "./loop.ts";

type Rule = (loop: Loop) => Loop;

/** Carries that no result depends on, and readings that no step uses, go; out of the loops inside as well. */
const dropUnused: Rule = (loop) => {
  const kept = withoutUnused(loop);
  if (kept.carries.length === loop.carries.length) return kept;
  const inputs = [...kept.carries, ...kept.scanned, ...kept.invariants].map(({ input }) => input);
  const used = usedValues({ inputs, outputs: resultsOf(kept).map((value) => ({ name: "", value })) });
  return rewriteSteps(kept, (node, given) => {
    if (!isLoop(node) || node.outputs.every((output) => used.has(output))) return undefined;
    return writeLoop(dropUnused(readLoop(node, given, (output) => used.has(node.outputs[output]))), node.outputs);
  });
};

/** A carry that stays what it is at first is an invariant. */
const dropUnchanged: Rule = (loop) => {
  const stays = loop.carries.filter(({ input, next }) => input === next);
  if (stays.length === 0) return loop;
  const known = new Map(loop.known);
  for (const { output, first } of stays) if (output !== undefined) known.set(output, first);
  return {
    ...loop,
    known,
    carries: loop.carries.filter((carry) => !stays.includes(carry)),
    invariants: [...loop.invariants, ...stays.map(({ first, input }) => ({ outside: first, input }))],
  };
};

/** The value that every slice of a sequence is, where it is one repeated. */
function repeatedSlice({ node, shape }: Value): Value | undefined {
  if (!isOp(node, "expand")) return undefined;
  const [from] = node.inputs;
  const inner = shape.slice(1);
  if (from.shape.length < shape.length) return emitValue("expand", [from], { shape: inner });
  if (from.shape[0] !== 1) return undefined;
  const row = emitValue("reshape", [from], { shape: from.shape.slice(1) });
  return emitValue("expand", [row], { shape: inner });
}

/** A sequence of one repeated value is an invariant; constants become part of the body. */
const dropRepeated: Rule = (loop) => {
  const scanned: Reading[] = [];
  const invariants: Reading[] = [];
  const constants = new Map<Value, Value>();
  const add = (one: Reading): void => {
    const isConstant = one.outside.node.op === "constant" || uniformConstant(one.outside) !== undefined;
    if (isConstant) constants.set(one.input, one.outside);
    else invariants.push(one);
  };
  for (const one of loop.invariants) add(one);
  for (const one of loop.scanned) {
    const slice = repeatedSlice(one.outside);
    if (slice) add({ outside: slice, input: one.input });
    else scanned.push(one);
  }
  return substituteIn({ ...loop, scanned, invariants }, constants);
};

/** The same thing is read once. */
const readOnce: Rule = (loop) => {
  const again = new Map<Value, Value>();
  const once = (readings: readonly Reading[]): Reading[] => {
    const first = new Map<Value, Value>();
    return readings.filter(({ outside, input }) => {
      const known = first.get(outside);
      if (known) again.set(input, known);
      else first.set(outside, input);
      return known === undefined;
    });
  };
  return substituteIn({ ...loop, scanned: once(loop.scanned), invariants: once(loop.invariants) }, again);
};

/** What does not depend on the step is computed before the loop, but for what only repeats elements. */
const hoistInvariant: Rule = (loop) => {
  const results = resultsOf(loop);
  const order = nodesInOrder(results);
  const stepped = steppedNodes(loop, order);
  const own = new Set([...loop.carries, ...loop.scanned, ...loop.invariants].map(({ input }) => input));
  const found = new Set<Value>();
  const read = (value: Value): void => {
    if (own.has(value) || stepped.has(value.node) || uniformConstant(value) !== undefined) return;
    if (value.node.op === "constant") return;
    if (value.node.op === "expand") value.node.inputs.forEach(read);
    else found.add(value);
  };
  for (const node of order) if (stepped.has(node)) node.inputs.forEach(read);
  results.forEach(read);
  const values = [...found];
  const readings = hoist(loop, values).map((outside) => reading(outside));
  const inside = new Map(values.map((value, i) => [value, readings[i].input]));
  return substituteIn({ ...loop, invariants: [...loop.invariants, ...readings] }, inside);
};

/** Stacks of one result are one; a stack of slices, or of what is the same in every step, is known. */
const simplifyStacks: Rule = (loop) => {
  const { length } = loop;
  const stepped = steppedNodes(loop, nodesInOrder(resultsOf(loop)));
  const known = new Map(loop.known);
  const stacks = new Map<Value, number[]>();
  for (const { result, outputs } of loop.stacks) {
    const slice = loop.scanned.find(({ input }) => input === result);
    const isCarry = loop.carries.some(({ input }) => input === result);
    if (slice) {
      for (const output of outputs) known.set(output, slice.outside);
    } else if (isCarry || stepped.has(result.node)) {
      stacks.set(result, [...(stacks.get(result) ?? []), ...outputs]);
    } else {
      const [once] = hoist(loop, [result]);
      const stack = emitValue("expand", [once], { shape: [length, ...result.shape] }, loop.path);
      for (const output of outputs) known.set(output, stack);
    }
  }
  return { ...loop, known, stacks: [...stacks].map(([result, outputs]) => ({ result, outputs })) };
};

const rules: readonly Rule[] = [
  dropUnused,
  dropUnchanged,
  dropRepeated,
  readOnce,
  hoistInvariant,
  simplifyStacks,
  dropUnused,
];

/** Applies the rules to every loop of a graph, once. */
export function simplifyLoops(graph: Graph): Graph {
  const used = usedValues(graph);
  return rewriteGraph(graph, (node, inputs) => {
    if (!isLoop(node)) return undefined;
    const before = readLoop(node, inputs, (output) => used.has(node.outputs[output]));
    const after = rules.reduce((loop, rule) => rule(loop), before);
    const isUnread = before.carries.length + before.stacks.length < node.outputs.length;
    return isSameLoop(before, after) && !isUnread ? undefined : writeLoop(after, node.outputs);
  });
}

function usedValues(graph: Graph): Set<Value> {
  const used = new Set(graph.outputs.map(({ value }) => value));
  for (const node of nodesOf(graph)) for (const input of node.inputs) used.add(input);
  return used;
}
