/** Gradients of ops that join the elements along axes. */

import type { Shape } from "../../base/index.ts";
import type { ReduceAttrs } from "../../graph/index.ts";
import { apply, range, type Tensor } from "../../trace/index.ts";
import type { RuleContext, SomeRules } from "./rule.ts";

/** Puts reduced axes back with size 1. */
function withReducedAxes(reduced: Tensor, input: Shape, axes: readonly number[]): Tensor {
  return reduced.reshape(input.map((size, axis) => (axes.includes(axis) ? 1 : size)));
}

/** The gradient to the largest or smallest elements, in equal shares. */
function shareToWinners(g: Tensor, { inputs: [x], output, attrs }: RuleContext<"reduceMax" | "reduceMin">): Tensor[] {
  const { axes }: ReduceAttrs = attrs;
  const wins = x.equal(withReducedAxes(output, x.shape, axes)).cast("float32");
  return [withReducedAxes(g, x.shape, axes).mul(wins.div(wins.sum(axes, true)))];
}

export const reduction = {
  reduceSum: (g, { inputs: [x], attrs: { axes } }) => [withReducedAxes(g, x.shape, axes).expand(x.shape)],
  reduceMax: shareToWinners,
  reduceMin: shareToWinners,
  // An element is in the sums on one side of it.
  cumulativeSum: (g, { attrs }) => [apply("cumulativeSum", [g], { ...attrs, reverse: !attrs.reverse })],
  // To the place that each value came from: the sum over k of one-hot rows.
  topK: (g, { inputs: [x], outputs: [, indices], attrs: { axis, k } }) => {
    const { shape } = x;
    const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
    const chosen = indices.reshape([...before, k, 1, ...after]);
    const places = range(shape[axis], "int64").reshape([shape[axis], ...after.map(() => 1)]);
    const isFrom = chosen.equal(places).cast("float32"); // [A..., k, N, B...]
    return [isFrom.mul(g.reshape(chosen.shape)).sum(axis)];
  },
} satisfies SomeRules;
