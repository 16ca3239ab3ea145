/** How a decoder's output becomes a density over examples. */

import { constant, type Tensor, zeros } from "../../../core/trace/index.ts";
import { bernoulli, type Distribution, gaussian } from "../../prob/index.ts";

/** Parameters of the likelihood itself: none for Bernoulli, the width for Gaussian. */
export type LikelihoodParameters = Readonly<Record<string, Tensor>>;

export interface Likelihood {
  init(): LikelihoodParameters;
  /** Elementwise density over examples, from the decoder's output. */
  distribution(parameters: LikelihoodParameters, output: Tensor): Distribution;
  /** The expected example, within [0, 1] for images. */
  mean(output: Tensor): Tensor;
}

export const likelihoodNames = ["bernoulli", "gaussian"] as const;

export type LikelihoodName = (typeof likelihoodNames)[number];

export const likelihoods: Readonly<Record<LikelihoodName, Likelihood>> = {
  /** Outputs are log-odds. */
  bernoulli: {
    init: () => ({}),
    distribution: (_, output) => bernoulli({ logits: output }),
    mean: (output) => output.sigmoid(),
  },
  /**
   * Outputs are means; one learned width is shared by all elements, which balances reconstruction and
   * KL by itself. Source: Rybkin, Daniilidis and Levine, "Simple and effective VAE training with calibrated
   * decoders" (2021).
   */
  gaussian: {
    init: () => ({ log_variance: zeros([]) }),
    // Below e^-12 a width would let single pixels outweigh everything else.
    distribution: ({ log_variance }, output) => gaussian(output, { logVariance: log_variance.maximum(constant(-12)) }),
    mean: (output) => output.clip(0, 1),
  },
};
