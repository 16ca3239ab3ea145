/** Densities: log-probabilities, samples, entropies and analytic divergences; bijections between them; noise schedules.
 * Traced code only; knows no layer, no optimizer and no device. */

export { type Bernoulli, bernoulli } from "./bernoulli.ts";
export * from "./bijections/index.ts";
export { type Categorical, categorical } from "./categorical.ts";
export { type CtcOptions, ctcLoss } from "./ctc.ts";
export { type Distribution, sumOverEvent } from "./distribution.ts";
export { type Gaussian, type GaussianWidth, gaussian } from "./gaussian.ts";
export { klDivergence, klToStandardNormal } from "./kl-divergence.ts";
export {
  type NoiseLevel,
  type NoiseSchedule,
  type NoiseScheduleName,
  noiseLevelAt,
  noiseSchedule,
  noiseScheduleNames,
  timeOfNoise,
} from "./noise-schedule.ts";
