/** What a denoising VAE does to the images that its encoder reads. */

import { randomBernoulli, randomNormal, type Tensor } from "../../../core/trace/index.ts";

export const corruptions = ["gaussian", "masking"] as const;

/** Normal noise is added, cut off at black and white; or pixels become black. */
export type Corruption = (typeof corruptions)[number];

/**
 * Images spoilt at random.
 *
 * gaussian: clip(x + amount e, 0, 1) with e standard normal; masking: x m with m = 0 for a share `amount` of the pixels
 *
 * Shapes: x [B, ...], kept.
 * Units and ranges: x from 0 to 1; a mask's amount from 0 to 1.
 *
 * Source: Vincent, Larochelle, Bengio and Manzagol, "Extracting and composing robust features with denoising
 * autoencoders" (2008), for the masks.
 */
export function corrupt(x: Tensor, key: Tensor, corruption: Corruption, amount: number): Tensor {
  if (corruption === "masking") return x.mul(randomBernoulli(key, x.shape, 1 - amount));
  return x.add(randomNormal(key, x.shape).mul(amount)).clip(0, 1);
}
