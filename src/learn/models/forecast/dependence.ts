/** How values that follow one another belong together, whatever distribution each has: a Gaussian copula. */

import { type Tensor, tensor } from "../../../core/trace/index.ts";

/**
 * What it costs more to say a row of normal scores together than one by one, of each but the first; negative where they go
 * together as they are thought to.
 *
 * -log N(n_t; r n_(t-1), 1 - r^2) + log N(n_t; 0, 1)
 *
 * Shapes: scores [B, H], memory [1] -> [B, H - 1].
 * Units and ranges: nats; memory r within (0, 1), the correlation of a score with the next.
 *
 * Source: Sklar (1959); the normal copula of a first-order autoregression, Joe, "Dependence modeling with copulas" (2014).
 */
export function dependenceNats(scores: Tensor, memory: Tensor): Tensor {
  const count = scores.shape[1];
  const [before, after] = [scores.slice(1, 0, count - 1), scores.slice(1, 1, count - 1)];
  const left = memory.square().neg().add(1);
  const error = after.sub(before.mul(memory));
  return error.square().div(left).add(left.log()).sub(after.square()).mul(0.5);
}

/**
 * Normal numbers that follow one another with such a memory, from independent ones.
 *
 * n_0 = e_0, n_t = r n_(t-1) + sqrt(1 - r^2) e_t
 *
 * Shapes: independent [B, H], memory [1] -> [B, H].
 */
export function remembering(independent: Tensor, memory: Tensor): Tensor {
  const count = independent.shape[1];
  // n_t is the sum over s <= t of r^(t - s) e_s, of which all but e_0 are smaller by sqrt(1 - r^2).
  const grid = <T>(entry: (from: number, to: number) => T): T[] =>
    Array.from({ length: count * count }, (_, i) => entry(Math.floor(i / count), i % count));
  const steps = tensor(
    grid((from, to) => Math.max(0, to - from)),
    [count, count],
  );
  const reaches = tensor(
    grid((from, to) => (from <= to ? 1 : 0)),
    [count, count],
  );
  const size = memory.square().neg().add(1).sqrt();
  const first = tensor(
    Array.from({ length: count }, (_, from) => (from === 0 ? 1 : 0)),
    [count, 1],
  );
  const sizes = first.add(first.neg().add(1).mul(size)); // [H, 1]
  const weights = memory.log().mul(steps).exp().mul(reaches).mul(sizes);
  return independent.matmul(weights);
}
