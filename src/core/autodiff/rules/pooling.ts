/** Gradients of ops that join the elements of windows. */

import { apply } from "../../trace/index.ts";
import type { SomeRules } from "./rule.ts";

export const pooling = {
  maxPool2d: (g, { inputs: [x], attrs }) => {
    const places = apply("maxPool2dPlaces", [x], attrs);
    const byElement = apply("scatterAdd", [g.flatten(0), places.flatten(0)], { axis: 0, size: x.size });
    return [byElement.reshape(x.shape)];
  },
  // Both are linear, each the transpose of the other.
  averagePool2d: (g, { inputs: [x], attrs }) => [
    apply("averagePool2dGradient", [g], { ...attrs, size: [x.shape[2], x.shape[3]] }),
  ],
  averagePool2dGradient: (g, { attrs: { size: _, ...attrs } }) => [apply("averagePool2d", [g], attrs)],
} satisfies SomeRules;
