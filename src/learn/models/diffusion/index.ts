/** Diffusion and flow matching over images and vectors: networks, ways to noise, samplers, families. */

export {
  type Conditioning,
  type ConditioningOptions,
  conditioning,
  type Denoiser,
  type DenoiserInputs,
} from "./denoiser.ts";
export {
  type DiffusionOptions,
  type DiffusionSampler,
  diffusion,
  diffusionPredictions,
  diffusionSamplers,
} from "./diffusion.ts";
export type { DenoisingOptions, DenoisingParameters } from "./family.ts";
export { type FlowMatchingOptions, flowMatching, flowSamplers } from "./flow-matching.ts";
export { type MlpDenoiserOptions, mlpDenoiser } from "./mlp-denoiser.ts";
export { type TimeDistribution, timeDistributions, type Weighting, weightings } from "./process.ts";
export { type TransformerDenoiserOptions, transformerDenoiser } from "./transformer-denoiser.ts";
export { type UnetDenoiserOptions, unetDenoiser } from "./unet-denoiser.ts";
