/** The ways from an example to noise: a diffusion in steps, and a straight line. */

import { constant, erfInverse, foldKey, randomUniform, range, type Tensor, tensor } from "../../../core/trace/index.ts";
import { type NoiseLevel, type NoiseSchedule, noiseLevelAt, timeOfNoise } from "../../prob/index.ts";
import { timeScale } from "./denoiser.ts";
import { type Prediction, type PredictionName, predictions } from "./prediction.ts";

/** A place on the way: x = signal * example + noise * e. */
export interface Level extends NoiseLevel {
  /** As networks are told it, in thousandths. */
  readonly time: number;
}

/** Places on the way, one for each example of a batch: each [B]. */
export interface DrawnLevels {
  readonly time: Tensor;
  readonly signal: Tensor;
  readonly noise: Tensor;
  /** Weight of the squared error. */
  readonly weight: Tensor;
}

export interface Process {
  readonly prediction: Prediction;
  /** Most steps from noise to example. */
  readonly mostSteps: number;
  /** Levels to train at. */
  draw(key: Tensor, count: number): DrawnLevels;
  /** Levels from noise to the example itself, steps + 1 of them. */
  levels(steps: number): readonly Level[];
  /** Levels from noise to where next to none is left, and the network can still tell noise from example; steps + 1. */
  smoothLevels(steps: number): readonly Level[];
  /**
   * Levels from that at which noise beside an example of full size has a standard deviation, to the example itself;
   * steps + 1.
   */
  levelsFromNoise(deviation: number, steps: number): readonly Level[];
}

/** Levels evenly in time from a first one toward the last, which is given. */
function levelsBetween(first: number, last: Level, steps: number, levelAt: (time: number) => Level): readonly Level[] {
  const before = Array.from({ length: steps }, (_, k) => levelAt(first + ((last.time - first) * k) / steps));
  return [...before, last];
}

/** Uniform numbers in (0, 1) of which each stands in another one of equal parts: a batch meets all times evenly. */
function spreadUniform(key: Tensor, count: number): Tensor {
  const shifted = range(count)
    .mul(1 / count)
    .add(randomUniform(key, [1]));
  return shifted.sub(shifted.floor()).clip(1e-6, 1 - 1e-6);
}

export const weightings = ["simple", "min-snr"] as const;

export type Weighting = (typeof weightings)[number];

export interface DiffusionProcessOptions {
  readonly schedule: NoiseSchedule;
  readonly prediction: Exclude<PredictionName, "velocity">;
  /** `simple`: the squared error of what is predicted; `min-snr`: that of the example times min(snr, gamma). */
  readonly weighting: Weighting;
  /** Highest weight of an example's squared error, for `min-snr`. */
  readonly gamma: number;
}

/**
 * Noise beside an example of full size, from which on smooth levels take it for nothing but noise. Beyond it a network's errors in the noise would be divided by a signal of nearly 0.
 */
const largestRatio = 400;

/**
 * The steps of a noise schedule.
 *
 * Times of a batch are spread evenly over the steps, as in Kingma et al., "Variational diffusion models" (2021).
 *
 * Source: Ho et al. (2020), equation 14, for the simple weighting; Hang et al., "Efficient diffusion training via min-SNR
 * weighting strategy" (2023), section 3.4.
 */
export function diffusionProcess(options: DiffusionProcessOptions): Process {
  const { schedule, weighting, gamma } = options;
  const { steps: total } = schedule;
  const prediction = predictions[options.prediction];
  const levelAt = (t: number): Level => ({ ...noiseLevelAt(schedule, t), time: (t * timeScale) / total });
  const clean: Level = { time: 0, signal: 1, noise: 0 };
  const all = Array.from({ length: total }, (_, t) => levelAt(t));
  const weights = all.map(({ signal, noise }) => {
    const snr = (signal / noise) ** 2;
    return weighting === "simple" ? 1 : (prediction.cleanWeight(snr) * Math.min(snr, gamma)) / snr;
  });
  return {
    prediction,
    mostSteps: total,
    draw: (key, count) => {
      const t = spreadUniform(key, count).mul(total).cast("int32");
      const look = (numbers: readonly number[]): Tensor => tensor(numbers, [total]).gather(t);
      return {
        time: t.cast("float32").mul(timeScale / total),
        signal: look(all.map(({ signal }) => signal)),
        noise: look(all.map(({ noise }) => noise)),
        weight: weighting === "simple" ? constant(1).expand([count]) : look(weights),
      };
    },
    levels: (steps) => [
      ...Array.from({ length: steps }, (_, k) => all[Math.round(total - 1 - (k * total) / steps)]),
      clean,
    ],
    smoothLevels: (steps) => {
      const first = timeOfNoise(schedule, largestRatio);
      return Array.from({ length: steps + 1 }, (_, k) => levelAt((first * (steps - k)) / steps));
    },
    levelsFromNoise: (deviation, steps) => {
      const first = (timeOfNoise(schedule, deviation) * timeScale) / total;
      return levelsBetween(first, clean, steps, (time) => levelAt((time * total) / timeScale));
    },
  };
}

export const timeDistributions = ["uniform", "logit-normal"] as const;

export type TimeDistribution = (typeof timeDistributions)[number];

/**
 * The straight line x_t = (1 - t) e + t example, t from 0 to 1.
 *
 * Training times are uniform, or the sigmoid of a standard normal number, which favours the middle, where it is hardest
 * to tell noise from example.
 *
 * Source: Liu, Gong and Liu, "Flow straight and fast" (2023); Lipman et al., "Flow matching for generative modeling"
 * (2023); Esser et al., "Scaling rectified flow transformers" (2024), section 3.1, for logit-normal times.
 */
export function straightProcess(times: TimeDistribution): Process {
  const levelAt = (t: number): Level => ({ time: t * timeScale, signal: t, noise: 1 - t });
  const levels = (steps: number): readonly Level[] => Array.from({ length: steps + 1 }, (_, k) => levelAt(k / steps));
  return {
    prediction: predictions.velocity,
    mostSteps: 1000,
    draw: (key, count) => {
      const u = spreadUniform(foldKey(key, 0), count);
      const t = times === "uniform" ? u : erfInverse(u.mul(2).sub(1)).mul(Math.SQRT2).sigmoid();
      return {
        time: t.mul(timeScale),
        signal: t,
        noise: constant(1).sub(t),
        weight: constant(1).expand([count]),
      };
    },
    levels,
    smoothLevels: levels,
    levelsFromNoise: (deviation, steps) =>
      levelsBetween(timeScale / (1 + deviation), levelAt(1), steps, (time) => levelAt(time / timeScale)),
  };
}
