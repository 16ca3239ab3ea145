/** The bound of the importance-weighted autoencoder, and two estimators of its gradient. */

import { gradients } from "../../../core/autodiff/index.ts";
import type { Tensor } from "../../../core/trace/index.ts";
import { type Gaussian, gaussian } from "../../prob/index.ts";

export const gradientEstimators = ["reparameterized", "doubly-reparameterized"] as const;

export type GradientEstimator = (typeof gradientEstimators)[number];

/** log mean_k w_k. Shapes: [K, B] -> [B]. */
export function logMeanWeight(logWeights: Tensor): Tensor {
  return logWeights.logSumExp(0).sub(Math.log(logWeights.shape[0]));
}

/** The logarithms of the weights p(x, z) / q(z|x) of codes z [K, B, D], as [K, B]. */
export type LogWeights = (q: Gaussian, z: Tensor) => Tensor;

/**
 * -log mean_k w_k, averaged over the batch, with the doubly reparameterized gradient.
 *
 * The encoder's gradient is sum_k s_k^2 (d log w_k / d z_k) (d z_k / d encoder) with shares s_k = w_k / sum_j w_j;
 * that of all else is sum_k s_k d log w_k, as usual. Both are unbiased, but this one's signal does not drown in
 * noise as K grows: the part of the usual one that is 0 on average, through the parameters of q in log q(z|x), is
 * left out.
 *
 * Shapes: z [K, B, D], computed from q; the result is a scalar.
 *
 * Source: Tucker, Lawson, Gu and Maddison, "Doubly reparameterized gradient estimators for Monte Carlo objectives"
 * (2019), equation 8; with K = 1 it is Roeder, Wu and Duvenaud's "Sticking the landing" (2017).
 */
export function doublyReparameterizedLoss(q: Gaussian, z: Tensor, logWeights: LogWeights): Tensor {
  const fixed = gaussian(q.mean.stopGradient(), { logVariance: q.logVariance.stopGradient() });
  const codes = z.stopGradient();
  const each = logWeights(fixed, codes); // [K, B]
  const loss = logMeanWeight(each).mean().neg();
  const [byCodes] = gradients(loss, [codes]); // -shares times d log w / d z
  const shares = each.softmax(0).unsqueeze(2);
  const path = byCodes.mul(shares).stopGradient().mul(z).sum();
  return loss.add(path.sub(path.stopGradient()));
}
