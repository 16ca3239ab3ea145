/** Gradients of convolutions. */

import { apply } from "../../trace/index.ts";
import type { SomeRules } from "./rule.ts";

export const convolution = {
  // The three convolutions are one trilinear form, each the derivative of the others.
  conv2d: (g, { inputs: [x, weight], attrs }) => [
    apply("conv2dInputGradient", [g, weight], { ...attrs, size: [x.shape[2], x.shape[3]] }),
    apply("conv2dWeightGradient", [x, g], { ...attrs, size: [weight.shape[2], weight.shape[3]] }),
  ],
  conv2dInputGradient: (g, { inputs: [y, weight], attrs: { size: _, ...attrs } }) => [
    apply("conv2d", [g, weight], attrs),
    apply("conv2dWeightGradient", [g, y], { ...attrs, size: [weight.shape[2], weight.shape[3]] }),
  ],
  conv2dWeightGradient: (g, { inputs: [x, y], attrs: { size: _, ...attrs } }) => [
    apply("conv2dInputGradient", [y, g], { ...attrs, size: [x.shape[2], x.shape[3]] }),
    apply("conv2d", [x, g], attrs),
  ],
} satisfies SomeRules;
