/** pix2pix: translation of images where for each one it is known what it shall become. */

import { GalateaError } from "../../../core/base/index.ts";
import { concat, foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { type Context, evaluationContext } from "../../nn/index.ts";
import type { Family, TensorBatch } from "../family.ts";
import { type AdversarialLossName, adversarialLosses } from "../gan/index.ts";
import { patchJudge, translator } from "./networks.ts";
import {
  meanDistance,
  requireTranslation,
  type TranslationOptions,
  toImages,
  toSigned,
  translationFields,
} from "./translation.ts";

export interface Pix2pixOptions extends TranslationOptions {
  /** Weight of the mean absolute difference from the target; 100 where absent. */
  readonly distance?: number;
  /** `logistic` where absent. */
  readonly loss?: AdversarialLossName;
  /** Factor of the discriminator's learning rate; 1 where absent. */
  readonly discriminatorRate?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type Pix2pixParameters = { readonly generator: TensorTree; readonly discriminator: TensorTree };

/**
 * A translator from `image` to its `target`, against a discriminator that sees both.
 *
 * generator: adversarial(D(a, G(a))) + distance |G(a) - b|
 *
 * Shapes: reads `image` and `target` uint8 [B, C, H, W], which belong together; makes `image` float32 [B, C, H, W] in
 * [0, 1]. `sample` translates the condition `image`.
 * @throws GalateaError `config` or `data` when a size or the images' shape does not fit.
 *
 * Source: Isola, Zhu, Zhou and Efros, "Image-to-image translation with conditional adversarial networks" (2017), with
 * the residual generator of CycleGAN instead of their U-Net, and without noise.
 */
export function pix2pix(options: Pix2pixOptions): Family<Pix2pixParameters> {
  requireTranslation(options);
  const { shape, width, judgeWidth = width, distance: weight = 100 } = options;
  const generator = translator(options);
  const discriminator = patchJudge({ channels: 2 * shape[0], width: judgeWidth });
  const loss = adversarialLosses[options.loss ?? "logistic"];
  const translated = (parameters: Pix2pixParameters, image: Tensor, context: Context): Tensor =>
    generator.apply(parameters.generator, toSigned(image), context);
  const judge = (parameters: Pix2pixParameters, batch: TensorBatch, made: Tensor, context: Context): Tensor =>
    discriminator.apply(parameters.discriminator, concat([toSigned(batch.image), made], 1), context);

  return {
    name: "pix2pix",
    ...translationFields(shape),
    init: (key) => ({
      generator: generator.init(foldKey(key, 0)),
      discriminator: discriminator.init(foldKey(key, 1)),
    }),
    phases: [
      {
        name: "generator",
        trains: (path) => path.startsWith("generator."),
        loss: (parameters, batch, context) => {
          const made = translated(parameters, batch.image, context);
          const ofReal = judge(parameters, batch, toSigned(batch.target), context);
          const adversarial = loss.generator(judge(parameters, batch, made, context), ofReal);
          const distance = meanDistance(made, toSigned(batch.target));
          return { loss: adversarial.add(distance.mul(weight)), metrics: { adversarial, distance } };
        },
      },
      {
        name: "discriminator",
        learningRate: options.discriminatorRate ?? 1,
        trains: (path) => path.startsWith("discriminator."),
        loss: (parameters, batch, context) => {
          const made = translated(parameters, batch.image, context).stopGradient();
          const ofReal = judge(parameters, batch, toSigned(batch.target), context);
          return { loss: loss.discriminator(ofReal, judge(parameters, batch, made, context)), metrics: {} };
        },
      },
    ],
    sample: (parameters, _, { conditions }) => toImages(translated(parameters, conditions.image, evaluationContext())),
    // Half the mean absolute difference of values from -1 to 1 is that of values from 0 to 1.
    scores: ["distance"],
    score: (parameters, batch) => {
      const difference = translated(parameters, batch.image, evaluationContext()).sub(toSigned(batch.target));
      return { distance: difference.abs().mul(0.5).mean([1, 2, 3]) };
    },
    directions: ["forward"],
    translate: (parameters, batch, direction) => {
      if (direction === "forward") return toImages(translated(parameters, batch.image, evaluationContext()));
      throw new GalateaError("usage", "direction", `got ${direction}`, "pairs are translated forward only");
    },
  };
}
