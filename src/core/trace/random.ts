/** Random tensors. Each is a pure function of its key: the same bits on every backend and in an exported
 * file, but for the rounding of logarithms and square roots where they occur. A key is for one use: fold it for another. */

import { GalateaError, type Key, type Shape } from "../base/index.ts";
import { erfInverse } from "./erf-inverse.ts";
import { tensor } from "./functions.ts";
import { apply, constant, Tensor, type TensorLike } from "./tensor.ts";

/** A key known while tracing. */
export function constantKey(key: Key): Tensor {
  return tensor(key, [2], "uint32");
}

/** The key of stream `data` below `key`: a number, or a uint32 scalar such as the step. */
export function foldKey(key: Tensor, data: number | Tensor): Tensor {
  return apply("foldKey", [key, data instanceof Tensor ? data : constant(data, "uint32")], {});
}

/** Independent keys below `key`. */
export function splitKey(key: Tensor, count: number): Tensor[] {
  return Array.from({ length: count }, (_, index) => foldKey(key, index));
}

/** Uniform numbers in (low, high), multiples of 2^-23 plus one half of it. */
export function randomUniform(key: Tensor, shape: Shape, low = 0, high = 1): Tensor {
  const unit = apply("randomUniform", [key], { shape, bits: 23 });
  return low === 0 && high === 1 ? unit : unit.mul(high - low).add(low);
}

/** Standard normal numbers; |x| stays below 5.77, beyond which lies one of 10^8. */
export function randomNormal(key: Tensor, shape: Shape): Tensor {
  return apply("randomNormal", [key], { shape });
}

/**
 * Standard normal numbers that lie within [low, high], by the distribution's quantiles.
 *
 * Units and ranges: bounds within -5 and 5, beyond which quantiles of float32 numbers are too coarse.
 * @throws GalateaError `config` for bounds beyond that, or out of order.
 */
export function randomTruncatedNormal(key: Tensor, shape: Shape, low = -2, high = 2): Tensor {
  if (!(low >= -5 && low < high && high <= 5)) {
    const seen = `randomTruncatedNormal: from ${low} to ${high}`;
    throw new GalateaError("config", key.path, seen, "the bounds must ascend and lie within -5 and 5");
  }
  const [first, last] = [low, high].map((bound) => constant(bound * Math.SQRT1_2).erf());
  const quantiles = randomUniform(key, shape).mul(last.sub(first)).add(first);
  return erfInverse(quantiles).mul(Math.SQRT2).clip(low, high);
}

/**
 * 1 with the given probability (a number, or a tensor that broadcasts to `shape`), else 0, as float32.
 *
 * Units and ranges: the probability is rounded to a multiple of 2^-16; 0 and 1 mean never and always.
 */
export function randomBernoulli(key: Tensor, shape: Shape, probability: TensorLike): Tensor {
  if (typeof probability === "number") return apply("randomBernoulli", [key], { shape, probability });
  return apply("randomUniform", [key], { shape, bits: 16 }).less(probability).cast("float32");
}

/** Exponential numbers of mean 1, -log u: from 6e-8 to 16.6. */
export function randomExponential(key: Tensor, shape: Shape): Tensor {
  return randomUniform(key, shape).log().neg();
}

/** Gumbel numbers, -log(-log u): from -2.8 to 16.6, of mean 0.577 (Euler's constant) and variance pi^2 / 6. */
export function randomGumbel(key: Tensor, shape: Shape): Tensor {
  return randomExponential(key, shape).log().neg();
}

/**
 * Classes drawn with the probabilities softmax(logits): the place of the largest of logits plus Gumbel numbers.
 *
 * Shapes: logits [..., K] -> int64 [...].
 * Units and ranges: log-probabilities up to a constant, finite: for an impossible class take -1e9.
 *
 * Source: Gumbel, "Statistical theory of extreme values" (1954).
 */
export function randomCategorical(key: Tensor, logits: Tensor): Tensor {
  return logits.add(randomGumbel(key, logits.shape)).argMax(-1);
}

/** As many as there are different uniform numbers, twice. */
const largestSorted = 2 ** 24;

/**
 * 0, 1, ..., count - 1 in a random order, as int64 [count].
 *
 * The places of uniform numbers in ascending order. Of the count^2 / 2 pairs one in 2^23 is of equal numbers, and keeps
 * its order.
 * @throws GalateaError `config` for more than 2^24.
 */
export function randomPermutation(key: Tensor, count: number): Tensor {
  if (!Number.isInteger(count) || count < 0 || count > largestSorted) {
    const seen = `randomPermutation: of ${count} numbers`;
    throw new GalateaError("config", key.path, seen, "it takes a whole number from 0 to 2^24");
  }
  return randomUniform(key, [count]).argSort();
}

/** Spans beyond this would be uneven by more than one in eight. */
const largestSpan = 2 ** 20;

/**
 * Whole numbers from low to high - 1, as int32.
 *
 * Units and ranges: up to 2^20 different ones; the chances of any two are equal but for a share of (high - low) / 2^23.
 * @throws GalateaError `config` for bounds that are no whole numbers, or too far apart.
 */
export function randomInteger(key: Tensor, shape: Shape, low: number, high: number): Tensor {
  const span = high - low;
  if (!Number.isInteger(low) || !Number.isInteger(high) || span < 1 || span > largestSpan) {
    const seen = `randomInteger: from ${low} to below ${high}`;
    throw new GalateaError("config", key.path, seen, "the bounds are whole numbers, 1 to 2^20 apart");
  }
  const numbers = randomUniform(key, shape).mul(span).cast("int32");
  return low === 0 ? numbers : numbers.add(low);
}
