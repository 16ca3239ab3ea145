/** The convolutional VAE of bench/workloads/conv-vae.ts in jax-js. */

import { lax, nn, numpy as np } from "@jax-js/jax";
import { inkBatches } from "../data.mjs";
import { dense, trainer, uniform } from "./layers.mjs";
import { negativeElbo } from "./vae.mjs";

const kernel = 4;
const padding = [
  [1, 1],
  [1, 1],
];

export async function build(sizes) {
  const { batch, image, channels, hidden, latent } = sizes;
  const widths = [image[0], ...channels];
  const inner = [widths.at(-1), image[1] >> channels.length, image[2] >> channels.length];
  const flat = inner[0] * inner[1] * inner[2];
  const area = kernel * kernel;
  const batches = inkBatches(sizes, image[0] * image[1] * image[2]).map((data) =>
    np.array(data).reshape([batch, ...image]),
  );
  const affine = (inputs, outputs, fan = inputs) => ({
    weight: uniform([inputs, outputs], 6, fan),
    bias: np.zeros([outputs]),
  });
  const filters = (rows, columns, outputs, fan) => ({
    weight: uniform([rows, columns, kernel, kernel], 6, fan),
    bias: np.zeros([outputs, 1, 1]),
  });
  const parameters = {
    down: channels.map((outputs, i) => filters(outputs, widths[i], outputs, widths[i] * area)),
    encoder: [affine(flat, hidden), affine(hidden, 2 * latent, hidden + 2 * latent)],
    decoder: [affine(latent, hidden), affine(hidden, flat)],
    up: channels.map((_, i) => {
      const [inputs, outputs] = [widths[channels.length - i], widths[channels.length - i - 1]];
      const last = i === channels.length - 1;
      return filters(inputs, outputs, outputs, (last ? inputs + outputs : outputs) * area);
    }),
  };
  const encode = ({ down, encoder }, x) => {
    const features = down.reduce((y, { weight, bias }) => {
      return nn.relu(lax.convGeneralDilated(y.ref, weight.ref, [2, 2], padding).add(bias.ref));
    }, x);
    return dense(encoder[1], nn.relu(dense(encoder[0], features.reshape([batch, flat]))));
  };
  const decode = ({ up, decoder }, z) => {
    const features = nn.relu(dense(decoder[1], nn.relu(dense(decoder[0], z)))).reshape([batch, ...inner]);
    return up.reduce((y, { weight, bias }, i) => {
      const grown = lax.convTranspose(y.ref, weight.ref, [2, 2], padding, { transposeKernel: true }).add(bias.ref);
      return i === up.length - 1 ? grown : nn.relu(grown);
    }, features);
  };
  return trainer(sizes, parameters, batches, (p, x, key) =>
    negativeElbo(
      (y) => encode(p, y),
      (z) => decode(p, z),
      x,
      key,
    ),
  );
}
