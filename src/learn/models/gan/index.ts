/** Generative adversarial networks over images and vectors. */

export { type AugmentationName, augmentationNames, augmentImages } from "./augment.ts";
export {
  type ConvDiscriminatorOptions,
  convDiscriminator,
  type Discriminator,
  type DiscriminatorNorm,
  discriminatorNorms,
  type MlpDiscriminatorOptions,
  mlpDiscriminator,
} from "./discriminators.ts";
export { type GanOptions, type GanParameters, gan } from "./gan.ts";
export {
  type ConvGeneratorOptions,
  convGenerator,
  type Generator,
  type MlpGeneratorOptions,
  mlpGenerator,
} from "./generators.ts";
export {
  type AdversarialLoss,
  type AdversarialLossName,
  adversarialLosses,
  adversarialLossNames,
} from "./losses.ts";
export { gradientPenalty, zeroCenteredPenalty } from "./penalties.ts";
