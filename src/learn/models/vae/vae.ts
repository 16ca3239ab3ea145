/** The variational autoencoder. */

import { GalateaError, type Shape, sizeOf } from "../../../core/base/index.ts";
import { concat, foldKey, oneHot, randomNormal, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import {
  type Context,
  type EmbeddingParameters,
  embedding,
  evaluationContext,
  initializers,
  subcontext,
} from "../../nn/index.ts";
import { type Gaussian, gaussian, sumOverEvent } from "../../prob/index.ts";
import { type Binarization, binarized } from "../binarization.ts";
import { type EventType, eventBatch, eventInputs, eventOf, eventOutputs, labelCondition } from "../event.ts";
import type { Family, PhaseLoss, TensorBatch } from "../family.ts";
import { type Corruption, corrupt } from "./corruption.ts";
import { doublyReparameterizedLoss, type GradientEstimator, logMeanWeight } from "./importance.ts";
import { type LikelihoodName, type LikelihoodParameters, likelihoods } from "./likelihood.ts";
import type { VaeNetworks } from "./networks.ts";
import { keyOf, requireWhole, temperature } from "./options.ts";
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
  /** Number of labels that examples are told apart by, of a conditional model. */
  readonly classes?: number | undefined;
  /** Codes in the bound that is trained; 1, where absent, is the evidence lower bound. */
  readonly importanceSamples?: number;
  /** How the gradient of a bound of several codes is estimated; `reparameterized` where absent. */
  readonly gradient?: GradientEstimator;
  /** Standard deviation of the noise, or share of the pixels masked, in what the encoder reads; 0 where absent. */
  readonly noise?: number;
  /** `gaussian` where absent. */
  readonly corruption?: Corruption;
}

/** A type, not an interface, so that it is a parameter tree. */
export type VaeParameters = {
  readonly encoder: TensorTree;
  readonly decoder: TensorTree;
  readonly likelihood: LikelihoodParameters;
  readonly prior: PriorParameters;
  /** A picture for each label, `weight` [classes, C H W]; nothing without labels. */
  readonly label: TensorTree;
};

/** Streams of random numbers within one use of the model. */
const streams = { binarize: 0, latent: 1, encoder: 2, decoder: 3, corrupt: 4 } as const;

/** Examples as the model sees them. */
interface Seen {
  /** What is to be made, float32 [B, C, H, W] in [0, 1]. */
  readonly x: Tensor;
  readonly q: Gaussian;
  readonly label: Tensor | undefined;
}

/**
 * A variational autoencoder over images.
 *
 * loss = E_q(z|x)[-log p(x|z)] + beta KL(q(z|x) || p(z)), averaged over the batch, in nats
 *
 * q(z|x) is Gaussian with diagonal covariance and one sample of it is drawn by reparameterization; the KL to
 * a standard normal prior is analytic, to a mixture it is estimated from that sample. log p(x) is bounded by
 * k importance samples, log mean_k p(x|z) p(z) / q(z|x), which tends to log p(x); with `importanceSamples` that
 * bound is the loss (importance-weighted autoencoder).
 *
 * With `classes` encoder and decoder are told the label (conditional VAE): p(x|z, y), q(z|x, y). The encoder reads
 * the image plus a learned picture of the label, the decoder the label's one-hot code after the latents.
 * With `noise` the encoder reads a spoilt image and the decoder is asked for the clean one (denoising VAE).
 *
 * Shapes: reads `image` uint8 [B, C, H, W] (0 to 255) and perhaps `label` int32 [B]; samples are `image` float32
 * [count, C, H, W] in [0, 1].
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: Kingma and Welling, "Auto-encoding variational Bayes" (2014); Higgins et al., "beta-VAE" (2017);
 * Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders" (2016); Sohn, Lee and Yan, "Learning structured
 * output representation using deep conditional generative models" (2015); Im et al., "Denoising criterion for
 * variational auto-encoding framework" (2017).
 */
export function vae(options: VaeOptions): Family<VaeParameters> {
  requireOptions(options);
  const { shape, latent, networks, beta = 1, classes, importanceSamples = 1, noise: spoilt = 0 } = options;
  const event: EventType = { field: "image", shape };
  const likelihood = likelihoods[options.likelihood ?? "bernoulli"];
  const prior = createPrior(options.prior ?? "standard", latent, options.components ?? 100);
  const labels = embedding({ count: classes ?? 0, size: sizeOf(shape), init: initializers.normal(0.1) });

  const posterior = (
    { encoder, label: pictures }: VaeParameters,
    x: Tensor,
    label: Tensor | undefined,
    context: Context,
  ): Gaussian => {
    const picture = label && labels.apply(pictures as EmbeddingParameters, label, context).reshape(x.shape);
    const input = picture ? x.add(picture) : x;
    const output = networks.encoder.apply(encoder, input, subcontext(context, streams.encoder));
    const [mean, logVariance] = output.split(2);
    return gaussian(mean, { logVariance });
  };
  /** Examples with binary pixels and noise as the options say, and their posteriors. */
  const see = (parameters: VaeParameters, batch: TensorBatch, context: Context): Seen => {
    const key = keyOf(context.key);
    const x = binarized(eventOf(event, batch), options.binarize ?? "none", foldKey(key, streams.binarize));
    const label = classes === undefined ? undefined : batch.label;
    const read = spoilt > 0 ? corrupt(x, foldKey(key, streams.corrupt), options.corruption ?? "gaussian", spoilt) : x;
    return { x, label, q: posterior(parameters, read, label, context) };
  };
  /** Without random numbers: grey values stand for the expected binary ones, and nothing is spoilt. */
  const codes = (parameters: VaeParameters, batch: TensorBatch): Tensor => {
    const label = classes === undefined ? undefined : batch.label;
    return posterior(parameters, eventOf(event, batch), label, evaluationContext()).mean;
  };
  const decoded = ({ decoder }: VaeParameters, z: Tensor, label: Tensor | undefined, context: Context): Tensor => {
    const input = classes === undefined || !label ? z : concat([z, oneHot(label, classes)], 1);
    return networks.decoder.apply(decoder, input, subcontext(context, streams.decoder));
  };
  const images = (parameters: VaeParameters, z: Tensor, label: Tensor | undefined): TensorBatch =>
    eventBatch(event, likelihood.mean(decoded(parameters, z, label, evaluationContext())));

  /** The two terms of the bound for each example, [B]. */
  const terms = (parameters: VaeParameters, batch: TensorBatch, context: Context) => {
    const { x, q, label } = see(parameters, batch, context);
    const z = q.sample(foldKey(keyOf(context.key), streams.latent));
    const density = likelihood.distribution(parameters.likelihood, decoded(parameters, z, label, context));
    return { reconstruction: sumOverEvent(density.logProb(x)).neg(), kl: prior.divergence(parameters.prior, q, z) };
  };
  /** Codes [K, B, D]. */
  const draw = (q: Gaussian, key: Tensor, samples: number): Tensor =>
    q.mean.add(randomNormal(key, [samples, ...q.shape]).mul(q.scale));
  /** log p(x|z) and log p(z) of codes [K, B, D], each [K, B]. */
  const joint = (parameters: VaeParameters, { x, label }: Seen, z: Tensor, context: Context) => {
    const [samples, count] = z.shape;
    const rows = z.reshape([samples * count, latent]);
    const output = decoded(parameters, rows, label?.tile([samples]), context);
    const density = likelihood.distribution(parameters.likelihood, output.reshape([samples, count, ...shape]));
    return {
      likely: sumOverEvent(density.logProb(x), 2),
      logPrior: prior.logProb(parameters.prior, rows).reshape([samples, count]),
    };
  };
  /** The loss of several codes for each example. */
  const weightedLoss = (parameters: VaeParameters, batch: TensorBatch, context: Context): PhaseLoss => {
    const seen = see(parameters, batch, context);
    const z = draw(seen.q, foldKey(keyOf(context.key), streams.latent), importanceSamples);
    const metrics: Record<string, Tensor> = {};
    const logWeights = (q: Gaussian, given: Tensor): Tensor => {
      const { likely, logPrior } = joint(parameters, seen, given, context);
      const logRatio = logPrior.sub(sumOverEvent(q.logProb(given), 2));
      Object.assign(metrics, { reconstruction: likely.mean().neg(), kl: logRatio.mean().neg() });
      return likely.add(logRatio);
    };
    const loss =
      options.gradient === "doubly-reparameterized"
        ? doublyReparameterizedLoss(seen.q, z, logWeights)
        : logMeanWeight(logWeights(seen.q, z)).mean().neg();
    return { loss, metrics };
  };

  return {
    name: "vae",
    inputs: eventInputs(event, classes),
    outputs: eventOutputs(event),
    ...labelCondition(classes),
    controls: { temperature },
    init: (key) => ({
      encoder: networks.encoder.init(foldKey(key, 0)),
      decoder: networks.decoder.init(foldKey(key, 1)),
      likelihood: likelihood.init(),
      prior: prior.init(foldKey(key, 2)),
      label: classes === undefined ? {} : labels.init(foldKey(key, 3)),
    }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => {
          // One code needs no weights, and the KL in closed form has less noise.
          if (importanceSamples > 1) return weightedLoss(parameters, batch, context);
          const each = terms(parameters, batch, context);
          const reconstruction = each.reconstruction.mean();
          const kl = each.kl.mean();
          return { loss: reconstruction.add(kl.mul(beta)), metrics: { reconstruction, kl } };
        },
      },
    ],
    sample: (parameters, key, { count, conditions, controls }) =>
      images(parameters, prior.sample(parameters.prior, key, count, controls.temperature), conditions.label),
    scores: ["negativeElbo", "reconstruction", "kl"],
    score: (parameters, batch, key) => {
      const { reconstruction, kl } = terms(parameters, batch, { ...evaluationContext(), key });
      return { negativeElbo: reconstruction.add(kl), reconstruction, kl };
    },
    logProb: (parameters, batch, { key, noise = foldKey(key, streams.latent), samples }) => {
      const context: Context = { ...evaluationContext(), key };
      const seen = see(parameters, batch, context);
      const z = draw(seen.q, noise, samples);
      const { likely, logPrior } = joint(parameters, seen, z, context);
      return logMeanWeight(likely.add(logPrior).sub(sumOverEvent(seen.q.logProb(z), 2)));
    },
    drawLatents: (parameters, key, count) => prior.sample(parameters.prior, key, count),
    encode: codes,
    decode: (parameters, latents, conditions) => images(parameters, latents, conditions.label),
    reconstruct: (parameters, batch) => images(parameters, codes(parameters, batch), batch.label),
    ...(spoilt > 0 && {
      denoise: (parameters: VaeParameters, batch: TensorBatch) =>
        images(parameters, codes(parameters, batch), batch.label),
    }),
  };
}

function requireOptions({
  latent,
  beta = 1,
  importanceSamples = 1,
  noise = 0,
  gradient,
  ...options
}: VaeOptions): void {
  requireWhole("latent", latent);
  requireWhole("importanceSamples", importanceSamples);
  if (options.classes !== undefined) requireWhole("classes", options.classes);
  if (importanceSamples > 1 && beta !== 1) {
    throw new GalateaError("config", "beta", `is ${beta}`, "with several importanceSamples it must be 1");
  }
  if (importanceSamples === 1 && gradient === "doubly-reparameterized") {
    throw new GalateaError("config", "gradient", `is ${gradient}`, "it is for importanceSamples above 1");
  }
  const most = options.corruption === "masking" ? 1 : Number.POSITIVE_INFINITY;
  if (!(noise >= 0 && noise < most)) {
    throw new GalateaError("config", "noise", `is ${noise}`, "it must be at least 0, and a share of pixels below 1");
  }
}
