/** The VAE of bench/workloads/vae.ts in jax-js. */

import { nn, numpy as np, random } from "@jax-js/jax";
import { inkBatches } from "../data.mjs";
import { dense, parts, trainer, uniform } from "./layers.mjs";

/** Fully connected layers with ReLU between. */
function perceptronParameters(widths) {
  return widths.slice(1).map((outputs, i) => {
    const last = i === widths.length - 2;
    const weight = uniform([widths[i], outputs], 6, last ? widths[i] + outputs : widths[i]);
    return { weight, bias: np.zeros([outputs]) };
  });
}

export function perceptron(layers, x) {
  return layers.reduce((y, layer, i) => (i === layers.length - 1 ? dense(layer, y) : nn.relu(dense(layer, y))), x);
}

/** In nats, summed over pixels and averaged over the batch. */
export function negativeElbo(encode, decode, x, key) {
  const [mean, logVariance] = parts(encode(x), 2, 1);
  const noise = random.normal(key.ref, mean.shape);
  const z = mean.ref.add(np.exp(logVariance.ref.mul(0.5)).mul(noise));
  const logits = decode(z);
  const reconstruction = np.sum(nn.softplus(logits.ref).sub(logits.ref.mul(x.ref)));
  const kl = np.sum(logVariance.ref.add(1).sub(np.square(mean.ref)).sub(np.exp(logVariance.ref))).mul(-0.5);
  return reconstruction.add(kl).div(x.shape[0]);
}

export async function build(sizes) {
  const { batch, pixels, hidden, latent } = sizes;
  const batches = inkBatches(sizes, pixels).map((data) => np.array(data).reshape([batch, pixels]));
  const parameters = {
    encoder: perceptronParameters([pixels, ...hidden, 2 * latent]),
    decoder: perceptronParameters([latent, ...hidden.toReversed(), pixels]),
  };
  return trainer(sizes, parameters, batches, ({ encoder, decoder }, x, key) =>
    negativeElbo(
      (y) => perceptron(encoder, y),
      (y) => perceptron(decoder, y),
      x,
      key,
    ),
  );
}
