/** CycleGAN: translation between two sets of images of which no two belong together. */

import { GalateaError } from "../../../core/base/index.ts";
import { foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { type Context, evaluationContext, subcontext } from "../../nn/index.ts";
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

export interface CycleGanOptions extends TranslationOptions {
  /** Weight of the cycle loss; 10 where absent. */
  readonly cycle?: number;
  /** Weight of the identity loss; 5 where absent. */
  readonly identity?: number;
  /** `leastSquares` where absent. */
  readonly loss?: AdversarialLossName;
  /** Factor of the discriminators' learning rate; 1 where absent. */
  readonly discriminatorRate?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type CycleGanParameters = {
  readonly generators: { readonly forward: TensorTree; readonly backward: TensorTree };
  readonly discriminators: { readonly image: TensorTree; readonly target: TensorTree };
};

type Direction = "forward" | "backward";

const directions: readonly Direction[] = ["forward", "backward"];

/** The field that a direction starts from, and the one whose look it gives. */
const ends = {
  forward: { from: "image", to: "target" },
  backward: { from: "target", to: "image" },
} as const;

/**
 * Two translators, from `image` to `target` and back, each against a discriminator of the domain that it leads to.
 *
 * generators: sum over both directions F, with G the other one, of
 *   adversarial(F(a)) + cycle |G(F(a)) - a| + identity |F(b) - b|
 *
 * Generators are trained first, then discriminators, on the translations of their own step (there is no buffer of
 * older ones).
 *
 * Shapes: reads `image` and `target` uint8 [B, C, H, W]; makes `image` float32 [B, C, H, W] in [0, 1]. A direction reads
 * its own field only. `sample` translates the condition `image` forward, `reconstruct` translates `image` forward and
 * back.
 * @throws GalateaError `config` or `data` when a size or the images' shape does not fit.
 *
 * Source: Zhu, Park, Isola and Efros, "Unpaired image-to-image translation using cycle-consistent adversarial networks"
 * (2017); without their buffer of 50 earlier translations.
 */
export function cycleGan(options: CycleGanOptions): Family<CycleGanParameters> {
  requireTranslation(options);
  const { shape, width, judgeWidth = width, cycle = 10, identity = 5 } = options;
  const generator = translator(options);
  const discriminator = patchJudge({ channels: shape[0], width: judgeWidth });
  const loss = adversarialLosses[options.loss ?? "leastSquares"];

  const translate = ({ generators }: CycleGanParameters, direction: Direction, x: Tensor, context: Context): Tensor =>
    generator.apply(generators[direction], x, subcontext(context, directions.indexOf(direction)));
  const judge = ({ discriminators }: CycleGanParameters, domain: "image" | "target", x: Tensor, context: Context) =>
    discriminator.apply(discriminators[domain], x, context);
  const other = (direction: Direction): Direction => (direction === "forward" ? "backward" : "forward");

  return {
    name: "cycle-gan",
    ...translationFields(shape),
    init: (key) => ({
      generators: { forward: generator.init(foldKey(key, 0)), backward: generator.init(foldKey(key, 1)) },
      discriminators: { image: discriminator.init(foldKey(key, 2)), target: discriminator.init(foldKey(key, 3)) },
    }),
    phases: [
      {
        name: "generators",
        trains: (path) => path.startsWith("generators."),
        loss: (parameters, batch, context) => {
          const parts = directions.map((direction) => {
            const { from, to } = ends[direction];
            const [a, b] = [toSigned(batch[from]), toSigned(batch[to])];
            const translated = translate(parameters, direction, a, context);
            return {
              adversarial: loss.generator(
                judge(parameters, to, translated, context),
                judge(parameters, to, b, context),
              ),
              cycle: meanDistance(translate(parameters, other(direction), translated, context), a),
              identity: identity > 0 ? meanDistance(translate(parameters, direction, b, context), b) : undefined,
            };
          });
          const sum = (name: "adversarial" | "cycle" | "identity"): Tensor | undefined =>
            parts.map((part) => part[name]).reduce((total, term) => (total && term ? total.add(term) : undefined));
          const [adversarial, cycles, same] = [sum("adversarial"), sum("cycle"), sum("identity")];
          const total = (adversarial as Tensor).add((cycles as Tensor).mul(cycle));
          return {
            loss: same ? total.add(same.mul(identity)) : total,
            metrics: {
              adversarial: adversarial as Tensor,
              cycle: cycles as Tensor,
              ...(same && { identity: same }),
            },
          };
        },
      },
      {
        name: "discriminators",
        learningRate: options.discriminatorRate ?? 1,
        trains: (path) => path.startsWith("discriminators."),
        loss: (parameters, batch, context) => {
          const losses = directions.map((direction) => {
            const { from, to } = ends[direction];
            const fake = translate(parameters, direction, toSigned(batch[from]), context).stopGradient();
            const real = toSigned(batch[to]);
            const [ofReal, ofFake] = [real, fake].map((x) => judge(parameters, to, x, context));
            return loss.discriminator(ofReal, ofFake);
          });
          return { loss: losses[0].add(losses[1]), metrics: { target: losses[0], image: losses[1] } };
        },
      },
    ],
    sample: (parameters, _, { conditions }) =>
      toImages(translate(parameters, "forward", toSigned(conditions.image), evaluationContext())),
    directions,
    translate: (parameters, batch, direction) => {
      const known = directions.find((name) => name === direction);
      if (!known) {
        throw new GalateaError("usage", "direction", `got ${direction}`, `it is one of ${directions.join(", ")}`);
      }
      return toImages(translate(parameters, known, toSigned(batch[ends[known].from]), evaluationContext()));
    },
    reconstruct: (parameters, batch: TensorBatch) => {
      const context = evaluationContext();
      const there = translate(parameters, "forward", toSigned(batch.image), context);
      return toImages(translate(parameters, "backward", there, context));
    },
  };
}
