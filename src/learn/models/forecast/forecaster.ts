/** Forecasts of time series with their uncertainty: from what was, a distribution of each value to come. */

import { concat, foldKey, randomNormal, type Tensor, type TensorTree, zeros } from "../../../core/trace/index.ts";
import { type Context, dropout, evaluationContext, linear, subcontext } from "../../nn/index.ts";
import type { Family, TensorBatch } from "../family.ts";
import { dependenceNats, remembering } from "./dependence.ts";
import { type ForecastDistribution, forecastLevels, standardDistributions } from "./distributions.ts";

/** From the past, brought to mean 0 and deviation 1, to numbers that describe it. */
export interface PastReader<P extends TensorTree = TensorTree> {
  /** How many numbers. */
  readonly size: number;
  init(key: Tensor): P;
  /** [B, context] -> [B, size]. */
  apply(parameters: P, past: Tensor, context: Context): Tensor;
}

export interface ForecasterOptions<P extends TensorTree> {
  /** Values that are known, C, and values that are to come, H. */
  readonly context: number;
  readonly horizon: number;
  readonly reader: PastReader<P>;
  /** Default `laplace`. */
  readonly distribution?: ForecastDistribution;
  readonly dropout?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type ForecasterParameters<P extends TensorTree> = {
  readonly reader: P;
  readonly head: TensorTree;
  /** How much a value remembers of the one before: [1], the logit of a correlation. */
  readonly memory: Tensor;
};

/** Keeps the deviation of a constant past above 0, as a share of its size. */
const leastDeviation = 1e-3;
/** Deviations of a value, in those of the past. */
const leastScale = 1e-3;

/**
 * A forecaster: each of the next values has a Laplace or normal distribution whose place and width are computed from the past,
 * and remembers the value before: where one turned out high, the next is likely to, by one learned correlation of normal scores.
 *
 * The past is brought to mean 0 and deviation 1, and the forecast back: a series may be of any size, and may drift.
 * -log p(y) = -log p0((y - m) / b) + log b, p0 of place 0 and width 1
 *
 * Shapes: reads `past` float32 [B, C] and `future` float32 [B, H]; samples are, for the condition `past`, a drawn `future`
 * float32 [count, H] and the `quantiles` of its levels ({@link forecastLevels}) float32 [count, 5, H].
 * Units and ranges: those of the series; `squaredError` and `absoluteError` are of the place, `coverage90` is the share of
 * values within the interval of 90%. A sample is a path; `negativeLogLikelihood` is of all values together.
 *
 * Each value's own distribution is fitted as if it stood alone, and the memory to what that leaves (Joe and Xu, 1996).
 *
 * Source: Kim et al., "Reversible instance normalization" (2022) for the scales; {@link dependenceNats} for the memory.
 */
export function forecaster<P extends TensorTree>(options: ForecasterOptions<P>): Family<ForecasterParameters<P>> {
  const { context: known, horizon, reader } = options;
  const head = linear({ inputs: reader.size, outputs: 2 * horizon });
  const drop = dropout(options.dropout ?? 0);
  const standard = standardDistributions[options.distribution ?? "laplace"];
  const predict = (parameters: ForecasterParameters<P>, past: Tensor, context: Context) => {
    const mean = past.mean(1, true);
    const spread = past.sub(mean).square().mean(1, true).sqrt();
    const deviation = spread.add(mean.abs().mul(leastDeviation).add(1e-6));
    const read = reader.apply(parameters.reader, past.sub(mean).div(deviation), subcontext(context, 0));
    const numbers = head.apply(parameters.head as never, drop.apply({}, read, subcontext(context, 1)), context);
    const [place, width] = numbers.split(2, 1);
    return { place, scale: width.softplus().add(leastScale), mean, deviation };
  };
  const judge = (parameters: ForecasterParameters<P>, batch: TensorBatch, context: Context) => {
    const { place, scale, mean, deviation } = predict(parameters, batch.past, context);
    const error = batch.future.sub(mean).div(deviation).sub(place);
    const z = error.div(scale);
    // Nats of values in the past's deviations; of the series each has the deviation's logarithm more.
    const scores = standard.normalScore(z).stopGradient();
    const together = horizon > 1 ? dependenceNats(scores, parameters.memory.sigmoid()).sum(1) : zeros([z.shape[0]]);
    return {
      nats: standard.nats(z).add(scale.log()).sum(1).add(together),
      z,
      error: error.mul(deviation),
      width: scale.mul(deviation),
      deviation,
    };
  };
  return {
    name: "forecaster",
    inputs: { past: { dtype: "float32", shape: [known] }, future: { dtype: "float32", shape: [horizon] } },
    outputs: {
      future: { dtype: "float32", shape: [horizon] },
      quantiles: { dtype: "float32", shape: [forecastLevels.length, horizon] },
    },
    conditions: { past: { dtype: "float32", shape: [known] } },
    init: (key) => ({ reader: reader.init(foldKey(key, 0)), head: head.init(foldKey(key, 1)), memory: zeros([1]) }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => {
          const { nats } = judge(parameters, batch, context);
          return { loss: nats.mean().div(horizon), metrics: {} };
        },
      },
    ],
    sample: (parameters, key, { conditions }) => {
      const { place, scale, mean, deviation } = predict(parameters, conditions.past, evaluationContext());
      const value = (standardValue: Tensor | number): Tensor =>
        scale.mul(standardValue).add(place).mul(deviation).add(mean);
      const quantiles = forecastLevels.map((level) => value(standard.quantile(level)).unsqueeze(1));
      const scores = remembering(randomNormal(key, place.shape), parameters.memory.sigmoid());
      return { future: value(standard.ofNormal(scores)), quantiles: concat(quantiles, 1) };
    },
    scores: ["negativeLogLikelihood", "squaredError", "absoluteError", "rankedProbabilityScore", "coverage90"],
    score: (parameters, batch) => {
      const { nats, z, error, width, deviation } = judge(parameters, batch, evaluationContext());
      const inside = z.abs().lessEqual(standard.quantile(0.95)).cast("float32");
      return {
        negativeLogLikelihood: nats.add(deviation.log().sum(1).mul(horizon)),
        squaredError: error.square().mean(1),
        absoluteError: error.abs().mean(1),
        rankedProbabilityScore: standard.rankedProbabilityScore(z).mul(width).mean(1),
        coverage90: inside.mean(1),
      };
    },
    logProb: (parameters, batch) => {
      const { nats, deviation } = judge(parameters, batch, evaluationContext());
      return nats.add(deviation.log().sum(1).mul(horizon)).neg();
    },
    exact: true,
    reconstruct: (parameters, batch) => {
      const { place, mean, deviation } = predict(parameters, batch.past, evaluationContext());
      return { future: place.mul(deviation).add(mean) };
    },
  };
}
