/** A scan taken apart, for passes that change what it carries, reads and stacks. */

import {
  bodyInput,
  dependents,
  emit,
  type Graph,
  graphOf,
  type Node,
  nodesInOrder,
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
  /** Outputs of the scan that are known without it, by their numbers. */
  readonly known: ReadonlyMap<number, Value>;
  readonly length: number;
  readonly reverse: boolean;
  readonly path: string;
}

/**
 * @param inputs those of the node, or what stands for them
 * @param isUsed whether an output, by its number, is read
 */
export function readLoop(node: Node<"scan">, inputs: readonly Value[], isUsed: (output: number) => boolean): Loop {
  const { carries, scanned, length, reverse } = node.attrs;
  const body = graphOf(node.attrs.body);
  const reading = (input: Value, i: number): Reading => ({ outside: inputs[i], input });
  const readings = body.inputs.map(reading);
  const results = body.outputs.map(({ value }) => value);
  return {
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

/** Everything that the steps compute for others. */
export function resultsOf({ carries, stacks }: Loop): Value[] {
  return [...carries.map(({ next }) => next), ...stacks.map(({ result }) => result)];
}

/** The loop with values inside replaced. */
export function substituteIn(loop: Loop, replacements: ReadonlyMap<Value, Value>): Loop {
  if (replacements.size === 0) return loop;
  const results = substitute(resultsOf(loop), replacements);
  const { carries, stacks } = loop;
  return {
    ...loop,
    carries: carries.map((carry, i) => ({ ...carry, next: results[i] })),
    stacks: stacks.map((stack, i) => ({ ...stack, result: results[carries.length + i] })),
  };
}

/** The loop with nodes inside replaced, as `rewriteGraph` does it. */
export function rewriteSteps(
  loop: Loop,
  replace: (node: Node, inputs: readonly Value[]) => readonly Value[] | undefined,
): Loop {
  const { carries, scanned, invariants, stacks } = loop;
  const inputs = [...carries, ...scanned, ...invariants].map(({ input }) => input);
  const steps: Graph = { inputs, outputs: resultsOf(loop).map((value) => ({ name: "", value })) };
  const results = rewriteGraph(steps, replace).outputs.map(({ value }) => value);
  return {
    ...loop,
    carries: carries.map((carry, i) => ({ ...carry, next: results[i] })),
    stacks: stacks.map((stack, i) => ({ ...stack, result: results[carries.length + i] })),
  };
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

/** The values inside that results reach, inputs included. */
export function reachedValues(results: readonly Value[]): Set<Value> {
  const reached = new Set(results);
  for (const node of nodesInOrder(results)) for (const input of node.inputs) reached.add(input);
  return reached;
}

/** A reading of something from outside. */
export function reading(outside: Value, shape: readonly number[] = outside.shape): Reading {
  return { outside, input: bodyInput("outer", { dtype: outside.dtype, shape }, outside.node.path) };
}

/**
 * The loop as a scan again; gives what stands for each output of the node that it was read from.
 * @param later outputs that are built from stacks, by their numbers
 */
export function writeLoop(
  loop: Loop,
  outputs: readonly Value[],
  later: ReadonlyMap<number, Later> = new Map(),
): Value[] {
  const { carries, scanned, invariants, stacks, length, reverse, path } = loop;
  const results = resultsOf(loop);
  const body: Graph = {
    inputs: [...carries, ...scanned, ...invariants].map(({ input }) => input),
    outputs: results.map((value, i) => ({ name: i < carries.length ? "carry" : "y", value })),
  };
  const outside = [...carries.map(({ first }) => first), ...[...scanned, ...invariants].map((one) => one.outside)];
  const attrs = { body, carries: carries.length, scanned: scanned.length, length, reverse };
  const given = results.length > 0 ? emit("scan", outside, attrs, path).outputs : [];
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
