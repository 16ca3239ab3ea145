/** Denoising diffusion: examples drown in noise step by step, and a network learns the way back. */

import { type NoiseScheduleName, noiseSchedule } from "../../prob/index.ts";
import type { Family } from "../family.ts";
import { type DenoisingOptions, type DenoisingParameters, denoisingFamily, type Sampler } from "./family.ts";
import type { PredictionName } from "./prediction.ts";
import { diffusionProcess, type Weighting } from "./process.ts";

/** Ancestral sampling, which draws fresh noise in each step; DDIM, which draws none; Heun's method along its path. */
export const diffusionSamplers = ["ddpm", "ddim", "heun"] as const;

export type DiffusionSampler = (typeof diffusionSamplers)[number];

/** What the network of a diffusion may predict. */
export const diffusionPredictions = ["epsilon", "x0", "v"] as const satisfies readonly PredictionName[];

export interface DiffusionOptions extends DenoisingOptions {
  /** `cosine` where absent. */
  readonly schedule?: NoiseScheduleName;
  /** Steps of the diffusion; 1000 where absent. */
  readonly timeSteps?: number;
  /** `v` where absent: errors of epsilon are large in examples that are nearly all noise. */
  readonly prediction?: (typeof diffusionPredictions)[number];
  /** `simple` where absent. */
  readonly weighting?: Weighting;
  /** Highest weight of an example's squared error, for `min-snr`; 5 where absent. */
  readonly gamma?: number;
  /** `ddim` where absent. */
  readonly sampler?: DiffusionSampler;
}

/** Only ancestral sampling is random unless the control `eta` says otherwise. */
const samplers: Readonly<Record<DiffusionSampler, Sampler>> = {
  ddpm: { kind: "stochastic", eta: 1 },
  ddim: { kind: "stochastic", eta: 0 },
  heun: { kind: "heun" },
};

/**
 * Denoising diffusion over images or vectors.
 *
 * x_t = sqrt(abar_t) x + sqrt(1 - abar_t) e; loss = E_t,e weight_t |network(x_t, t) - target|^2, averaged over values,
 * where the target is e, x, or v = sqrt(abar_t) e - sqrt(1 - abar_t) x.
 *
 * With classes, some of them are hidden in training, and samples can be guided: without class + guidance (with class -
 * without). Latents are the noise from which Heun's method along the probability flow leads to an example. Of vectors of
 * few values log p is exact, but for the method's steps. `denoise` begins where the diffusion's noise equals the given
 * one; without labels in the batch it takes that for no class.
 *
 * Shapes: reads `image` uint8 [B, C, H, W] or `vector` float32 [B, D], and `label` int32 [B] with classes.
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: Ho, Jain and Abbeel, "Denoising diffusion probabilistic models" (2020); Nichol and Dhariwal (2021); Song, Meng
 * and Ermon, "Denoising diffusion implicit models" (2021); Ho and Salimans, "Classifier-free diffusion guidance" (2022).
 */
export function diffusion(options: DiffusionOptions): Family<DenoisingParameters> {
  const { schedule = "cosine", timeSteps = 1000, prediction = "v", weighting = "simple", gamma = 5 } = options;
  const process = diffusionProcess({ schedule: noiseSchedule(schedule, timeSteps), prediction, weighting, gamma });
  return denoisingFamily({ ...options, name: "diffusion", process, sampler: samplers[options.sampler ?? "ddim"] });
}
