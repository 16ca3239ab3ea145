/** The gradient of a scan: a scan in the other direction over what the steps have computed. */

import {
  bodyInput,
  dependents,
  type Graph,
  graphOf,
  type Node,
  nodesInOrder,
  nodesOf,
  type OpName,
  substitute,
  type Value,
} from "../../graph/index.ts";
import { applyAll, Tensor, zeros } from "../../trace/index.ts";
import type { RuleContext } from "./rule.ts";

type Gradients = readonly (Tensor | undefined)[];

/** What is cheaper to compute again than to keep for every step. */
const layoutOps: ReadonlySet<OpName> = new Set<OpName>(["reshape", "transpose", "expand", "slice", "cast", "neg"]);

/** What is not computed again, even where only the gradient needs it. */
const costlyOps: ReadonlySet<OpName> = new Set<OpName>([
  ...(["matmul", "triangularSolve", "conv2d", "conv2dInputGradient", "conv2dWeightGradient"] as const),
  ...(["maxPool2d", "maxPool2dPlaces", "averagePool2d", "averagePool2dGradient"] as const),
  ...(["gather", "takeAlongAxis", "scatterAdd", "scatterAddAlongAxis", "topK", "cumulativeSum"] as const),
  ...(["randomUniform", "randomNormal", "randomBernoulli", "scan", "loop", "checkpoint"] as const),
]);

/** One step backward, in terms of the values of one step forward. */
interface StepGradients {
  /** The carries through which a gradient flows. */
  readonly active: readonly number[];
  /** Stand-ins for the gradients by the step's outputs. */
  readonly byOutputs: readonly (Value | undefined)[];
  /** The gradients by the step's inputs. */
  readonly byInputs: Gradients;
}

/**
 * Differentiates one step. A gradient flows through a carry when it comes from its last value, or from another
 * carry's gradient by it: carries are added until no gradient is left out.
 */
function differentiateStep({ attrs, gradients, wanted, pullback }: RuleContext<"scan">): StepGradients {
  const { carries } = attrs;
  const { inputs, outputs } = graphOf(attrs.body);
  const differentiated = inputs.filter(({ dtype }, i) => dtype === "float32" && (i < carries || wanted[i]));
  const active = new Set(gradients.flatMap((gradient, i) => (gradient && i < carries ? [i] : [])));
  for (;;) {
    const byOutputs = outputs.map(({ value }, i) =>
      (i < carries ? active.has(i) : gradients[i]) ? bodyInput(`gradient.${i}`, value) : undefined,
    );
    const found = pullback(
      outputs.map(({ value }) => new Tensor(value)),
      byOutputs.map((value) => value && new Tensor(value)),
      differentiated.map((value) => new Tensor(value)),
    );
    const byInputs = inputs.map((input) => found[differentiated.indexOf(input)]);
    const more = byInputs.flatMap((gradient, i) => (gradient && i < carries && !active.has(i) ? [i] : []));
    if (more.length === 0) return { active: [...active].sort((a, b) => a - b), byOutputs, byInputs };
    for (const i of more) active.add(i);
  }
}

/** The values of a step forward that a step backward reads and that must be kept for it; inputs are among them. */
function keptValues(body: Graph, results: readonly Value[], byOutputs: readonly (Value | undefined)[]): Set<Value> {
  const order = nodesInOrder(results);
  const backward = dependents(
    order,
    byOutputs.filter((value) => value !== undefined),
  );
  const forward = dependents(order, body.inputs);
  const original = new Set<Node>(nodesOf(body));
  const isRepeated = ({ node }: Value): boolean =>
    layoutOps.has(node.op) || !(original.has(node) || costlyOps.has(node.op));
  const inputs = new Set(body.inputs);
  const stand = new Set(byOutputs);
  const kept = new Set<Value>();
  const visited = new Set<Value>();
  const read = (value: Value): void => {
    if (visited.has(value) || stand.has(value) || backward.has(value.node)) return;
    visited.add(value);
    if (inputs.has(value)) kept.add(value);
    else if (!forward.has(value.node)) return;
    else if (isRepeated(value)) value.node.inputs.forEach(read);
    else kept.add(value);
  };
  for (const node of order) if (backward.has(node)) node.inputs.forEach(read);
  results.forEach(read);
  return kept;
}

/**
 * The gradients by the inputs of a scan.
 *
 * Forward, the scan is repeated with what the gradient needs as further stacked outputs; a pass makes one of the
 * two. Backward, gradients by the carries are carried, those by what was scanned are stacked, and those by
 * invariants are summed in a carry.
 */
export function scanGradients(context: RuleContext<"scan">): Gradients {
  const { inputs, gradients, attrs, wanted } = context;
  const { carries, scanned, length, reverse } = attrs;
  const body = graphOf(attrs.body);
  const { active, byOutputs, byInputs } = differentiateStep(context);
  const scannedIndices = body.inputs.flatMap((_, i) =>
    i >= carries && i < carries + scanned && byInputs[i] ? [i] : [],
  );
  const summed = body.inputs.flatMap((_, i) => (i >= carries + scanned && byInputs[i] ? [i] : []));
  const gradientBy = (i: number): Tensor => byInputs[i] ?? zeros(body.inputs[i].shape);

  const totals = summed.map((i) => bodyInput(`total.${i}`, body.inputs[i]));
  const results = [
    ...active.map(gradientBy),
    ...summed.map((i, place) => new Tensor(totals[place]).add(gradientBy(i))),
    ...scannedIndices.map(gradientBy),
  ].map(({ value }) => value);

  const kept = keptValues(body, results, byOutputs);
  const place = new Map(body.inputs.map((input, i) => [input, i]));
  const invariants = body.inputs.slice(carries + scanned).filter((input) => kept.has(input));
  const slices = body.inputs.slice(carries, carries + scanned).filter((input) => kept.has(input));
  const saved = [...kept].filter((value) => (place.get(value) ?? 0) < carries);

  // Forward again: what was not yet stacked is stacked too.
  const stacked = body.outputs.slice(carries).map(({ value }) => value);
  const added = saved.filter((value) => !stacked.includes(value));
  const forward: Graph = {
    inputs: body.inputs,
    outputs: [...body.outputs, ...added.map((value, i) => ({ name: `saved ${i}`, value }))],
  };
  const forwardOutputs = applyAll("scan", inputs, { ...attrs, body: forward });
  const stackOf = (value: Value): Tensor => forwardOutputs[carries + [...stacked, ...added].indexOf(value)];

  // Backward: a saved value is read from a slice of its stack.
  const savedSlices = saved.map((value, i) => bodyInput(`saved.${i}`, value));
  const sliced = byOutputs.flatMap((value, i) => (value && i >= carries ? [{ value, i }] : []));
  const closed = substitute(results, new Map(saved.map((value, i) => [value, savedSlices[i]])));
  const backward: Graph = {
    inputs: [
      ...active.map((i) => byOutputs[i] as Value),
      ...totals,
      ...sliced.map(({ value }) => value),
      ...slices,
      ...savedSlices,
      ...invariants,
    ],
    outputs: closed.map((value, i) => ({ name: `gradient ${i}`, value })),
  };
  const inputOf = (value: Value): Tensor => inputs[place.get(value) as number];
  const found = applyAll(
    "scan",
    [
      ...active.map((i) => gradients[i] ?? zeros(inputs[i].shape)),
      ...totals.map(({ shape }) => zeros(shape)),
      ...sliced.map(({ i }) => gradients[i] as Tensor),
      ...slices.map(inputOf),
      ...saved.map(stackOf),
      ...invariants.map(inputOf),
    ],
    {
      body: backward,
      carries: active.length + totals.length,
      scanned: sliced.length + slices.length + saved.length,
      length,
      reverse: !reverse,
    },
  );
  const order = [...active, ...summed, ...scannedIndices];
  return inputs.map((_, i) => (wanted[i] && order.includes(i) ? found[order.indexOf(i)] : undefined));
}
