/** What a network predicts of x = signal * clean + noise * e, and what follows from it for clean and e. */

import type { Tensor } from "../../../core/trace/index.ts";
import type { NoiseLevel } from "../../prob/index.ts";

/** The noise e; the example; signal * e - noise * clean; or clean - e, along a straight path. */
export const predictionNames = ["epsilon", "x0", "v", "velocity"] as const;

export type PredictionName = (typeof predictionNames)[number];

/** Factors of x and of the network's output. */
export interface Mixture {
  readonly x: number;
  readonly output: number;
}

export interface Estimates {
  /** The expected example, given x. */
  readonly clean: Mixture;
  /** The expected noise. */
  readonly noise: Mixture;
}

export interface Prediction {
  /** What the network's output shall be; signal and noise broadcast. */
  target(clean: Tensor, noise: Tensor, level: { readonly signal: Tensor; readonly noise: Tensor }): Tensor;
  /** The example and the noise at a level, linear in x and the output. */
  estimates(level: NoiseLevel): Estimates;
  /** Weight of the squared error that gives the example's squared error a weight of snr = signal^2 / noise^2. */
  readonly cleanWeight: (snr: number) => number;
}

/**
 * Source: Ho et al. (2020) for epsilon and x0; Salimans and Ho, "Progressive distillation for fast sampling of diffusion
 * models" (2022), appendix D, for v, where signal^2 + noise^2 = 1; Liu, Gong and Liu, "Flow straight and fast" (2023), for
 * velocity, where signal + noise = 1.
 */
export const predictions: Readonly<Record<PredictionName, Prediction>> = {
  epsilon: {
    target: (_, noise) => noise,
    estimates: ({ signal, noise }) => ({
      clean: { x: 1 / signal, output: -noise / signal },
      noise: { x: 0, output: 1 },
    }),
    cleanWeight: () => 1,
  },
  x0: {
    target: (clean) => clean,
    estimates: ({ signal, noise }) => ({
      clean: { x: 0, output: 1 },
      noise: { x: 1 / noise, output: -signal / noise },
    }),
    cleanWeight: (snr) => snr,
  },
  v: {
    target: (clean, e, { signal, noise }) => e.mul(signal).sub(clean.mul(noise)),
    estimates: ({ signal, noise }) => ({
      clean: { x: signal, output: -noise },
      noise: { x: noise, output: signal },
    }),
    cleanWeight: (snr) => snr / (snr + 1),
  },
  velocity: {
    target: (clean, noise) => clean.sub(noise),
    estimates: ({ signal, noise }) => ({ clean: { x: 1, output: noise }, noise: { x: 1, output: -signal } }),
    // error of clean = noise^2 * error of the velocity
    cleanWeight: (snr) => snr / (1 + Math.sqrt(snr)) ** 2,
  },
};
