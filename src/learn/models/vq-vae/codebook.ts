/** A codebook: vectors that encodings are rounded to, which follow the averages of what is rounded to them. */

import {
  concat,
  foldKey,
  oneHot,
  ones,
  randomGumbel,
  randomNormal,
  type Tensor,
  where,
} from "../../../core/trace/index.ts";
import type { Context } from "../../nn/index.ts";

/** All of it is state: no gradient trains it. */
export type CodebookParameters = {
  /** The codes, [K, D]. */
  readonly weight: Tensor;
  /** Running average of how many encodings of a batch each code stands for, [K]. */
  readonly cluster_size: Tensor;
  /** Running average of the sum of these encodings, [K, D]. */
  readonly cluster_sum: Tensor;
};

export interface CodebookOptions {
  /** Number of codes K, and their dimensions D. */
  readonly count: number;
  readonly size: number;
  /** Share of a running average that stays in a step, below 1. */
  readonly decay: number;
  /** A code is dead that stands for less than this share of what each would if all were used alike; 0: none is. */
  readonly reviveBelow: number;
}

export interface Codebook {
  init(key: Tensor): CodebookParameters;
  /** Codes at random encodings [N, D], far from one another. */
  fit(parameters: CodebookParameters, encodings: Tensor, key: Tensor): CodebookParameters;
  /** The nearest code of each encoding: [N, D] -> int64 [N]. */
  nearest(parameters: CodebookParameters, encodings: Tensor): Tensor;
  /** Registers the codebook that a batch of encodings [N, D], rounded to `indices` [N], leaves; needs the context's key. */
  follow(parameters: CodebookParameters, encodings: Tensor, indices: Tensor, context: Context, key: Tensor): void;
}

/** Keeps empty clusters from being divided by 0. */
const smoothing = 1e-5;
/** A first codebook is drawn in so many parts, each far from those before. */
const rounds = 8;

function squaredDistances(a: Tensor, b: Tensor): Tensor {
  return a.sub(b).square().sum(1);
}

/**
 * Encodings [count, D], drawn with chances proportional to their distances [N] from what there is: where many are
 * alike, such as those of an empty background, that is where the codebook lacks something, not where most are. None
 * is drawn twice while there are others.
 */
function farEncodings(encodings: Tensor, distances: Tensor, count: number, key: Tensor): Tensor {
  const [available] = encodings.shape;
  const scores = distances
    .add(1e-12)
    .log()
    .add(randomGumbel(key, [available]));
  const order = scores.topK(Math.min(count, available), 0).indices;
  const repeated = order.tile([Math.ceil(count / order.size)]).slice(0, 0, count);
  return encodings.gather(repeated);
}

/**
 * A codebook learned by running averages.
 *
 * With n_k encodings of a batch rounded to code k, and s_k their sum: N_k' = d N_k + (1 - d) n_k,
 * S_k' = d S_k + (1 - d) s_k, e_k = S_k' / C_k with Laplace's smoothing C_k = (N_k' + a) / (N' + K a) N', N' = sum_k N_k'
 *
 * A dead code moves onto a random encoding of the batch, drawn by its squared distance from its code, with the average
 * cluster size.
 *
 * Source: van den Oord, Vinyals and Kavukcuoglu, "Neural discrete representation learning" (2017), appendix A.1, with
 * the smoothing of Razavi, van den Oord and Vinyals, "Generating diverse high-fidelity images with VQ-VAE-2" (2019);
 * Dhariwal et al., "Jukebox" (2020), section 3.1, for random restarts; they draw uniformly. Chances by distance are
 * those of Arthur and Vassilvitskii, "k-means++" (2007), in rounds as in Bahmani et al., "Scalable k-means++" (2012).
 */
export function codebook({ count, size, decay, reviveBelow }: CodebookOptions): Codebook {
  const from = (weight: Tensor, clusterSize: Tensor): CodebookParameters => ({
    weight,
    cluster_size: clusterSize,
    cluster_sum: weight.mul(clusterSize.unsqueeze(1)),
  });
  const nearest = (weight: Tensor, encodings: Tensor): Tensor =>
    // |z - e|^2 without |z|^2, which is the same for all codes.
    encodings.matmul(weight, { transposeB: true }).mul(2).sub(weight.square().sum(1)).argMax(1);
  return {
    // Clusters of 1: soon outweighed by what batches say, so that codes which stand for nothing are dead early.
    init: (key) => from(randomNormal(key, [count, size]), ones([count])),
    fit: (_, encodings, key) => {
      const part = Math.ceil(count / rounds);
      let weight = farEncodings(encodings, encodings.mul(0).sum(1).add(1), part, foldKey(key, 0));
      for (let round = 1; weight.shape[0] < count; round++) {
        const distances = squaredDistances(encodings, weight.gather(nearest(weight, encodings)));
        const more = Math.min(part, count - weight.shape[0]);
        weight = concat([weight, farEncodings(encodings, distances, more, foldKey(key, round))], 0);
      }
      // A little noise: two codes at one place would both follow the same encodings.
      const noise = randomNormal(foldKey(key, rounds), [count, size]).mul(1e-3);
      return from(weight.add(noise), ones([count]));
    },
    nearest: ({ weight }, encodings) => nearest(weight, encodings),
    follow: ({ weight, cluster_size, cluster_sum }, encodings, indices, context, key) => {
      const seen = encodings.stopGradient();
      const members = oneHot(indices, count); // [N, K]
      const blend = (running: Tensor, now: Tensor): Tensor =>
        context
          .current(running)
          .mul(decay)
          .add(now.mul(1 - decay));
      const sizes = blend(cluster_size, members.sum(0));
      const sums = blend(cluster_sum, members.matmul(seen, { transposeA: true }));
      const total = sizes.sum();
      const average = total.mul(1 / count);
      const dead = sizes.less(average.mul(reviveBelow)); // [K]
      const smoothed = sizes.add(smoothing).mul(total.div(total.add(count * smoothing)));
      const fresh = farEncodings(seen, squaredDistances(seen, weight.gather(indices)), count, key);
      const code = where(dead.unsqueeze(1), fresh, sums.div(smoothed.unsqueeze(1)));
      const restarted = where(dead, average, sizes);
      context.update(weight, code);
      context.update(cluster_size, restarted);
      context.update(cluster_sum, where(dead.unsqueeze(1), fresh.mul(average), sums));
    },
  };
}

/** How many codes a batch uses, and how many it would use if all that it uses were equally frequent. */
export function codeUsage(indices: Tensor, count: number): Readonly<Record<"perplexity" | "codesUsed", Tensor>> {
  const shares = oneHot(indices, count).mean(0);
  const entropy = shares.mul(shares.maximum(1e-10).log()).sum().neg();
  return { perplexity: entropy.exp(), codesUsed: shares.greater(0).cast("float32").sum() };
}
