/** A VAE with two stochastic layers, whose inference shares the generative path from the top. */

import { GalateaError, type Shape, sizeOf } from "../../../core/base/index.ts";
import { concat, constant, foldKey, randomNormal, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { type Context, evaluationContext, flatten, type Module, relu, reshape, sequential } from "../../nn/index.ts";
import { type Gaussian, gaussian, klDivergence, klToStandardNormal, sumOverEvent } from "../../prob/index.ts";
import { type Binarization, binarized } from "../binarization.ts";
import { type EventType, eventBatch, eventInputs, eventOf, eventOutputs } from "../event.ts";
import type { Family, TensorBatch } from "../family.ts";
import { logMeanWeight } from "./importance.ts";
import { type LikelihoodName, type LikelihoodParameters, likelihoods } from "./likelihood.ts";
import { perceptron } from "./networks.ts";
import { keyOf, requireWhole, temperature } from "./options.ts";

export interface HierarchicalVaeOptions {
  /** Shape of one image, [C, H, W]. */
  readonly shape: Shape;
  /** Latent dimensions of the layer above the image, and of the one above that. */
  readonly latents: readonly [number, number];
  /** Widths of the hidden layers between the image and the first latents, and between first and second. */
  readonly hidden: readonly [number, number];
  /** `bernoulli` where absent. */
  readonly likelihood?: LikelihoodName;
  /** `none` where absent. */
  readonly binarize?: Binarization;
  /** Nats of each layer's KL that cost nothing in the loss, which keeps the second layer in use; 0 where absent. */
  readonly freeNats?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type HierarchicalVaeParameters = {
  /** From the image upwards: hidden features, and what they say of each layer's latents. */
  readonly encoder: Readonly<Record<"features1" | "latents1" | "features2" | "latents2", TensorTree>>;
  /** From the top downwards: first latents given the second, the image given the first. */
  readonly decoder: Readonly<Record<"latents1" | "image", TensorTree>>;
  readonly likelihood: LikelihoodParameters;
};

const streams = { binarize: 0, second: 1, first: 2 } as const;

/** A draw from q with all densities that it is judged by. */
interface Pass {
  readonly x: Tensor;
  readonly q1: Gaussian;
  readonly q2: Gaussian;
  readonly p1: Gaussian;
  readonly z1: Tensor;
  readonly z2: Tensor;
}

/** Standard normal noise for the latents of both layers. */
interface Noise {
  readonly first: Tensor;
  readonly second: Tensor;
}

function fromOutput(output: Tensor): Gaussian {
  const [mean, logVariance] = output.split(2);
  // e^-8 to e^4: beyond that precisions of both directions differ by more than float32 can add.
  return gaussian(mean, { logVariance: logVariance.clip(-8, 4) });
}

/** The normal density proportional to the product of two: means weighted by precision. */
export function combined(a: Gaussian, b: Gaussian): Gaussian {
  const precision = a.precision.add(b.precision);
  const mean = a.mean.mul(a.precision).add(b.mean.mul(b.precision)).div(precision);
  return gaussian(mean, { logVariance: precision.log().neg() });
}

/**
 * A variational autoencoder over images with latents z2 above z1 above x.
 *
 * p(x, z1, z2) = N(z2; 0, I) p(z1|z2) p(x|z1); q(z2|x) and q(z1|x, z2), both Gaussian
 *
 * loss = E_q[-log p(x|z1)] + KL(q(z2|x) || p(z2)) + E_q[KL(q(z1|x, z2) || p(z1|z2))], averaged over the batch, in nats
 *
 * As in a ladder, q(z1|x, z2) is the normalized product of what the image says, N(m(x), v(x)), and of the generative
 * p(z1|z2), so that upper latents are heard on the way down. Codes of `encode` and `decode` are z1.
 *
 * Shapes: reads `image` uint8 [B, C, H, W]; samples are `image` float32 [count, C, H, W] in [0, 1].
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: Sønderby, Raiko, Maaløe, Sønderby and Winther, "Ladder variational autoencoders" (2016), equations 8 to 12,
 * without batch normalization; free nats (Kingma et al., "Improved variational inference with inverse autoregressive
 * flow", 2016) stand for their warm-up.
 */
export function hierarchicalVae(options: HierarchicalVaeOptions): Family<HierarchicalVaeParameters> {
  const { shape, latents, hidden, binarize = "none", freeNats = 0 } = options;
  for (const count of latents) requireWhole("latents", count);
  if (!(freeNats >= 0)) throw new GalateaError("config", "freeNats", `is ${freeNats}`, "it must be at least 0");
  const event: EventType = { field: "image", shape };
  const likelihood = likelihoods[options.likelihood ?? "bernoulli"];
  const [below, above] = latents;
  const [wide, narrow] = hidden;
  const size = sizeOf(shape);
  const encoder: Readonly<Record<keyof HierarchicalVaeParameters["encoder"], Module>> = {
    features1: sequential(flatten(), ...perceptron([size, wide, wide], "relu"), relu),
    latents1: sequential(...perceptron([wide, 2 * below], "relu")),
    features2: sequential(...perceptron([wide, narrow, narrow], "relu"), relu),
    latents2: sequential(...perceptron([narrow, 2 * above], "relu")),
  };
  const decoder: Readonly<Record<keyof HierarchicalVaeParameters["decoder"], Module>> = {
    latents1: sequential(...perceptron([above, narrow, narrow, 2 * below], "relu")),
    image: sequential(...perceptron([below, wide, wide, size], "relu"), reshape(shape)),
  };
  const context = evaluationContext();

  /** p(z1|z2) */
  const prior1 = (parameters: HierarchicalVaeParameters, z2: Tensor): Gaussian =>
    fromOutput(decoder.latents1.apply(parameters.decoder.latents1, z2, context));
  const decoded = (parameters: HierarchicalVaeParameters, z1: Tensor): Tensor =>
    decoder.image.apply(parameters.decoder.image, z1, context);
  const images = (parameters: HierarchicalVaeParameters, z1: Tensor): TensorBatch =>
    eventBatch(event, likelihood.mean(decoded(parameters, z1)));

  /** Both layers drawn from the top down; without noise, their means. */
  const infer = (parameters: HierarchicalVaeParameters, x: Tensor, noise?: Noise): Pass => {
    const own = parameters.encoder;
    const d1 = encoder.features1.apply(own.features1, x, context);
    const d2 = encoder.features2.apply(own.features2, d1, context);
    const said = fromOutput(encoder.latents1.apply(own.latents1, d1, context));
    const q2 = fromOutput(encoder.latents2.apply(own.latents2, d2, context));
    const z2 = noise ? q2.mean.add(noise.second.mul(q2.scale)) : q2.mean;
    const p1 = prior1(parameters, z2);
    const q1 = combined(said, p1);
    const z1 = noise ? q1.mean.add(noise.first.mul(q1.scale)) : q1.mean;
    return { x, q1, q2, p1, z1, z2 };
  };
  const draw = (key: Tensor, count: number): Noise => ({
    first: randomNormal(foldKey(key, streams.first), [count, below]),
    second: randomNormal(foldKey(key, streams.second), [count, above]),
  });
  const see = (batch: TensorBatch, key: Tensor): Tensor =>
    binarized(eventOf(event, batch), binarize, foldKey(key, streams.binarize));

  /** The terms of the bound for each example, [B]. */
  const terms = (parameters: HierarchicalVaeParameters, batch: TensorBatch, { key }: Context) => {
    const given = keyOf(key);
    const x = see(batch, given);
    const { q1, q2, p1, z1 } = infer(parameters, x, draw(given, x.shape[0]));
    const density = likelihood.distribution(parameters.likelihood, decoded(parameters, z1));
    return {
      reconstruction: sumOverEvent(density.logProb(x)).neg(),
      kl1: sumOverEvent(klDivergence(q1, p1)),
      kl2: sumOverEvent(klToStandardNormal(q2)),
    };
  };
  const sampled = (parameters: HierarchicalVaeParameters, key: Tensor, count: number, scale = 1): Tensor => {
    const noise = draw(key, count);
    const p1 = prior1(parameters, noise.second.mul(scale));
    return p1.mean.add(noise.first.mul(scale).mul(p1.scale));
  };

  return {
    name: "hierarchical-vae",
    inputs: eventInputs(event),
    outputs: eventOutputs(event),
    controls: { temperature },
    init: (key) => ({
      encoder: {
        features1: encoder.features1.init(foldKey(key, 0)),
        latents1: encoder.latents1.init(foldKey(key, 1)),
        features2: encoder.features2.init(foldKey(key, 2)),
        latents2: encoder.latents2.init(foldKey(key, 3)),
      },
      decoder: {
        latents1: decoder.latents1.init(foldKey(key, 4)),
        image: decoder.image.init(foldKey(key, 5)),
      },
      likelihood: likelihood.init(),
    }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, training) => {
          const each = terms(parameters, batch, training);
          const [reconstruction, kl1, kl2] = [each.reconstruction.mean(), each.kl1.mean(), each.kl2.mean()];
          const cost = (kl: Tensor): Tensor => (freeNats > 0 ? kl.maximum(constant(freeNats)) : kl);
          return { loss: reconstruction.add(cost(kl1)).add(cost(kl2)), metrics: { reconstruction, kl1, kl2 } };
        },
      },
    ],
    signals: [
      { metric: "kl2", below: 0.1, meaning: "the upper latents carry nothing; raise freeNats or let it train longer" },
    ],
    sample: (parameters, key, { count, controls }) =>
      images(parameters, sampled(parameters, key, count, controls.temperature)),
    scores: ["negativeElbo", "reconstruction", "kl", "kl1", "kl2"],
    score: (parameters, batch, key) => {
      const { reconstruction, kl1, kl2 } = terms(parameters, batch, { ...context, key });
      const kl = kl1.add(kl2);
      return { negativeElbo: reconstruction.add(kl), reconstruction, kl, kl1, kl2 };
    },
    logProb: (parameters, batch, { key, noise = key, samples }) => {
      const x = see(batch, key);
      const [count] = x.shape;
      const many = concat(
        Array.from({ length: samples }, () => x),
        0,
      );
      const { q1, q2, p1, z1, z2 } = infer(parameters, many, draw(noise, samples * count));
      const density = likelihood.distribution(parameters.likelihood, decoded(parameters, z1));
      const standard = gaussian(constant(0), { scale: 1 });
      const logWeights = sumOverEvent(density.logProb(many))
        .add(sumOverEvent(p1.logProb(z1).sub(q1.logProb(z1))))
        .add(sumOverEvent(standard.logProb(z2).sub(q2.logProb(z2))));
      return logMeanWeight(logWeights.reshape([samples, count]));
    },
    drawLatents: (parameters, key, count) => sampled(parameters, key, count),
    encode: (parameters, batch) => infer(parameters, eventOf(event, batch)).z1,
    decode: (parameters, codes) => images(parameters, codes),
    reconstruct: (parameters, batch) => images(parameters, infer(parameters, eventOf(event, batch)).z1),
  };
}
