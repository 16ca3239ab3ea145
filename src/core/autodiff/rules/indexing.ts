/** Gradients of ops that read or write at computed places. */

import { apply, zeros } from "../../trace/index.ts";
import type { SomeRules } from "./rule.ts";

export const indexing = {
  gather: (g, { inputs: [x, indices], attrs: { axis } }) => [
    apply("scatterAdd", [g, indices], { axis, size: x.shape[axis] }),
    undefined,
  ],
  scatterAdd: (g, { inputs: [, indices], attrs: { axis } }) => [g.gather(indices, axis), undefined],
  takeAlongAxis: (g, { inputs: [x, indices], attrs: { axis } }) => [
    apply("scatterAddAlongAxis", [g, indices], { axis, size: x.shape[axis] }),
    undefined,
  ],
  scatterAddAlongAxis: (g, { inputs: [, indices], attrs: { axis } }) => [g.takeAlongAxis(indices, axis), undefined],
  dynamicSlice: (g, { inputs: [x, start], attrs: { axis } }) => [
    apply("dynamicUpdateSlice", [zeros(x.shape), g, start], { axis }),
    undefined,
  ],
  dynamicUpdateSlice: (g, { inputs: [, update, start], attrs: { axis } }) => [
    apply("dynamicUpdateSlice", [g, zeros(update.shape), start], { axis }),
    apply("dynamicSlice", [g, start], { axis, size: update.shape[axis] }),
    undefined,
  ],
} satisfies SomeRules;
