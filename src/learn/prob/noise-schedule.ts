/** Noise schedules: how much of an example is left after each step of a diffusion. Plain numbers, no graph. */

import { GalateaError } from "../../core/base/index.ts";

export const noiseScheduleNames = ["linear", "cosine"] as const;

export type NoiseScheduleName = (typeof noiseScheduleNames)[number];

/**
 * A variance-preserving diffusion in T steps: x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) e, with e standard normal.
 */
export interface NoiseSchedule {
  readonly name: NoiseScheduleName;
  /** T. */
  readonly steps: number;
  /** abar_t for t = 0 .. T - 1: products of 1 - beta, falling from nearly 1 to nearly 0. */
  readonly alphaBars: readonly number[];
}

/** Shares of the example and of the noise in x_t; their squares add up to 1. */
export interface NoiseLevel {
  readonly signal: number;
  readonly noise: number;
}

/** Beyond it a step would leave nothing, and could not be undone. */
const largestBeta = 0.999;

/**
 * The schedule of a name over T steps.
 *
 * linear: beta_t from 1e-4 to 0.02, evenly, times 1000 / T so that other T end at the same noise;
 * cosine: abar(u) = cos^2((u + s) / (1 + s) pi / 2), s = 0.008, beta_t = 1 - abar((t + 1) / T) / abar(t / T).
 * Either way beta is at most 0.999.
 *
 * @throws GalateaError `config` when T is no whole number of at least 2.
 *
 * Source: Ho, Jain and Abbeel, "Denoising diffusion probabilistic models" (2020), section 4; Nichol and Dhariwal,
 * "Improved denoising diffusion probabilistic models" (2021), equation 17.
 */
export function noiseSchedule(name: NoiseScheduleName, steps: number): NoiseSchedule {
  if (!Number.isInteger(steps) || steps < 2) {
    throw new GalateaError("config", "noiseSchedule", `${steps} steps`, "give a whole number of at least 2");
  }
  const betaAt = name === "linear" ? linearBeta(steps) : cosineBeta(steps);
  let left = 1;
  const alphaBars = Array.from({ length: steps }, (_, t) => {
    left *= 1 - Math.min(betaAt(t), largestBeta);
    return left;
  });
  return { name, steps, alphaBars };
}

function linearBeta(steps: number): (t: number) => number {
  const scale = 1000 / steps;
  return (t) => scale * (1e-4 + (t * (0.02 - 1e-4)) / (steps - 1));
}

const cosineOffset = 0.008;

function cosineBeta(steps: number): (t: number) => number {
  const share = (u: number): number => Math.cos((((u + cosineOffset) / (1 + cosineOffset)) * Math.PI) / 2) ** 2;
  return (t) => 1 - share((t + 1) / steps) / share(t / steps);
}

/** log(abar / (1 - abar)): falls as noise grows, and is nearly straight between steps. */
function logSnr(alphaBar: number): number {
  return Math.log(alphaBar) - Math.log1p(-alphaBar);
}

/**
 * The level at a time, which may lie between steps: the logarithm of the signal-to-noise ratio is then interpolated.
 *
 * Units and ranges: t from 0 to T - 1.
 */
export function noiseLevelAt({ alphaBars }: NoiseSchedule, t: number): NoiseLevel {
  const below = Math.min(Math.max(Math.floor(t), 0), alphaBars.length - 1);
  const above = Math.min(below + 1, alphaBars.length - 1);
  const alphaBar =
    t === below
      ? alphaBars[below]
      : 1 / (1 + Math.exp(-(logSnr(alphaBars[below]) * (above - t) + logSnr(alphaBars[above]) * (t - below))));
  return { signal: Math.sqrt(alphaBar), noise: Math.sqrt(1 - alphaBar) };
}

/**
 * The time at which noise has a given standard deviation beside an example of full size: the t with
 * sqrt((1 - abar) / abar) = deviation, which may lie between steps; the first or last one where there is none.
 */
export function timeOfNoise({ alphaBars }: NoiseSchedule, deviation: number): number {
  const wanted = -2 * Math.log(deviation);
  const above = alphaBars.findIndex((alphaBar) => logSnr(alphaBar) <= wanted);
  if (above <= 0) return above === 0 ? 0 : alphaBars.length - 1;
  const [high, low] = [logSnr(alphaBars[above - 1]), logSnr(alphaBars[above])];
  return above - 1 + (high - wanted) / (high - low);
}
