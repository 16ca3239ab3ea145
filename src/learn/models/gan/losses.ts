/** What the two networks of a GAN play for: losses of the discriminator's outputs. */

import { constant, type Tensor } from "../../../core/trace/index.ts";

/** Outputs are of any shape; losses are their means. */
export interface AdversarialLoss {
  /** What the discriminator makes smaller, from its outputs for real and for generated examples. */
  discriminator(real: Tensor, fake: Tensor): Tensor;
  /** What the generator makes smaller; outputs for real examples serve losses that compare with them. */
  generator(fake: Tensor, real: Tensor): Tensor;
  /** The output above which an example is taken for real. */
  boundary(real: Tensor, fake: Tensor): Tensor;
}

export const adversarialLossNames = ["logistic", "hinge", "wasserstein", "leastSquares", "relativistic"] as const;

export type AdversarialLossName = (typeof adversarialLossNames)[number];

/** For outputs that have no zero of their own. */
const halfway = (real: Tensor, fake: Tensor): Tensor => real.mean().add(fake.mean()).mul(0.5);

export const adversarialLosses: Readonly<Record<AdversarialLossName, AdversarialLoss>> = {
  /**
   * -log s(D(x)) - log(1 - s(D(G(z)))) against -log s(D(G(z))), s the sigmoid: the non-saturating form.
   * Source: Goodfellow et al., "Generative adversarial nets" (2014).
   */
  logistic: {
    discriminator: (real, fake) => real.neg().softplus().mean().add(fake.softplus().mean()),
    generator: (fake) => fake.neg().softplus().mean(),
    boundary: () => constant(0),
  },
  /**
   * max(0, 1 - D(x)) + max(0, 1 + D(G(z))) against -D(G(z)).
   * Source: Lim and Ye, "Geometric GAN" (2017); Miyato et al., "Spectral normalization" (2018).
   */
  hinge: {
    discriminator: (real, fake) => real.neg().add(1).relu().mean().add(fake.add(1).relu().mean()),
    generator: (fake) => fake.mean().neg(),
    boundary: () => constant(0),
  },
  /**
   * D(G(z)) - D(x) against -D(G(z)); D must be kept from being steep, by a gradient penalty.
   * Source: Arjovsky, Chintala and Bottou, "Wasserstein GAN" (2017).
   */
  wasserstein: {
    discriminator: (real, fake) => fake.mean().sub(real.mean()),
    generator: (fake) => fake.mean().neg(),
    boundary: halfway,
  },
  /**
   * (D(x) - 1)^2 / 2 + D(G(z))^2 / 2 against (D(G(z)) - 1)^2 / 2.
   * Source: Mao et al., "Least squares generative adversarial networks" (2017), equation 9.
   */
  leastSquares: {
    discriminator: (real, fake) => real.sub(1).square().mean().add(fake.square().mean()).mul(0.5),
    generator: (fake) => fake.sub(1).square().mean().mul(0.5),
    boundary: () => constant(0.5),
  },
  /**
   * -log s(D(x) - D(G(z))) against -log s(D(G(z)) - D(x)), each generated example beside a real one: one mode that is left
   * out shows in the pairs that hold it. With the penalties R1 and R2 training comes to rest.
   * Source: Jolicoeur-Martineau, "The relativistic discriminator" (2019), equations 11 and 12 for pairs; Huang et al.,
   * "The GAN is dead; long live the GAN!" (2024), who use it with both penalties.
   */
  relativistic: {
    discriminator: (real, fake) => fake.sub(real).softplus().mean(),
    generator: (fake, real) => real.sub(fake).softplus().mean(),
    boundary: halfway,
  },
};
