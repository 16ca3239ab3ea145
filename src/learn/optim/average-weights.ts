/** Averages of weights over training, which generalize better than the last ones. */

import { constant, type Tensor, type TensorTree } from "../../core/trace/index.ts";
import { alike, mapTogether, requireOption } from "./optimizer.ts";

/**
 * The exponential moving average of parameters.
 *
 * average' = d average + (1 - d) parameters, d = decay, with a step d = min(decay, (1 + step) / (10 + step)),
 * so that early averages forget their start
 *
 * Shapes: `step`, the number of updates before this one, is an integer scalar; the average starts as the parameters.
 * Units and ranges: decay within [0, 1].
 * @throws GalateaError `config` when decay is outside its range; `internal` when the structures differ.
 *
 * Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging" (1992); the exponential form
 * and its warm-up are TensorFlow's `ExponentialMovingAverage`.
 */
export function averageWeights<T extends TensorTree>(average: T, parameters: T, decay: number, step?: Tensor): T {
  requireOption("averageWeights", "decay", decay, decay >= 0 && decay <= 1, "within [0, 1]");
  // 1 - (1 + t) / (10 + t) = 9 / (10 + t)
  const share = step
    ? constant(9)
        .div(step.cast("float32").add(10))
        .maximum(1 - decay)
    : constant(1 - decay);
  const [moved] = mapTogether(
    [average, parameters],
    1,
    ([before, now]) => [before.add(now.sub(before).mul(share))],
    alike,
  );
  return moved as T;
}
