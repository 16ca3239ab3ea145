/** The VAE of bench/workloads/vae.ts in TensorFlow.js. */

import * as tf from "@tensorflow/tfjs";
import { inkBatches } from "../data.mjs";
import { dense, trainer, uniform } from "./layers.mjs";

/** Fully connected layers with ReLU between. @param {number[]} widths */
function perceptron(widths) {
  const layers = widths.slice(1).map((outputs, i) => {
    const last = i === widths.length - 2;
    const inputs = widths[i];
    const weight = uniform([inputs, outputs], 6, last ? inputs + outputs : inputs);
    return dense(inputs, outputs, { weight, bias: tf.zeros([outputs]), activation: last ? "linear" : "relu" });
  });
  return (/** @type {tf.Tensor} */ x) => layers.reduce((y, layer) => layer(y), x);
}

/** In nats, summed over pixels and averaged over the batch. */
export function negativeElbo(encode, decode, x) {
  const [mean, logVariance] = tf.split(encode(x), 2, 1);
  const z = mean.add(logVariance.mul(0.5).exp().mul(tf.randomNormal(mean.shape)));
  const logits = decode(z);
  // softplus(l) - l x, as max(l, 0) + log1p(e^-|l|) - l x
  const reconstruction = logits.relu().add(logits.abs().neg().exp().log1p()).sub(logits.mul(x)).sum();
  const kl = logVariance.add(1).sub(mean.square()).sub(logVariance.exp()).sum().mul(-0.5);
  return reconstruction.add(kl).div(x.shape[0]);
}

export async function build(sizes) {
  const { batch, pixels, hidden, latent } = sizes;
  const batches = inkBatches(sizes, pixels).map((data) => tf.tensor2d(data, [batch, pixels]));
  const encode = perceptron([pixels, ...hidden, 2 * latent]);
  const decode = perceptron([latent, ...hidden.toReversed(), pixels]);
  return trainer(sizes, (index) => negativeElbo(encode, decode, batches[index]));
}
