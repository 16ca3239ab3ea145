/** Variational autoencoders over images. */

export { type Likelihood, type LikelihoodName, likelihoodNames, likelihoods } from "./likelihood.ts";
export { type ConvOptions, convNetworks, type MlpOptions, mlpNetworks, type VaeNetworks } from "./networks.ts";
export { createPrior, type Prior, type PriorName, priorNames } from "./prior.ts";
export { type VaeOptions, type VaeParameters, vae } from "./vae.ts";
