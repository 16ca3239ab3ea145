/** What diffusion and flow matching share: a family over a process and a network. */

import { gradients } from "../../../core/autodiff/index.ts";
import { GalateaError } from "../../../core/base/index.ts";
import {
  concat,
  constant,
  foldKey,
  full,
  ones,
  randomBernoulli,
  randomNormal,
  range,
  scan,
  type Tensor,
  type TensorTree,
  tensor,
  where,
  zeros,
} from "../../../core/trace/index.ts";
import { type Context, evaluationContext, subcontext } from "../../nn/index.ts";
import {
  type EventType,
  eventBatch,
  eventInputs,
  eventOf,
  eventOutputs,
  labelCondition,
  requireEvent,
} from "../event.ts";
import type { Control, Family, SampleRequest, TensorBatch } from "../family.ts";
import type { Denoiser } from "./denoiser.ts";
import type { Level, Process } from "./process.ts";
import { type Known, type Look, type OdeMethod, sampleAlong, travel } from "./samplers.ts";

/** Options that both families have. */
export interface DenoisingOptions {
  readonly event: EventType;
  readonly network: Denoiser;
  /** Number of classes that samples can be told; none where absent. */
  readonly classes?: number;
  /** Share of training examples whose class is hidden, so that guidance knows what is common; 0.1 where absent. */
  readonly labelDropout?: number;
  /** Default of the control `samplingSteps`; 50 where absent. */
  readonly samplingSteps?: number;
  /** Default of the control `guidance`; 1 where absent. */
  readonly guidance?: number;
  /** Steps from noisy examples to clean ones in `denoise`; 1, where absent, gives the expected example. */
  readonly denoiseSteps?: number;
  /** How often each step of `inpaint` is taken; 1 where absent. */
  readonly inpaintRounds?: number;
  /** Steps of Heun's method in `encode`, `decode` and `logProb`; 25 where absent, for `logProb` 100. */
  readonly odeSteps?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type DenoisingParameters = {
  readonly network: TensorTree;
  /** Of vectors: what brings them to mean 0 and deviation 1, fitted before the first step. */
  readonly scaling?: { readonly mean: Tensor; readonly deviation: Tensor };
};

/** How a family draws samples. */
export type Sampler = { readonly kind: "stochastic"; readonly eta: number } | { readonly kind: OdeMethod };

interface Parts extends DenoisingOptions {
  readonly name: string;
  readonly process: Process;
  readonly sampler: Sampler;
}

/** Vectors of more values have no `logProb`, which takes a gradient for each. */
const mostExactValues = 16;
/** Fixed times of `score`. */
const scoredTimes = 5;
/** Keeps the deviation of a constant value above 0. */
const leastDeviation = 1e-4;
const logTwoPi = Math.log(2 * Math.PI);
/** Streams of random numbers within one use of the model. */
const streams = { noise: 0, levels: 1, labels: 2, network: 3, steps: 4 } as const;

function requireOptions({ labelDropout = 0.1, samplingSteps = 50, process, inpaintRounds = 1 }: Parts): void {
  const wrong = (name: string, value: number, right: string): GalateaError =>
    new GalateaError("config", name, `is ${value}`, right);
  const most = process.mostSteps;
  if (!(labelDropout >= 0 && labelDropout < 1))
    throw wrong("labelDropout", labelDropout, "it must be from 0 to below 1");
  if (!(Number.isInteger(samplingSteps) && samplingSteps >= 1 && samplingSteps <= most)) {
    throw wrong("samplingSteps", samplingSteps, `it must be a whole number from 1 to ${most}`);
  }
  if (!(Number.isInteger(inpaintRounds) && inpaintRounds >= 1)) {
    throw wrong("inpaintRounds", inpaintRounds, "it must be a whole number of at least 1");
  }
}

function controlsOf(
  { process, sampler, classes }: Parts,
  samplingSteps: number,
  guidance: number,
): Readonly<Record<string, Control>> {
  const steps: Control = {
    description: "steps from noise to samples",
    minimum: 1,
    maximum: process.mostSteps,
    whole: true,
    default: samplingSteps,
  };
  const scale: Control = {
    description: "how strongly samples are drawn to their class: 0 ignores it, 1 follows the model, more exaggerates",
    minimum: 0,
    maximum: 20,
    default: guidance,
  };
  return {
    samplingSteps: steps,
    ...(classes !== undefined && { guidance: scale }),
    ...(sampler.kind === "stochastic" && {
      eta: {
        description: "fresh noise in each step: 0 none, 1 as much as the diffusion took away",
        minimum: 0,
        maximum: 1,
        default: sampler.eta,
      },
    }),
  };
}

function keyOf(context: Context, name: string): Tensor {
  if (context.key) return context.key;
  throw new GalateaError("internal", name, "got no random key", "its training draws noise");
}

/** The numbers of levels, as `scan` takes them. */
function levelColumns(levels: readonly Level[]): Readonly<Record<keyof Level, Tensor>> {
  const column = (name: keyof Level): Tensor =>
    tensor(
      levels.map((level) => level[name]),
      [levels.length],
    );
  return { time: column("time"), signal: column("signal"), noise: column("noise") };
}

/** The sum of d output_i / d x_i for each example, exactly: [B, D] -> [B]. */
function divergenceOf(x: Tensor, output: Tensor): Tensor {
  const [count, size] = x.shape;
  const parts = Array.from({ length: size }, (_, i) => {
    // Examples do not touch one another, so the sum's gradient has each one's own.
    const [gradient] = gradients(output.slice(1, i, 1).sum(), [x]);
    return gradient.slice(1, i, 1).reshape([count]);
  });
  return parts.reduce((sum, part) => sum.add(part));
}

/** The family of a process. */
export function denoisingFamily(parts: Parts): Family<DenoisingParameters> {
  requireEvent(parts.event);
  requireOptions(parts);
  const { name, process, event, network, classes, labelDropout = 0.1, samplingSteps = 50, guidance = 1 } = parts;
  const { prediction } = process;
  const isVector = event.field === "vector";
  const [size] = event.shape;

  /** Examples as the network sees them: images from -1 to 1, vectors of mean 0 and deviation 1. */
  const scaled = ({ scaling }: DenoisingParameters, batch: TensorBatch): Tensor => {
    const x = eventOf(event, batch);
    return scaling ? x.sub(scaling.mean).div(scaling.deviation) : x.mul(2).sub(1);
  };
  const unscaled = ({ scaling }: DenoisingParameters, x: Tensor): Tensor =>
    scaling ? x.mul(scaling.deviation).add(scaling.mean) : x.add(1).mul(0.5).clip(0, 1);
  const perExample = (numbers: Tensor): Tensor => numbers.reshape([numbers.size, ...event.shape.map(() => 1)]);
  const unlabelled = (count: number): Tensor => full([count], classes ?? 0, "int32");
  /** Labels that a batch has; without them, the class that stands for none. */
  const labelsOf = (batch: TensorBatch, count: number): Tensor | undefined =>
    classes === undefined ? undefined : (batch.label ?? unlabelled(count));

  /** The network as samplers ask it, guided: without class + guidance * (with class - without). */
  const lookFor = ({ network: tree }: DenoisingParameters, label: Tensor | undefined, scale = 1): Look => {
    const context = evaluationContext();
    const ask = (x: Tensor, time: Tensor, told: Tensor | undefined): Tensor =>
      network.apply(tree, x, { time, ...(told && { label: told }) }, context);
    if (!label || scale === 1) return (x, time) => ask(x, time, label);
    const none = unlabelled(label.size);
    if (scale === 0) return (x, time) => ask(x, time, none);
    return (x, time) => {
      const [told, untold] = ask(concat([x, x]), time, concat([label, none])).split(2, 0);
      return untold.add(told.sub(untold).mul(scale));
    };
  };

  /** Each example's squared error at levels, [B], unweighted. */
  const errors = (
    parameters: DenoisingParameters,
    x: Tensor,
    label: Tensor | undefined,
    level: { readonly time: Tensor; readonly signal: Tensor; readonly noise: Tensor },
    noiseKey: Tensor,
    context: Context,
  ): Tensor => {
    const e = randomNormal(noiseKey, x.shape);
    const shares = { signal: perExample(level.signal), noise: perExample(level.noise) };
    const noisy = x.mul(shares.signal).add(e.mul(shares.noise));
    const output = network.apply(parameters.network, noisy, { time: level.time, ...(label && { label }) }, context);
    const error = output.sub(prediction.target(x, e, shares));
    return error.square().flatten().mean(1);
  };

  const noiseOf = (key: Tensor, count: number): Tensor => randomNormal(key, [count, ...event.shape]);
  const bound = isVector ? {} : { bound: 1 };

  const drawn = (
    parameters: DenoisingParameters,
    key: Tensor,
    { count, conditions, controls }: SampleRequest,
  ): Tensor => {
    const look = lookFor(parameters, labelsOf(conditions, count), controls.guidance ?? guidance);
    const steps = controls.samplingSteps ?? samplingSteps;
    const start = noiseOf(foldKey(key, streams.noise), count);
    if (parts.sampler.kind !== "stochastic") return alongOde(look, start, steps, "examples", parts.sampler.kind).x;
    const eta = controls.eta ?? parts.sampler.eta;
    const levels = process.levels(steps);
    return sampleAlong(start, { look, prediction, levels, eta, ...bound, key: foldKey(key, streams.steps) });
  };

  /** Along the path of no randomness: x is noise or an example, and the result the other one of them. */
  const alongOde = (
    look: Look,
    x: Tensor,
    steps: number,
    toward: "examples" | "noise",
    method: OdeMethod,
    divergence?: (x: Tensor, output: Tensor) => Tensor,
  ) => {
    const levels = process.smoothLevels(steps);
    // The last level may have a little noise left: its examples are a little smaller than those without.
    const { signal } = levels[levels.length - 1];
    const options = { look, prediction, method, ...(divergence && { divergence }) };
    if (toward === "noise") return travel(x.mul(signal), { ...options, levels: levels.toReversed() });
    const arrived = travel(x, { ...options, levels });
    return { ...arrived, x: arrived.x.mul(1 / signal) };
  };

  const encoded = (parameters: DenoisingParameters, batch: TensorBatch): Tensor => {
    const x = scaled(parameters, batch);
    const look = lookFor(parameters, labelsOf(batch, x.shape[0]));
    return alongOde(look, x, parts.odeSteps ?? 25, "noise", "heun").x.flatten();
  };
  const decoded = (parameters: DenoisingParameters, latents: Tensor, conditions: TensorBatch): TensorBatch => {
    const look = lookFor(parameters, labelsOf(conditions, latents.shape[0]));
    const start = latents.reshape([latents.shape[0], ...event.shape]);
    const { x } = alongOde(look, start, parts.odeSteps ?? 25, "examples", "heun");
    return eventBatch(event, unscaled(parameters, x));
  };

  return {
    name,
    inputs: eventInputs(event, classes),
    outputs: eventOutputs(event),
    ...labelCondition(classes),
    controls: controlsOf(parts, samplingSteps, guidance),
    init: (key) => ({
      network: network.init(key),
      ...(isVector && { scaling: { mean: zeros(event.shape), deviation: ones(event.shape) } }),
    }),
    ...(isVector && {
      prepare: (parameters: DenoisingParameters, { vector }: TensorBatch) => ({
        ...parameters,
        scaling: {
          mean: vector.mean(0),
          deviation: vector.standardDeviation(0, { unbiased: false }).maximum(leastDeviation),
        },
      }),
    }),
    phases: [
      {
        name: "train",
        trains: (path) => !path.startsWith("scaling."),
        loss: (parameters, batch, context) => {
          const key = keyOf(context, name);
          const x = scaled(parameters, batch);
          const [count] = x.shape;
          const level = process.draw(foldKey(key, streams.levels), count);
          const label = labelsOf(batch, count);
          const hidden = randomBernoulli(foldKey(key, streams.labels), [count], labelDropout).greater(0.5);
          const told = label && labelDropout > 0 ? where(hidden, unlabelled(count), label) : label;
          const inner = subcontext(context, streams.network);
          const each = errors(parameters, x, told, level, foldKey(key, streams.noise), inner);
          const error = each.mean();
          return { loss: each.mul(level.weight).mean(), metrics: { error } };
        },
      },
    ],
    sample: (parameters, key, request) => eventBatch(event, unscaled(parameters, drawn(parameters, key, request))),
    scores: ["denoisingError"],
    score: (parameters, batch, key) => {
      const x = scaled(parameters, batch);
      const [count] = x.shape;
      const label = labelsOf(batch, count);
      // The middles of equal parts of the time.
      const levels = process.smoothLevels(2 * scoredTimes).filter((_, k) => k % 2 === 1);
      const { carry } = scan(
        (sum: Tensor, { number, ...level }: Readonly<Record<keyof Level | "number", Tensor>>) => {
          const at = { time: level.time.reshape([1]), signal: level.signal, noise: level.noise };
          const error = errors(parameters, x, label, at, foldKey(key, number), evaluationContext());
          return { carry: sum.add(error), y: {} };
        },
        zeros([count]),
        { ...levelColumns(levels), number: range(levels.length, "uint32") },
      );
      return { denoisingError: carry.mul(1 / levels.length) };
    },
    ...(isVector &&
      size <= mostExactValues && {
        exact: true,
        logProb: (parameters: DenoisingParameters, batch: TensorBatch) => {
          const x = scaled(parameters, batch);
          const look = lookFor(parameters, labelsOf(batch, x.shape[0]));
          const steps = parts.odeSteps ?? 100;
          const { x: latent, logDeterminant } = alongOde(look, x, steps, "noise", "heun", divergenceOf);
          const prior = latent.square().add(logTwoPi).sum(1).mul(-0.5);
          const { signal } = process.smoothLevels(1)[1];
          const scale = parameters.scaling ? parameters.scaling.deviation.log().sum() : constant(0);
          return prior
            .add(logDeterminant)
            .add(size * Math.log(signal))
            .sub(scale);
        },
      }),
    drawLatents: (_, key, count) => noiseOf(key, count).flatten(),
    encode: encoded,
    decode: decoded,
    reconstruct: (parameters, batch) => decoded(parameters, encoded(parameters, batch), batch),
    denoise: (parameters, batch, { noise: deviation, key }) => {
      const x = scaled(parameters, batch);
      const look = lookFor(parameters, labelsOf(batch, x.shape[0]));
      // Images were widened from [0, 1] to [-1, 1], and their noise with them.
      const levels = process.levelsFromNoise(isVector ? deviation : 2 * deviation, parts.denoiseSteps ?? 1);
      const start = x.mul(levels[0].signal);
      const clean = sampleAlong(start, { look, prediction, levels, eta: 0, ...bound, key });
      return eventBatch(event, unscaled(parameters, clean));
    },
    inpaint: (parameters, batch, { mask, key }) => {
      const x = scaled(parameters, batch);
      const [count] = x.shape;
      const look = lookFor(parameters, labelsOf(batch, count));
      const known: Known = { mask, values: x, rounds: parts.inpaintRounds ?? 1 };
      // Fresh noise in each step lets what is made follow what is known.
      const options = { look, prediction, levels: process.levels(samplingSteps), eta: 1, ...bound, known };
      const start = noiseOf(foldKey(key, streams.noise), count);
      const made = unscaled(parameters, sampleAlong(start, { ...options, key: foldKey(key, streams.steps) }));
      return eventBatch(event, made.add(eventOf(event, batch).sub(made).mul(mask)));
    },
  };
}
