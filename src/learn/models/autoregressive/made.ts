/** MADE: a perceptron whose masks make its outputs conditional probabilities. */

import {
  foldKey as foldHostKey,
  GalateaError,
  hashName,
  keyFromSeed,
  type Shape,
  sizeOf,
} from "../../../core/base/index.ts";
import {
  constant,
  foldKey,
  randomInteger,
  randomUniform,
  scan,
  type Tensor,
  zeros,
} from "../../../core/trace/index.ts";
import { type Context, initializers, linear } from "../../nn/index.ts";
import { type Binarization, binarized } from "../binarization.ts";
import { eventOf } from "../event.ts";
import type { Family, TensorBatch } from "../family.ts";
import {
  type DegreeTensors,
  degreesOf,
  degreeTables,
  drawDegrees,
  maskOf,
  type Ordering,
  timetable,
} from "./made-masks.ts";
import type { Affine, MadeParameters } from "./made-parameters.ts";
import { drawInOrder } from "./made-sampler.ts";
import { temperatureControl } from "./temperature.ts";

/** Binary vectors, uint8 [D] of 0 and 1; or images, read as uint8 [C, H, W] and made as float32 of 0 and 1. */
export type BinaryEvent =
  | { readonly field: "bits"; readonly shape: Shape }
  | { readonly field: "image"; readonly shape: Shape };

export interface MadeOptions {
  readonly event: BinaryEvent;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  /** Number of masks, of which each step trains one; 1 where absent. Densities are averaged over all of them. */
  readonly masks?: number;
  /** `natural` where absent. */
  readonly ordering?: Ordering;
  /** Whether outputs also see earlier inputs directly; they do where absent. */
  readonly direct?: boolean;
  /** Of images; `threshold` where absent. */
  readonly binarize?: Exclude<Binarization, "none">;
  /** Where the masks start; 0 where absent. */
  readonly maskSeed?: number;
}

const streams = { binarize: 0, mask: 1, sample: 2 } as const;

/**
 * A masked autoencoder for distribution estimation.
 *
 * p(x) = prod over d of p(x_d | x_e for all e before d), log-odds = V relu(W x + b) + c + A x
 *
 * Each input has a place in an order, each hidden unit a degree; masks on W, V and A let a unit of degree m see the
 * first m inputs only. With several masks each step trains a random one, all with the same weights, and
 * log p(x) = log mean over masks of p(x | mask): the ensemble is a density itself.
 *
 * The sampler draws one input a step. A hidden unit is computed once, when the last input that it sees is known, so
 * that a whole sample costs what one forward pass costs. Of an ensemble, each sample has a mask of its own.
 *
 * Shapes: reads `bits` uint8 [B, D] or `image` uint8 [B, C, H, W]; samples have the same field, images as float32.
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: Germain, Gregor, Murray and Larochelle, "MADE: masked autoencoder for distribution estimation" (2015).
 */
export function made(options: MadeOptions): Family<MadeParameters> {
  const {
    event,
    hidden,
    masks = 1,
    ordering = "natural",
    direct = true,
    binarize = "threshold",
    maskSeed = 0,
  } = options;
  const size = sizeOf(event.shape);
  requireCount("masks", masks);
  for (const width of hidden) requireCount("hidden", width);
  if (hidden.length === 0) throw new GalateaError("config", "hidden", "is empty", "name a width for each hidden layer");
  const key = foldHostKey(keyFromSeed(maskSeed), hashName("made masks"));
  const degrees = drawDegrees(size, hidden, { masks, ordering, key });
  const tables = degreeTables(degrees);
  const steps = timetable(degrees);
  const widths = [size, ...hidden];
  const layers = hidden.map((outputs, i) => {
    return linear({ inputs: widths[i], outputs, init: initializers.heUniform, biasInit: initializers.zeros });
  });
  const plain = { init: initializers.glorotUniform, biasInit: initializers.zeros } as const;
  const last = linear({ inputs: widths[hidden.length], outputs: size, ...plain });

  const inputOf = (batch: TensorBatch, from: Tensor): Tensor => {
    if (event.field === "bits") return batch.bits.cast("float32");
    const image = eventOf({ field: "image", shape: event.shape }, batch);
    return binarized(image, binarize, foldKey(from, streams.binarize)).flatten();
  };
  /** log p(x | mask) of each example: [B, D] -> [B]. */
  const logProbUnder = (parameters: MadeParameters, x: Tensor, mask: DegreeTensors): Tensor => {
    const odds = conditionalOdds(parameters, x, mask);
    return x.mul(odds).sub(odds.softplus()).sum(1);
  };
  const only = degreesOf(tables, constant(0, "int32"));
  /** log p(x) of each example. */
  const logDensity = (parameters: MadeParameters, x: Tensor): Tensor => {
    if (masks === 1) return logProbUnder(parameters, x, only);
    const { ys } = scan(
      (carry: readonly Tensor[], one: DegreeTensors) => ({ carry, y: logProbUnder(parameters, x, one) }),
      [],
      tables,
    );
    return ys.logSumExp(0).sub(Math.log(masks));
  };

  return {
    name: "made",
    inputs: { [event.field]: { dtype: "uint8", shape: event.shape } },
    outputs: { [event.field]: { dtype: event.field === "bits" ? "uint8" : "float32", shape: event.shape } },
    controls: { temperature: temperatureControl },
    init: (from) => ({
      hidden: layers.map((layer, i) => layer.init(foldKey(from, i)) as Affine),
      output: last.init(foldKey(from, hidden.length)) as Affine,
      ...(direct && { direct: { weight: zeros([size, size]) } }),
    }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => {
          const from = keyOf(context);
          const mask = masks === 1 ? only : degreesOf(tables, randomInteger(foldKey(from, streams.mask), [], 0, masks));
          return { loss: logProbUnder(parameters, inputOf(batch, from), mask).mean().neg(), metrics: {} };
        },
      },
    ],
    sample: (parameters, from, { count, controls }) => {
      const mask = randomInteger(foldKey(from, streams.mask), [count], 0, masks);
      const uniform = randomUniform(foldKey(from, streams.sample), [size, count]);
      const x = drawInOrder(parameters, steps, mask, uniform, controls.temperature ?? 1);
      if (event.field === "bits") return { bits: x.cast("uint8") };
      return { image: x.reshape([count, ...event.shape]) };
    },
    scores: ["negativeLogLikelihood"],
    score: (parameters, batch, from) => ({ negativeLogLikelihood: logDensity(parameters, inputOf(batch, from)).neg() }),
    logProb: (parameters, batch, { key: from }) => logDensity(parameters, inputOf(batch, from)),
    exact: true,
  };
}

/**
 * Log-odds of each input given those before it: x [B, D] -> [B, D].
 * @param mask degrees of one mask
 */
export function conditionalOdds(
  parameters: MadeParameters,
  x: Tensor,
  { order, hidden: units }: DegreeTensors,
): Tensor {
  let h = x;
  let seen = order;
  parameters.hidden.forEach(({ weight, bias }, layer) => {
    h = h
      .matmul(weight.mul(maskOf(seen, units[layer])), { transposeB: true })
      .add(bias)
      .relu();
    seen = units[layer];
  });
  const { output, direct } = parameters;
  const odds = h.matmul(output.weight.mul(maskOf(seen, order, true)), { transposeB: true }).add(output.bias);
  return direct ? odds.add(x.matmul(direct.weight.mul(maskOf(order, order, true)), { transposeB: true })) : odds;
}

function requireCount(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new GalateaError("config", name, `is ${value}`, "it must be a whole number of at least 1");
}

function keyOf(context: Context): Tensor {
  if (context.key) return context.key;
  throw new GalateaError("internal", "made", "got no random key", "its masks are drawn");
}
