/** Gradients of ops that join the elements along axes. */

import type { Shape } from "../../base/index.ts";
import type { Tensor } from "../../trace/index.ts";
import type { SomeRules } from "./rule.ts";

/** Puts reduced axes back with size 1. */
function withReducedAxes(reduced: Tensor, input: Shape, axes: readonly number[]): Tensor {
  return reduced.reshape(input.map((size, axis) => (axes.includes(axis) ? 1 : size)));
}

export const reduction = {
  reduceSum: (g, { inputs: [x], attrs: { axes } }) => [withReducedAxes(g, x.shape, axes).expand(x.shape)],
  reduceMax: (g, { inputs: [x], output, attrs: { axes } }) => {
    const isLargest = x.equal(withReducedAxes(output, x.shape, axes)).cast("float32");
    return [withReducedAxes(g, x.shape, axes).mul(isLargest.div(isLargest.sum(axes, true)))];
  },
} satisfies SomeRules;
