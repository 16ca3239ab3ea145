/** Learning-rate schedules: traced functions from the step to a factor of the learning rate.
 *
 * Shapes: the step is a uint32 scalar counting from 0, below 2^24; the factor is a float32 scalar. */

import { constant, type Tensor } from "../../core/trace/index.ts";
import { requireOption } from "./optimizer.ts";

export type Schedule = (step: Tensor) => Tensor;

/** Always 1. */
export function constantRate(): Schedule {
  return () => constant(1);
}

/**
 * Half a period of a cosine, from 1 down to `floor`, where it stays.
 *
 * f(t) = floor + (1 - floor) (1 + cos(pi min(t, total) / total)) / 2
 *
 * Units and ranges: total in steps, at least 1; floor within [0, 1].
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), without restarts.
 */
export function cosineDecay(total: number, floor = 0): Schedule {
  requireOption("cosineDecay", "total", total, total >= 1, "at least 1");
  requireOption("cosineDecay", "floor", floor, floor >= 0 && floor <= 1, "within [0, 1]");
  return (step) => {
    const angle = step
      .cast("float32")
      .minimum(total)
      .mul(Math.PI / total);
    return angle
      .cos()
      .mul((1 - floor) / 2)
      .add((1 + floor) / 2);
  };
}

/**
 * A factor at equal intervals.
 *
 * f(t) = factor^floor(t / every)
 *
 * Units and ranges: every in steps, a whole number of at least 1; factor within (0, 1].
 * @throws GalateaError `config` when an option is outside its range.
 */
export function stepDecay(every: number, factor: number): Schedule {
  requireOption("stepDecay", "every", every, every >= 1 && Number.isInteger(every), "a whole number of at least 1");
  requireOption("stepDecay", "factor", factor, factor > 0 && factor <= 1, "within (0, 1]");
  return (step) => step.cast("int32").div(every).cast("float32").mul(Math.log(factor)).exp();
}

/**
 * A straight line up to 1, then 1.
 *
 * f(t) = min(1, (t + 1) / steps)
 *
 * Units and ranges: steps at least 1.
 * @throws GalateaError `config` when steps is outside its range.
 *
 * Source: Goyal et al., "Accurate, large minibatch SGD" (2017), section 2.2.
 */
export function linearWarmUp(steps: number): Schedule {
  requireOption("linearWarmUp", "steps", steps, steps >= 1, "at least 1");
  return (step) =>
    step
      .cast("float32")
      .add(1)
      .mul(1 / steps)
      .minimum(1);
}

/**
 * A linear warm-up, and then another schedule from its own step 0.
 *
 * f(t) = min(1, (t + 1) / steps) * then(max(t - steps, 0))
 *
 * Units and ranges: steps a whole number of at least 1.
 * @throws GalateaError `config` when steps is outside its range.
 */
export function warmUp(steps: number, then: Schedule): Schedule {
  requireOption("warmUp", "steps", steps, steps >= 1 && Number.isInteger(steps), "a whole number of at least 1");
  const ramp = linearWarmUp(steps);
  return (step) => ramp(step).mul(then(step.cast("int32").maximum(steps).sub(steps).cast("uint32")));
}

/** A schedule as plain data. `warmUp` steps of linear warm-up come first; 0 where absent. */
export type ScheduleConfig = { readonly warmUp?: number } & (
  | { readonly kind: "constant" }
  /** `total` counts all steps, those of the warm-up included. */
  | { readonly kind: "cosine"; readonly total: number; readonly floor?: number }
  | { readonly kind: "step"; readonly every: number; readonly factor: number }
);

/**
 * The schedule that a config describes.
 * @throws GalateaError `config` when a number is outside its range.
 */
export function schedule(config: ScheduleConfig): Schedule {
  const { warmUp: steps = 0 } = config;
  const main = mainSchedule(config, steps);
  return steps === 0 ? main : warmUp(steps, main);
}

function mainSchedule(config: ScheduleConfig, warmUpSteps: number): Schedule {
  switch (config.kind) {
    case "constant":
      return constantRate();
    case "cosine":
      requireOption("schedule", "warmUp", warmUpSteps, warmUpSteps < config.total, `below total, ${config.total}`);
      return cosineDecay(config.total - warmUpSteps, config.floor);
    case "step":
      return stepDecay(config.every, config.factor);
  }
}
