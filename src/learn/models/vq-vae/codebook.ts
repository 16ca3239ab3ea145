/** A codebook: vectors that encodings are rounded to, which follow the averages of what is rounded to them. */

import {
  constant,
  foldKey,
  oneHot,
  randomInteger,
  randomNormal,
  type Tensor,
  where,
  zeros,
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
  /** Codes at random encodings [N, D]. */
  fit(parameters: CodebookParameters, encodings: Tensor, key: Tensor): CodebookParameters;
  /** The nearest code of each encoding: [N, D] -> int64 [N]. */
  nearest(parameters: CodebookParameters, encodings: Tensor): Tensor;
  /** Registers the codebook that a batch of encodings [N, D], rounded to `indices` [N], leaves; needs the context's key. */
  follow(parameters: CodebookParameters, encodings: Tensor, indices: Tensor, context: Context, key: Tensor): void;
}

/** Keeps empty clusters from being divided by 0. */
const smoothing = 1e-5;

/**
 * A codebook learned by running averages.
 *
 * With n_k encodings of a batch rounded to code k, and s_k their sum: N_k' = d N_k + (1 - d) n_k,
 * S_k' = d S_k + (1 - d) s_k, e_k = S_k' / C_k with Laplace's smoothing C_k = (N_k' + a) / (N' + K a) N', N' = sum_k N_k'
 *
 * A dead code moves onto a random encoding of the batch, with the average cluster size.
 *
 * Source: van den Oord, Vinyals and Kavukcuoglu, "Neural discrete representation learning" (2017), appendix A.1, with
 * the smoothing of Razavi, van den Oord and Vinyals, "Generating diverse high-fidelity images with VQ-VAE-2" (2019);
 * Dhariwal et al., "Jukebox" (2020), section 3.1, for random restarts.
 */
export function codebook({ count, size, decay, reviveBelow }: CodebookOptions): Codebook {
  const from = (weight: Tensor, clusterSize: Tensor): CodebookParameters => ({
    weight,
    cluster_size: clusterSize,
    cluster_sum: weight.mul(clusterSize.unsqueeze(1)),
  });
  const chosen = (encodings: Tensor, key: Tensor): Tensor =>
    encodings.gather(randomInteger(key, [count], 0, encodings.shape[0]));
  return {
    init: (key) => from(randomNormal(key, [count, size]), zeros([count]).add(1)),
    // A little noise: two codes at one place would both follow the same encodings.
    fit: (_, encodings, key) => {
      const noise = randomNormal(foldKey(key, 1), [count, size]).mul(1e-3);
      return from(chosen(encodings, foldKey(key, 0)).add(noise), zeros([count]).add(encodings.shape[0] / count));
    },
    // |z - e|^2 without |z|^2, which is the same for all codes.
    nearest: ({ weight }, encodings) =>
      encodings.matmul(weight, { transposeB: true }).mul(2).sub(weight.square().sum(1)).argMax(1),
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
      const fresh = chosen(seen, key);
      const code = where(dead.unsqueeze(1), fresh, sums.div(smoothed.unsqueeze(1)));
      const restarted = where(dead, average.add(constant(0)), sizes);
      context.update(weight, code);
      context.update(cluster_size, restarted);
      context.update(cluster_sum, where(dead.unsqueeze(1), fresh.mul(average), sums));
    },
  };
}
