/** Gradients of ops that read or write at computed places. */

import { apply } from "../../trace/index.ts";
import type { SomeRules } from "./rule.ts";

export const indexing = {
  gather: (g, { inputs: [x, indices], attrs: { axis } }) => [
    apply("scatterAdd", [g, indices], { axis, size: x.shape[axis] }),
    undefined,
  ],
  scatterAdd: (g, { inputs: [, indices], attrs: { axis } }) => [g.gather(indices, axis), undefined],
} satisfies SomeRules;
