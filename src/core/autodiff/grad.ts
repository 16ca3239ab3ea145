/** Reverse-mode differentiation, graph to graph. */

import { formatShape, GalateaError, leavesOf, type Tree, treeFromLeaves } from "../base/index.ts";
import { isDifferentiable, type Node, nodesInOrder, opTable, type Value } from "../graph/index.ts";
import { constant, type Tensor, type TensorTree, zeros } from "../trace/index.ts";
import { backwardPath, inputGradients } from "./rules.ts";

/** Nodes through which a gradient can flow from the loss to a wanted value. */
function nodesOnTheWay(order: readonly Node[], wanted: ReadonlySet<Value>): Set<Node> {
  const way = new Set<Node>();
  for (const node of order) {
    const passes = isDifferentiable(node.op) || opTable[node.op].refusesGradient !== undefined;
    const carries = passes && node.inputs.some((input) => wanted.has(input) || way.has(input.node));
    if (carries) way.add(node);
  }
  return way;
}

/**
 * Sums of gradients times derivatives: sum over i of gradients[i] * d outputs[i] / d wrt[j], for each j, of the
 * shape of wrt[j]; `undefined` where no output depends on it.
 * @param gradients of something by the outputs; `undefined` stands for zeros
 */
export function pullback(
  outputs: readonly Tensor[],
  gradients: readonly (Tensor | undefined)[],
  wrt: readonly Tensor[],
): (Tensor | undefined)[] {
  const wanted = new Set(wrt.map(({ value }) => value));
  const order = nodesInOrder(outputs.map(({ value }) => value));
  const way = nodesOnTheWay(order, wanted);
  const isOnTheWay = (value: Value): boolean => wanted.has(value) || way.has(value.node);
  const collected = new Map<Value, Tensor>();
  const collect = (value: Value, contribution: Tensor | undefined): void => {
    if (contribution === undefined || !isOnTheWay(value)) return;
    const sum = collected.get(value)?.within(backwardPath(value.node));
    collected.set(value, sum ? sum.add(contribution) : contribution);
  };
  outputs.forEach(({ value }, i) => {
    collect(value, gradients[i]);
  });
  for (const node of order.reverse()) {
    if (!way.has(node)) continue;
    const byOutputs = node.outputs.map((output) => collected.get(output));
    if (byOutputs.every((gradient) => gradient === undefined)) continue;
    const byInputs = inputGradients(node, byOutputs, { wanted: node.inputs.map(isOnTheWay), pullback });
    node.inputs.forEach((input, i) => {
      collect(input, byInputs[i]);
    });
  }
  return wrt.map(({ value }) => collected.get(value)?.within(undefined));
}

/**
 * The gradients of a scalar by tensors that it was computed from: d loss / d wrt[i], of the shape of wrt[i].
 *
 * The result is graph like any other, so it can be differentiated again. A tensor that the loss does not
 * depend on gets zeros.
 * @throws GalateaError `gradient` when the loss is not a float32 scalar or a wanted tensor is no float.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.rank !== 0 || loss.dtype !== "float32") {
    const seen = `the loss is ${loss.dtype}${formatShape(loss.shape)}`;
    throw new GalateaError("gradient", loss.path, seen, "it must be a float32 scalar: reduce it with sum() or mean()");
  }
  const integer = wrt.find(({ dtype }) => dtype !== "float32");
  if (integer) {
    throw new GalateaError("gradient", integer.path, `no gradient by ${integer.dtype}`, "only by float32 tensors");
  }
  return pullback([loss], [constant(1)], wrt).map((gradient, i) => gradient ?? zeros(wrt[i].shape));
}

/** {@link gradients} by every leaf of a tree of parameters, as a tree of the same structure. */
export function grad<T extends TensorTree>(loss: Tensor, parameters: T): T {
  const leaves = leavesOf<Tensor>(parameters).map(({ value }) => value);
  return treeFromLeaves<Tensor, Tensor>(parameters as Tree<Tensor>, gradients(loss, leaves)) as T;
}
