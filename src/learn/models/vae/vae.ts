/** The variational autoencoder. */

import { GalateaError, type Shape } from "../../../core/base/index.ts";
import { foldKey, randomNormal, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { type Context, evaluationContext, subcontext } from "../../nn/index.ts";
import { type Gaussian, gaussian, sumOverEvent } from "../../prob/index.ts";
import { type Binarization, binarized } from "../binarization.ts";
import type { Family, TensorBatch } from "../family.ts";
import { type LikelihoodName, type LikelihoodParameters, likelihoods } from "./likelihood.ts";
import type { VaeNetworks } from "./networks.ts";
import { createPrior, type PriorName, type PriorParameters } from "./prior.ts";

export interface VaeOptions {
  /** Shape of one image, [C, H, W]. */
  readonly shape: Shape;
  /** Number of latent dimensions. */
  readonly latent: number;
  readonly networks: VaeNetworks;
  /** `bernoulli` where absent. */
  readonly likelihood?: LikelihoodName;
  /** Weight of the KL term in the loss; 1, where absent, is the evidence lower bound. */
  readonly beta?: number;
  /** `none` where absent. */
  readonly binarize?: Binarization;
  /** `standard` where absent. */
  readonly prior?: PriorName;
  /** Number of normal densities in a mixture prior; 100 where absent. */
  readonly components?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type VaeParameters = {
  readonly encoder: TensorTree;
  readonly decoder: TensorTree;
  readonly likelihood: LikelihoodParameters;
  readonly prior: PriorParameters;
};

/** Streams of random numbers within one use of the model. */
const streams = { binarize: 0, latent: 1, encoder: 2, decoder: 3 } as const;

function keyOf(context: Context): Tensor {
  if (context.key) return context.key;
  throw new GalateaError("internal", "vae", "got no random key", "a VAE draws its latents");
}

/**
 * A variational autoencoder over images.
 *
 * loss = E_q(z|x)[-log p(x|z)] + beta KL(q(z|x) || p(z)), averaged over the batch, in nats
 *
 * q(z|x) is Gaussian with diagonal covariance and one sample of it is drawn by reparameterization; the KL to
 * a standard normal prior is analytic, to a mixture it is estimated from that sample. log p(x) is bounded by
 * k importance samples, log mean_k p(x|z) p(z) / q(z|x), which is the bound of the importance-weighted
 * autoencoder and tends to log p(x).
 *
 * Shapes: reads `image` uint8 [B, C, H, W] (0 to 255); samples are `image` float32 [count, C, H, W] in [0, 1].
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: Kingma and Welling, "Auto-encoding variational Bayes" (2014); Higgins et al., "beta-VAE" (2017);
 * Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders" (2016).
 */
export function vae(options: VaeOptions): Family<VaeParameters> {
  const { shape, latent, networks, beta = 1, binarize = "none" } = options;
  const likelihood = likelihoods[options.likelihood ?? "bernoulli"];
  const prior = createPrior(options.prior ?? "standard", latent, options.components ?? 100);
  if (!Number.isInteger(latent) || latent < 1) {
    throw new GalateaError("config", "latent", `is ${latent}`, "it must be a whole number of at least 1");
  }

  const grey = (batch: TensorBatch): Tensor => batch.image.cast("float32").mul(1 / 255);
  /** Images as the model sees them: float32 in [0, 1]. */
  const prepare = (batch: TensorBatch, key: Tensor): Tensor =>
    binarized(grey(batch), binarize, foldKey(key, streams.binarize));
  const posterior = ({ encoder }: VaeParameters, x: Tensor, context: Context): Gaussian => {
    const [mean, logVariance] = networks.encoder.apply(encoder, x, subcontext(context, streams.encoder)).split(2);
    return gaussian(mean, { logVariance });
  };
  const decoded = ({ decoder }: VaeParameters, z: Tensor, context: Context): Tensor =>
    networks.decoder.apply(decoder, z, subcontext(context, streams.decoder));
  const logLikelihood = (parameters: VaeParameters, output: Tensor, x: Tensor): Tensor =>
    sumOverEvent(likelihood.distribution(parameters.likelihood, output).logProb(x));

  /** The two terms of the bound for each example, [B]. */
  const terms = (parameters: VaeParameters, batch: TensorBatch, context: Context) => {
    const key = keyOf(context);
    const x = prepare(batch, key);
    const q = posterior(parameters, x, context);
    const z = q.sample(foldKey(key, streams.latent));
    const reconstruction = logLikelihood(parameters, decoded(parameters, z, context), x).neg();
    return { reconstruction, kl: prior.divergence(parameters.prior, q, z) };
  };
  const images = (output: Tensor): TensorBatch => ({ image: likelihood.mean(output) });

  return {
    name: "vae",
    inputs: { image: { dtype: "uint8", shape } },
    outputs: { image: { dtype: "float32", shape } },
    init: (key) => ({
      encoder: networks.encoder.init(foldKey(key, 0)),
      decoder: networks.decoder.init(foldKey(key, 1)),
      likelihood: likelihood.init(),
      prior: prior.init(foldKey(key, 2)),
    }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => {
          const each = terms(parameters, batch, context);
          const reconstruction = each.reconstruction.mean();
          const kl = each.kl.mean();
          return { loss: reconstruction.add(kl.mul(beta)), metrics: { reconstruction, kl } };
        },
      },
    ],
    sample: (parameters, key, { count }) => {
      const z = prior.sample(parameters.prior, key, count);
      return images(decoded(parameters, z, evaluationContext()));
    },
    scores: ["negativeElbo", "reconstruction", "kl"],
    score: (parameters, batch, key) => {
      const { reconstruction, kl } = terms(parameters, batch, { ...evaluationContext(), key });
      return { negativeElbo: reconstruction.add(kl), reconstruction, kl };
    },
    logProb: (parameters, batch, { key, noise: noiseKey = foldKey(key, streams.latent), samples }) => {
      const context: Context = { ...evaluationContext(), key };
      const x = prepare(batch, key);
      const [count] = x.shape;
      const q = posterior(parameters, x, context);
      const noise = randomNormal(noiseKey, [samples, count, latent]);
      const z = q.mean.add(noise.mul(q.scale)); // [K, B, latent]
      const codes = z.reshape([samples * count, latent]);
      const output = decoded(parameters, codes, context);
      const likely = likelihood
        .distribution(parameters.likelihood, output.reshape([samples, count, ...shape]))
        .logProb(x);
      const logPrior = prior.logProb(parameters.prior, codes).reshape([samples, count]);
      const logWeights = sumOverEvent(likely, 2)
        .add(logPrior)
        .sub(sumOverEvent(q.logProb(z), 2)); // [K, B]
      return logWeights.logSumExp(0).sub(Math.log(samples));
    },
    drawLatents: (parameters, key, count) => prior.sample(parameters.prior, key, count),
    // Without random numbers: grey values stand for the expected binary ones.
    encode: (parameters, batch) => posterior(parameters, grey(batch), evaluationContext()).mean,
    decode: (parameters, latents) => images(decoded(parameters, latents, evaluationContext())),
    reconstruct: (parameters, batch) => {
      const context = evaluationContext();
      return images(decoded(parameters, posterior(parameters, grey(batch), context).mean, context));
    },
  };
}
