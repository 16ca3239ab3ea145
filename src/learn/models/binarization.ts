/** How grey values become black and white, for families that model binary images. */

import { randomBernoulli, type Tensor } from "../../core/trace/index.ts";

/**
 * How grey values become what the model sees: as they are; 1 above one half; or 1 with the grey value's
 * probability, drawn anew each time.
 */
export const binarizations = ["none", "threshold", "random"] as const;

export type Binarization = (typeof binarizations)[number];

/**
 * Grey values in [0, 1], binarized.
 *
 * Shapes: float32 [...] -> float32 [...].
 * @param key random key, uint32 [2], read for `random` only
 */
export function binarized(grey: Tensor, binarize: Binarization, key: Tensor): Tensor {
  if (binarize === "none") return grey;
  if (binarize === "threshold") return grey.greater(0.5).cast("float32");
  return randomBernoulli(key, grey.shape, grey);
}
