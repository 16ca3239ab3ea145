/** Flow matching along straight lines: a network learns the velocity from noise to examples. */

import type { Family } from "../family.ts";
import { type DenoisingOptions, type DenoisingParameters, denoisingFamily } from "./family.ts";
import { straightProcess, type TimeDistribution } from "./process.ts";
import type { OdeMethod } from "./samplers.ts";

export const flowSamplers = ["euler", "heun"] as const satisfies readonly OdeMethod[];

export interface FlowMatchingOptions extends DenoisingOptions {
  /** Times to train at; `logit-normal` where absent. */
  readonly times?: TimeDistribution;
  /** `heun` where absent. */
  readonly sampler?: OdeMethod;
}

/**
 * Rectified flow over images or vectors.
 *
 * x_t = (1 - t) e + t x; loss = E_t,e |network(x_t, t) - (x - e)|^2, averaged over values. Samples follow dx/dt =
 * network(x, t) from noise at t = 0 to t = 1. All else is as for `diffusion`.
 *
 * Shapes: reads `image` uint8 [B, C, H, W] or `vector` float32 [B, D], and `label` int32 [B] with classes.
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: Liu, Gong and Liu, "Flow straight and fast" (2023); Lipman et al., "Flow matching for generative modeling"
 * (2023).
 */
export function flowMatching(options: FlowMatchingOptions): Family<DenoisingParameters> {
  const { times = "logit-normal", sampler = "heun" } = options;
  return denoisingFamily({
    ...options,
    name: "flow-matching",
    process: straightProcess(times),
    sampler: { kind: sampler },
  });
}
