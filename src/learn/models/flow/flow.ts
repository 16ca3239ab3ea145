/** The normalizing flow: an exact density over images or vectors. */

import { sizeOf } from "../../../core/base/index.ts";
import {
  foldKey,
  oneHot,
  randomNormal,
  randomUniform,
  range,
  scan,
  type Tensor,
  type TensorTree,
  zeros,
} from "../../../core/trace/index.ts";
import { type Context, evaluationContext, subcontext } from "../../nn/index.ts";
import { fromUnit, sumOverEvent, toUnit } from "../../prob/index.ts";
import { eventBatch, eventInputs, eventOutputs, labelCondition, requireEvent, type StillEventType } from "../event.ts";
import type { Family, TensorBatch } from "../family.ts";
import { chain, type FlowLayer, type Given } from "./layer.ts";
import { standardize } from "./linear-layers.ts";

export interface FlowOptions {
  readonly event: StillEventType;
  /** From examples to latents; they must give as many numbers as they get. */
  readonly layers: FlowLayer;
  /** Number of classes, for a flow that is told the label. */
  readonly classes?: number;
  /** Of images: how far values are moved inside (0, 1) before their logit is taken; 0, where absent: no logit. */
  readonly alpha?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type FlowParameters = { readonly layers: TensorTree; readonly standardize?: TensorTree };

/** Streams of random numbers within one use of the model. */
const streams = { dequantize: 0, layers: 1 } as const;

const levels = 256;
const logTwoPi = Math.log(2 * Math.PI);

/**
 * A normalizing flow over images or vectors.
 *
 * log p(x) = log N(f(x); 0, I) + log |det df/dx|, loss = -log p(x) averaged over the batch, in nats
 *
 * An image is one of 256 levels in each value; p is the density of (x + u) / 256 with u uniform in [0, 1), of which
 * log p(x) - D log 256 bounds the log-probability of the levels from below. With `alpha` its logit is what the layers
 * see. Several draws of u (`samples` of `logProb`) make the bound sharper. Vectors are brought to mean 0 and deviation 1
 * first, by numbers of the first batch, and log p counts that scale.
 *
 * Shapes: reads `image` uint8 [B, C, H, W] or `vector` float32 [B, D], and `label` int32 [B] where there are classes.
 * Latents are [B, D].
 * @throws GalateaError `data` when the event's shape is not one of those; `config` for an alpha outside 0 to 0.5.
 *
 * Source: Dinh, Sohl-Dickstein and Bengio, "Density estimation using Real NVP" (2017); dequantization: Theis, van den
 * Oord and Bethge, "A note on the evaluation of generative models" (2016), section 3.1.
 */
export function flow({ event, layers: inner, classes, alpha = 0 }: FlowOptions): Family<FlowParameters> {
  requireEvent(event);
  const isImage = event.field === "image";
  const size = sizeOf(event.shape);
  const standard = standardize(event.shape[0]);
  const layers = inner.shape?.(event.shape).length === 1 || !isImage ? inner : chain([inner, flatten(event.shape)]);

  const givenFor = (batch: TensorBatch, context: Context): Given => ({
    context: subcontext(context, streams.layers),
    ...(classes !== undefined && { condition: oneHot(batch.label, classes) }),
  });
  /** Values as the first layer sees them, from levels 0 to 256, with the log-determinant of that, [B] or a scalar. */
  const fromLevels = (values: Tensor): { readonly x: Tensor; readonly logDet: Tensor } => {
    const unit = values.mul(1 / levels);
    if (alpha === 0) return { x: unit.sub(0.5), logDet: zeros([]) };
    const { y, logDerivative } = fromUnit(unit, { alpha });
    return { x: y, logDet: sumOverEvent(logDerivative) };
  };
  /** Images from 0 to 1 of what the first layer sees; the middle of a level is the level. */
  const imageOf = (x: Tensor): Tensor => {
    const unit = alpha === 0 ? x.add(0.5) : toUnit(x, { alpha });
    return unit
      .mul(levels / (levels - 1))
      .sub(0.5 / (levels - 1))
      .clip(0, 1);
  };
  /** Levels as float32, from uint8 or from images that were changed. */
  const levelsOf = ({ image }: TensorBatch): Tensor =>
    image.dtype === "float32" ? image.mul(levels - 1) : image.cast("float32");
  /** Latents of what is the same under every draw of noise: vectors, or images with `noise` added. */
  const latentsOf = (parameters: FlowParameters, batch: TensorBatch, given: Given, noise?: Tensor) => {
    const { x, logDet } =
      isImage && noise
        ? fromLevels(levelsOf(batch).add(noise))
        : standardized(standard.forward(parameters.standardize as never, batch.vector, given));
    const through = layers.forward(parameters.layers, x, given);
    return { z: through.y, logDet: through.logDet.add(logDet) };
  };
  const densityOf = (parameters: FlowParameters, batch: TensorBatch, given: Given, noise?: Tensor): Tensor => {
    const { z, logDet } = latentsOf(parameters, batch, given, noise);
    const constants = size * (logTwoPi / 2 + (isImage ? Math.log(levels) : 0));
    return z.square().sum(1).mul(-0.5).add(logDet).sub(constants);
  };
  const noiseFor = (batch: TensorBatch, key: Tensor): Tensor | undefined =>
    isImage ? randomUniform(key, batch.image.shape) : undefined;
  /** log p of each example with one draw of noise, [B]. */
  const logDensity = (parameters: FlowParameters, batch: TensorBatch, context: Context, key: Tensor): Tensor =>
    densityOf(parameters, batch, givenFor(batch, context), noiseFor(batch, key));
  const noiseKey = ({ key }: Context): Tensor | undefined => key && foldKey(key, streams.dequantize);

  const encode = (parameters: FlowParameters, batch: TensorBatch): Tensor =>
    // The middle of a level stands for all of it.
    latentsOf(
      parameters,
      batch,
      givenFor(batch, evaluationContext()),
      isImage ? zeros(batch.image.shape).add(0.5) : undefined,
    ).z;
  const decode = (parameters: FlowParameters, latents: Tensor, conditions: TensorBatch): TensorBatch => {
    const given = givenFor(conditions, evaluationContext());
    const { x } = layers.inverse(parameters.layers, latents, given);
    if (isImage) return eventBatch(event, imageOf(x));
    return eventBatch(event, standard.inverse(parameters.standardize as never, x, given).x);
  };
  const toBits = (nats: Tensor): Tensor => nats.mul(1 / (size * Math.LN2));

  return {
    name: "flow",
    inputs: eventInputs(event, classes),
    outputs: eventOutputs(event),
    ...labelCondition(classes),
    controls: {
      temperature: {
        description: "deviation of the latents: below 1 samples are more typical and less diverse",
        minimum: 0,
        maximum: 2,
        default: 1,
      },
    },
    exact: true,
    ...(isImage && { dimensions: size }),
    init: (key) => ({
      layers: layers.init(foldKey(key, 0)),
      ...(!isImage && { standardize: standard.init(foldKey(key, 1)) }),
    }),
    prepare: (parameters, batch, key) => {
      const given = givenFor(batch, evaluationContext());
      const noise = noiseFor(batch, foldKey(key, streams.dequantize));
      if (isImage && noise) {
        const { x } = fromLevels(levelsOf(batch).add(noise));
        return { layers: layers.prepare?.(parameters.layers, x, given) ?? parameters.layers };
      }
      const before = parameters.standardize as never;
      const fitted = standard.prepare?.(before, batch.vector, given) ?? before;
      const { y } = standard.forward(fitted, batch.vector, given);
      return { layers: layers.prepare?.(parameters.layers, y, given) ?? parameters.layers, standardize: fitted };
    },
    phases: [
      {
        name: "train",
        trains: (path) => !path.startsWith("standardize."),
        loss: (parameters, batch, context) => {
          const key = noiseKey(context);
          const loss = logDensity(parameters, batch, context, key as Tensor)
            .mean()
            .neg();
          return { loss, metrics: isImage ? { bitsPerDim: toBits(loss) } : {} };
        },
      },
    ],
    sample: (parameters, key, { count, conditions, controls }) => {
      const { temperature = 1 } = controls;
      const noise = randomNormal(key, [count, size]);
      return decode(parameters, temperature === 1 ? noise : noise.mul(temperature), conditions);
    },
    scores: isImage ? ["negativeLogLikelihood", "bitsPerDim"] : ["negativeLogLikelihood"],
    score: (parameters, batch, key) => {
      const nats = logDensity(parameters, batch, evaluationContext(), foldKey(key, streams.dequantize)).neg();
      return { negativeLogLikelihood: nats, ...(isImage && { bitsPerDim: toBits(nats) }) };
    },
    logProb: (parameters, batch, { key, noise = foldKey(key, streams.dequantize), samples }) => {
      if (!isImage || samples === 1) return logDensity(parameters, batch, evaluationContext(), noise);
      // One draw after the other: memory does not grow with their number.
      const { ys } = scan(
        (carry: TensorTree, draw: Tensor) => ({
          carry,
          y: logDensity(parameters, batch, evaluationContext(), foldKey(noise, draw)),
        }),
        {},
        range(samples, "uint32"),
      );
      return ys.logSumExp(0).sub(Math.log(samples));
    },
    drawLatents: (_, key, count) => randomNormal(key, [count, size]),
    encode,
    decode,
    reconstruct: (parameters, batch) => decode(parameters, encode(parameters, batch), batch),
  };
}

function standardized({ y, logDet }: { readonly y: Tensor; readonly logDet: Tensor }) {
  return { x: y, logDet };
}

/** [B, C, H, W] as [B, D]. */
function flatten(shape: readonly number[]): FlowLayer {
  return {
    init: () => ({}),
    forward: (_, x) => ({ y: x.flatten(), logDet: zeros([]) }),
    inverse: (_, y) => ({ x: y.reshape([y.shape[0], ...shape]), logDet: zeros([]) }),
  };
}
