/** Autoencoders with discrete codes, and the prior that makes new ones. */

export { type Codebook, type CodebookOptions, type CodebookParameters, codebook, codeUsage } from "./codebook.ts";
export { type VqConvOptions, type VqVaeNetworks, vqConvNetworks } from "./networks.ts";
export { straightThrough, type VqVaeOptions, type VqVaeParameters, vqVae } from "./vq-vae.ts";
