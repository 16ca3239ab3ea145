/** The generative adversarial network. */

import { GalateaError, sizeOf } from "../../../core/base/index.ts";
import {
  concat,
  constant,
  foldKey,
  ones,
  randomNormal,
  randomTruncatedNormal,
  type Tensor,
  type TensorTree,
  zeros,
} from "../../../core/trace/index.ts";
import { type Context, evaluationContext, subcontext } from "../../nn/index.ts";
import {
  eventBatch,
  eventInputs,
  eventOf,
  eventOutputs,
  labelCondition,
  requireEvent,
  type StillEventType,
} from "../event.ts";
import type { Control, Family, Phase, Signal, TensorBatch } from "../family.ts";
import { type AugmentationName, augmentImages } from "./augment.ts";
import type { Discriminator } from "./discriminators.ts";
import type { Generator } from "./generators.ts";
import { type AdversarialLossName, adversarialLosses } from "./losses.ts";
import { gradientPenalty, zeroCenteredPenalty } from "./penalties.ts";

export interface GanOptions {
  readonly event: StillEventType;
  /** Number of latent dimensions, as the generator takes them. */
  readonly latent: number;
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  /** Number of classes, where examples have labels that samples are to be told; as both networks take them. */
  readonly classes?: number;
  /** `logistic` where absent. */
  readonly loss?: AdversarialLossName;
  /** Weight of WGAN-GP's gradient penalty; 0, where absent, is none. */
  readonly gradientPenalty?: number;
  /** Weight of the penalty R1; 0, where absent, is none. */
  readonly r1?: number;
  /** Weight of the penalty R2, the same at generated examples; 0, where absent, is none. */
  readonly r2?: number;
  /** Updates of the discriminator for each of the generator; 1 where absent. */
  readonly discriminatorSteps?: number;
  /** Factors of the learning rate for each network; 1 where absent. */
  readonly discriminatorRate?: number;
  readonly generatorRate?: number;
  /**
   * Vectors that the discriminator sees side by side, so that it notices when they are alike; 1 where absent. The batch
   * must be a multiple of it, and the discriminator's input so many vectors.
   */
  readonly pack?: number;
  /** Random changes of images before they are judged; none where absent. */
  readonly augment?: readonly AugmentationName[];
}

/** A type, not an interface, so that it is a parameter tree. */
export type GanParameters = {
  readonly generator: TensorTree;
  readonly discriminator: TensorTree;
  /** Of vectors: mean and standard deviation of the data, taken from a first batch; not trained. */
  readonly standard: Readonly<Record<string, Tensor>>;
};

/** Streams of random numbers within one use of the model. */
const streams = { latent: 0, generator: 1, discriminator: 2, real: 3, fake: 4, between: 5 } as const;

const truncation: Control = {
  description: "below 1, latents are drawn nearer to 0: samples are more typical and less diverse",
  minimum: 0.1,
  maximum: 1,
  default: 1,
};

/** Standard deviations at which a truncation of 1 would cut, which it does not. */
const widestCut = 4;

/** The same context, in which nothing is registered: for the network that is not trained. */
function silent(context: Context): Context {
  return { ...context, update: () => undefined };
}

function keyOf(context: Context): Tensor {
  if (context.key) return context.key;
  throw new GalateaError("internal", "gan", "got no random key", "a GAN draws its latents");
}

/** Mean distance between neighbours in a batch, which are independent examples. */
function spread(x: Tensor): Tensor {
  const flat = x.flatten();
  return flat.sub(flat.roll(1, 0)).square().sum(1).sqrt().mean();
}

function shareAbove(outputs: Tensor, boundary: Tensor): Tensor {
  return outputs.greater(boundary).cast("float32").mean();
}

function requireOptions(options: GanOptions): void {
  const { latent, discriminator, augment = [], event, discriminatorSteps = 1 } = options;
  const whole = { latent, discriminatorSteps };
  for (const [name, value] of Object.entries(whole)) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new GalateaError("config", name, `is ${value}`, "it must be a whole number of at least 1");
  }
  if (augment.length > 0 && event.field !== "image") {
    throw new GalateaError("config", "augment", `is ${augment.join(",")} for vectors`, "only images are augmented");
  }
  const { pack = 1, classes } = options;
  if (!Number.isInteger(pack) || pack < 1 || (pack > 1 && (event.field !== "vector" || classes !== undefined))) {
    const right = "a whole number of at least 1; above it for vectors without labels only";
    throw new GalateaError("config", "pack", `is ${pack}`, right);
  }
  if (discriminator.batchwise && (options.gradientPenalty || options.r1 || options.r2)) {
    const right = "outputs must depend on one example each: choose the norm layer, spectral or none";
    throw new GalateaError("config", "norm", "a gradient penalty over a discriminator with batch norm", right);
  }
}

/**
 * A generative adversarial network over images or vectors: a generator, and a discriminator that is trained to tell
 * its examples from real ones.
 *
 * Each step first updates the discriminator on real and generated examples, `discriminatorSteps` times, then the
 * generator. Vectors are standardized by mean and deviation of a first batch.
 *
 * Shapes: reads `image` uint8 [B, C, H, W] or `vector` float32 [B, D], and `label` int32 [B] where there are classes;
 * samples are `image` float32 [count, C, H, W] in [0, 1] or `vector` float32 [count, D]. The score `realness` is the
 * discriminator's output.
 * Units and ranges: the metric `diversity` is the mean distance between generated examples over that between real
 * ones: about 1 when all is well, near 0 when the generator makes one example only.
 * @throws GalateaError `config` when an option is outside its range or does not fit another.
 *
 * Source: Goodfellow et al., "Generative adversarial nets" (2014); losses, penalties and networks as said there; Lin et
 * al., "PacGAN: the power of two samples in generative adversarial networks" (2018) for `pack`.
 */
export function gan(options: GanOptions): Family<GanParameters> {
  const { event, latent, generator, discriminator, classes, augment = [] } = options;
  requireEvent(event);
  requireOptions(options);
  const lossName = options.loss ?? "logistic";
  const loss = adversarialLosses[lossName];
  const isImage = event.field === "image";
  const pack = options.pack ?? 1;
  const penaltyWeight = options.gradientPenalty ?? 0;
  const { r1 = 0, r2 = 0 } = options;

  const labelsOf = (batch: TensorBatch): Tensor | undefined => (classes === undefined ? undefined : batch.label);
  /** Examples as the networks see them. */
  const realOf = ({ standard }: GanParameters, batch: TensorBatch): Tensor => {
    const x = eventOf(event, batch);
    return isImage ? x.mul(2).sub(1) : x.sub(standard.mean).div(standard.deviation);
  };
  /** What the generator made, as examples. */
  const toExamples = ({ standard }: GanParameters, x: Tensor): TensorBatch =>
    eventBatch(event, isImage ? x.add(1).mul(0.5) : x.mul(standard.deviation).add(standard.mean));

  const generate = (parameters: GanParameters, count: number, labels: Tensor | undefined, context: Context): Tensor => {
    const latents = randomNormal(foldKey(keyOf(context), streams.latent), [count, latent]);
    return generator.apply(parameters.generator, latents, labels, subcontext(context, streams.generator));
  };
  const augmented = (x: Tensor, context: Context, stream: number): Tensor =>
    augment.length === 0 ? x : augmentImages(x, foldKey(keyOf(context), stream), augment);
  /** Outputs for examples, or for packs of them. */
  const judge = (
    { discriminator: own }: GanParameters,
    x: Tensor,
    labels: Tensor | undefined,
    context: Context,
  ): Tensor => {
    const seen = pack === 1 ? x : x.reshape([x.shape[0] / pack, pack * sizeOf(event.shape)]);
    return discriminator.apply(own, seen, labels, subcontext(context, streams.discriminator));
  };

  /** Outputs for real and generated examples: in one batch, unless the examples of a batch influence one another. */
  const judgeBoth = (
    parameters: GanParameters,
    real: Tensor,
    fake: Tensor,
    labels: Tensor | undefined,
    context: Context,
  ): readonly [real: Tensor, fake: Tensor] => {
    if (discriminator.batchwise) {
      return [judge(parameters, real, labels, context), judge(parameters, fake, labels, context)];
    }
    const all = judge(parameters, concat([real, fake]), labels && concat([labels, labels]), context);
    const [ofReal, ofFake] = all.split(2, 0);
    return [ofReal, ofFake];
  };

  const discriminatorPhase: Phase<GanParameters> = {
    name: "discriminator",
    repeats: options.discriminatorSteps ?? 1,
    learningRate: options.discriminatorRate ?? 1,
    trains: (path) => path.startsWith("discriminator."),
    loss: (parameters, batch, context) => {
      const labels = labelsOf(batch);
      const real = realOf(parameters, batch);
      const fake = generate(parameters, real.shape[0], labels, silent(context)).stopGradient();
      const seenReal = augmented(real, context, streams.real);
      const seenFake = augmented(fake, context, streams.fake);
      const [ofReal, ofFake] = judgeBoth(parameters, seenReal, seenFake, labels, context);
      const boundary = loss.boundary(ofReal, ofFake);
      const realAccuracy = shareAbove(ofReal, boundary);
      const fakeAccuracy = constant(1).sub(shareAbove(ofFake, boundary));
      const metrics: Record<string, Tensor> = {
        realAccuracy,
        fakeAccuracy,
        accuracy: realAccuracy.add(fakeAccuracy).mul(0.5),
        diversity: spread(fake).div(spread(real).maximum(1e-6)),
      };
      let total = loss.discriminator(ofReal, ofFake);
      if (lossName === "wasserstein") metrics.distance = total.neg();
      if (penaltyWeight > 0) {
        // The critic as it is for the outputs: its running values have been registered above.
        const critic = (x: Tensor): Tensor => judge(parameters, x, labels, silent(context));
        const key = foldKey(keyOf(context), streams.between);
        metrics.gradientPenalty = gradientPenalty(critic, seenReal, seenFake, key);
        total = total.add(metrics.gradientPenalty.mul(penaltyWeight));
      }
      if (r1 > 0) {
        metrics.r1 = zeroCenteredPenalty(ofReal, seenReal);
        total = total.add(metrics.r1.mul(r1));
      }
      if (r2 > 0) {
        metrics.r2 = zeroCenteredPenalty(ofFake, seenFake);
        total = total.add(metrics.r2.mul(r2));
      }
      return { loss: total, metrics };
    },
  };

  const generatorPhase: Phase<GanParameters> = {
    name: "generator",
    learningRate: options.generatorRate ?? 1,
    trains: (path) => path.startsWith("generator."),
    loss: (parameters, batch, context) => {
      const labels = labelsOf(batch);
      const fake = generate(parameters, batch[event.field].shape[0], labels, context);
      const seen = augmented(fake, context, streams.fake);
      const seenReal = augmented(realOf(parameters, batch), context, streams.real);
      // Apart, as most losses leave the outputs for real examples out, and the compiler with them.
      const [ofFake, ofReal] = [seen, seenReal].map((x) => judge(parameters, x, labels, silent(context)));
      return { loss: loss.generator(ofFake, ofReal), metrics: {} };
    },
  };

  return {
    name: "gan",
    inputs: eventInputs(event, classes),
    outputs: eventOutputs(event),
    ...labelCondition(classes),
    controls: { truncation },
    init: (key) => ({
      generator: generator.init(foldKey(key, 0)),
      discriminator: discriminator.init(foldKey(key, 1)),
      standard: isImage ? {} : { mean: zeros(event.shape), deviation: ones(event.shape) },
    }),
    ...(!isImage && {
      prepare: (parameters: GanParameters, batch: TensorBatch) => {
        const vectors = eventOf(event, batch);
        const deviation = vectors.variance(0, { unbiased: false }).sqrt();
        return { ...parameters, standard: { mean: vectors.mean(0), deviation: deviation.maximum(1e-6) } };
      },
    }),
    phases: [discriminatorPhase, generatorPhase],
    signals: signalsOf(lossName),
    sample: (parameters, key, { count, conditions, controls }) => {
      const cut = controls.truncation ?? 1;
      const bound = widestCut * cut;
      const latents =
        cut >= 1 ? randomNormal(key, [count, latent]) : randomTruncatedNormal(key, [count, latent], -bound, bound);
      return toExamples(
        parameters,
        generator.apply(parameters.generator, latents, labelsOf(conditions), evaluationContext()),
      );
    },
    scores: ["realness"],
    score: (parameters, batch) => {
      const real = realOf(parameters, batch);
      // Each example in a pack of its own kind.
      const packed = pack === 1 ? real : real.unsqueeze(1).expand([real.shape[0], pack, ...event.shape]);
      return {
        realness: judge(parameters, packed.reshape([-1, ...event.shape]), labelsOf(batch), evaluationContext()),
      };
    },
    drawLatents: (_, key, count) => randomNormal(key, [count, latent]),
    decode: (parameters, latents, conditions) =>
      toExamples(parameters, generator.apply(parameters.generator, latents, labelsOf(conditions), evaluationContext())),
  };
}

function signalsOf(loss: AdversarialLossName): readonly Signal[] {
  const collapse: Signal = {
    metric: "discriminator.diversity",
    below: 0.3,
    meaning:
      "the generator makes nearly the same example again and again (mode collapse): lower the learning rate, raise r1, or choose loss=wasserstein with a gradient penalty",
  };
  // A critic of the Wasserstein loss is meant to be as good as it can.
  if (loss === "wasserstein") return [collapse];
  const strong: Signal = {
    metric: "discriminator.accuracy",
    above: 0.99,
    meaning:
      "the discriminator is never wrong, so the generator learns little from it: with few examples set augment, else raise r1 or lower discriminatorRate",
  };
  return [collapse, strong];
}
