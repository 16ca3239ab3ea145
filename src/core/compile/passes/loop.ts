/** A scan, or a loop that stops by itself, taken apart for passes that change what it carries, reads and stacks. */

import {
  bodyInput,
  dependents,
  emit,
  type Graph,
  graphOf,
  isOp,
  type Node,
  rewriteGraph,
  substitute,
  type Value,
} from "../../graph/index.ts";

export interface Carry {
  /** Outside: the first value. */
  readonly first: Value;
  /** Inside. */
  readonly input: Value;
  readonly next: Value;
  /** The output of the scan that is the last value, by its number; `undefined` where nothing reads it. */
  readonly output?: number;
}

export interface Reading {
  /** A sequence, or an invariant. */
  readonly outside: Value;
  readonly input: Value;
}

export interface Stack {
  /** Inside: what each step adds. */
  readonly result: Value;
  /** The outputs of the scan that it is, by their numbers. */
  readonly outputs: readonly number[];
}

/** The stack of a value inside, which the loop must have among its stacks. */
export type StackOf = (value: Value) => Value;

/** Builds a value after the loop. */
export type Later = (stackOf: StackOf) => Value;

export interface Loop {
  readonly carries: readonly Carry[];
  readonly scanned: readonly Reading[];
  readonly invariants: readonly Reading[];
  readonly stacks: readonly Stack[];
  /** Inside: whether another step follows; of a scan, which knows its number of steps, there is none. */
  readonly goesOn?: Value;
  /** Outputs of the node that are known without it, by their numbers. */
  readonly known: ReadonlyMap<number, Value>;
  /** Number of steps; the largest one where the loop stops by itself. */
  readonly length: number;
  readonly reverse: boolean;
  readonly path: string;
}

/** A node that is a loop. */
export type LoopNode = Node<"scan"> | Node<"loop">;

export function isLoop(node: Node): node is LoopNode {
  return isOp(node, "scan") || isOp(node, "loop");
}

/**
 * @param inputs those of the node, or what stands for them
 * @param isUsed whether an output, by its number, is read
 */
export function readLoop(node: LoopNode, inputs: readonly Value[], isUsed: (output: number) => boolean): Loop {
  const { carries } = node.attrs;
  const stops = isOp(node, "loop");
  const { scanned, length, reverse } = stops ? { scanned: 0, length: node.attrs.most, reverse: false } : node.attrs;
  const body = graphOf(node.attrs.body);
  const reading = (input: Value, i: number): Reading => ({ outside: inputs[i], input });
  const readings = body.inputs.map(reading);
  const all = body.outputs.map(({ value }) => value);
  const results = stops ? all.slice(1) : all;
  return {
    ...(stops && { goesOn: all[0] }),
    carries: results.slice(0, carries).map((next, i) => {
      return { first: inputs[i], input: body.inputs[i], next, ...(isUsed(i) && { output: i }) };
    }),
    scanned: readings.slice(carries, carries + scanned),
    invariants: readings.slice(carries + scanned),
    stacks: results.slice(carries).flatMap((result, i) => {
      return isUsed(carries + i) ? [{ result, outputs: [carries + i] }] : [];
    }),
    known: new Map(),
    length,
    reverse,
    path: node.path,
  };
}

/** Everything that the steps compute for others: next carries, stacks, and whether another step follows. */
export function resultsOf({ carries, stacks, goesOn }: Loop): Value[] {
  return [...carries.map(({ next }) => next), ...stacks.map(({ result }) => result), ...(goesOn ? [goesOn] : [])];
}

/** The loop with other results, in the order of `resultsOf`. */
function withResults(loop: Loop, results: readonly Value[]): Loop {
  const { carries, stacks, goesOn } = loop;
  return {
    ...loop,
    carries: carries.map((carry, i) => ({ ...carry, next: results[i] })),
    stacks: stacks.map((stack, i) => ({ ...stack, result: results[carries.length + i] })),
    ...(goesOn && { goesOn: results[carries.length + stacks.length] }),
  };
}

/** The loop with values inside replaced. */
export function substituteIn(loop: Loop, replacements: ReadonlyMap<Value, Value>): Loop {
  if (replacements.size === 0) return loop;
  return withResults(loop, substitute(resultsOf(loop), replacements));
}

/** The loop with nodes inside replaced, as `rewriteGraph` does it. */
export function rewriteSteps(
  loop: Loop,
  replace: (node: Node, inputs: readonly Value[]) => readonly Value[] | undefined,
): Loop {
  const { carries, scanned, invariants } = loop;
  const inputs = [...carries, ...scanned, ...invariants].map(({ input }) => input);
  const steps: Graph = { inputs, outputs: resultsOf(loop).map((value) => ({ name: "", value })) };
  return withResults(
    loop,
    rewriteGraph(steps, replace).outputs.map(({ value }) => value),
  );
}

/** Whether a pass has left a loop as it was. */
export function isSameLoop(a: Loop, b: Loop): boolean {
  const same = (left: readonly Value[], right: readonly Value[]): boolean =>
    left.length === right.length && left.every((value, i) => value === right[i]);
  const inputsOf = ({ carries, scanned, invariants }: Loop): Value[] =>
    [...carries, ...scanned, ...invariants].map(({ input }) => input);
  return same(resultsOf(a), resultsOf(b)) && same(inputsOf(a), inputsOf(b));
}

/** The nodes inside that depend on a carry or on a slice, that is, on the step. */
export function steppedNodes({ carries, scanned }: Loop, order: readonly Node[]): Set<Node> {
  return dependents(
    order,
    [...carries, ...scanned].map(({ input }) => input),
  );
}

/** Values outside computed from what values inside read; those read invariants and constants only. */
export function hoist({ invariants }: Loop, values: readonly Value[]): Value[] {
  return substitute(values, new Map(invariants.map(({ input, outside }) => [input, outside])));
}

/** The values inside that results reach, inputs included; of a loop inside, what the outputs that are read need. */
export function reachedValues(results: readonly Value[]): Set<Value> {
  const reached = new Set<Value>();
  const waiting = [...results];
  for (let value = waiting.pop(); value; value = waiting.pop()) {
    if (reached.has(value)) continue;
    reached.add(value);
    const { node } = value;
    if (isLoop(node)) {
      // With each output that turns out to be read, a loop may need more.
      const read = readLoop(node, node.inputs, (output) => reached.has(node.outputs[output]));
      const { carries, scanned, invariants } = withoutUnused(read);
      waiting.push(...carries.map(({ first }) => first), ...[...scanned, ...invariants].map((one) => one.outside));
    } else {
      waiting.push(...node.inputs);
    }
  }
  return reached;
}

/** The loop without carries that no result depends on, and without readings that no step uses. */
export function withoutUnused(loop: Loop): Loop {
  let needed = new Set(loop.carries.filter(({ output }) => output !== undefined));
  for (;;) {
    const reached = reachedValues(resultsOf({ ...loop, carries: [...needed] }));
    const reaching = new Set(loop.carries.filter((carry) => needed.has(carry) || reached.has(carry.input)));
    if (reaching.size === needed.size) {
      const isRead = ({ input }: Reading): boolean => reached.has(input);
      return {
        ...loop,
        carries: loop.carries.filter((carry) => needed.has(carry)),
        scanned: loop.scanned.filter(isRead),
        invariants: loop.invariants.filter(isRead),
      };
    }
    needed = reaching;
  }
}

/** A reading of something from outside. */
export function reading(outside: Value, shape: readonly number[] = outside.shape): Reading {
  return { outside, input: bodyInput("outer", { dtype: outside.dtype, shape }, outside.node.path) };
}

/**
 * The loop as a node again; gives what stands for each output of the node that it was read from.
 * @param later outputs that are built from stacks, by their numbers
 */
export function writeLoop(
  loop: Loop,
  outputs: readonly Value[],
  later: ReadonlyMap<number, Later> = new Map(),
): Value[] {
  const { carries, stacks } = loop;
  const given = carries.length + stacks.length > 0 ? emitLoop(loop) : [];
  const replaced = [...outputs];
  for (const [output, value] of loop.known) replaced[output] = value;
  carries.forEach(({ output }, i) => {
    if (output !== undefined) replaced[output] = given[i];
  });
  stacks.forEach(({ outputs: numbers }, i) => {
    for (const output of numbers) replaced[output] = given[carries.length + i];
  });
  const stackOf: StackOf = (value) => given[carries.length + stacks.findIndex(({ result }) => result === value)];
  for (const [output, build] of later) replaced[output] = build(stackOf);
  return replaced;
}

function emitLoop({ carries, scanned, invariants, stacks, goesOn, length, reverse, path }: Loop): readonly Value[] {
  const inputs = [...carries, ...scanned, ...invariants].map(({ input }) => input);
  const outside = [...carries.map(({ first }) => first), ...[...scanned, ...invariants].map((one) => one.outside)];
  const next = carries.map((carry) => ({ name: "carry", value: carry.next }));
  if (goesOn) {
    const body: Graph = { inputs, outputs: [{ name: "goesOn", value: goesOn }, ...next] };
    return emit("loop", outside, { body, carries: carries.length, most: length }, path).outputs;
  }
  const body: Graph = { inputs, outputs: [...next, ...stacks.map(({ result }) => ({ name: "y", value: result }))] };
  return emit("scan", outside, { body, carries: carries.length, scanned: scanned.length, length, reverse }, path)
    .outputs;
}
