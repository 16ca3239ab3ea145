/** How grey values become what a model sees. */

import { randomBernoulli, type Tensor } from "../../../core/trace/index.ts";

/**
 * How grey values become what the model sees: as they are; 1 above one half; or 1 with the grey value's
 * probability, drawn anew each time.
 */
export const binarizations = ["none", "threshold", "random"] as const;

export type Binarization = (typeof binarizations)[number];

/** Shapes: grey values from 0 to 1, of any shape, kept. */
export function binarized(grey: Tensor, how: Binarization, key: Tensor): Tensor {
  if (how === "none") return grey;
  return how === "threshold" ? grey.greater(0.5).cast("float32") : randomBernoulli(key, grey.shape, grey);
}
