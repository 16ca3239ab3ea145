/** Variational autoencoders over images: plain, conditional, importance-weighted, denoising,
 * hierarchical. */

export { type Corruption, corruptions } from "./corruption.ts";
export { type HierarchicalVaeOptions, type HierarchicalVaeParameters, hierarchicalVae } from "./hierarchical.ts";
export { type GradientEstimator, gradientEstimators } from "./importance.ts";
export {
  type Likelihood,
  type LikelihoodName,
  type LikelihoodParameters,
  likelihoodNames,
  likelihoods,
} from "./likelihood.ts";
export { type ConvOptions, convNetworks, type MlpOptions, mlpNetworks, type VaeNetworks } from "./networks.ts";
export { createPrior, type Prior, type PriorName, priorNames } from "./prior.ts";
export { type VaeOptions, type VaeParameters, vae } from "./vae.ts";
