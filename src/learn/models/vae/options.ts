/** What the families of this folder check and offer alike. */

import { GalateaError } from "../../../core/base/index.ts";
import type { Tensor } from "../../../core/trace/index.ts";
import type { Control } from "../family.ts";

/** How far samples stray from the middle of the prior. */
export const temperature: Control = {
  description: "scale of the latents' deviations: below 1 samples are more typical and more alike",
  minimum: 0,
  maximum: 2,
  default: 1,
};

/** @throws GalateaError `config` when an option is not a whole number of at least 1. */
export function requireWhole(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new GalateaError("config", name, `is ${value}`, "it must be a whole number of at least 1");
}

/** The key of a context, which must have one. */
export function keyOf(key: Tensor | undefined): Tensor {
  if (key) return key;
  throw new GalateaError("internal", "vae", "got no random key", "a VAE draws its latents");
}
