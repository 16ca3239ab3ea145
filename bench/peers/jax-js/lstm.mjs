/** The LSTM language model of bench/workloads/lstm.ts in jax-js, which has no scan: the steps are unrolled. */

import { nn, numpy as np } from "@jax-js/jax";
import { tokenBatches } from "../data.mjs";
import { crossEntropy, dense, denseParameters, normal, trainer, uniform } from "./layers.mjs";

function layerParameters(width) {
  const bound = () => uniform([4 * width], 1, width);
  return {
    input: { weight: uniform([width, 4 * width], 1, width), bias: bound() },
    state: { weight: uniform([width, 4 * width], 1, width), bias: bound() },
  };
}

/** [B, T, width] -> [B, T, width]. */
function applyLayer(p, x, { batch, tokens, width }) {
  const inputs = np.unstack(dense(p.input, x), 1); // T of [B, 4 width]
  let [h, c] = [np.zeros([batch, width]), np.zeros([batch, width])];
  const states = inputs.map((input) => {
    const [i, f, g, o] = np.split(input.add(dense(p.state, h)), 4, 1);
    c = nn
      .sigmoid(f)
      .mul(c.ref)
      .add(nn.sigmoid(i).mul(np.tanh(g)));
    h = nn.sigmoid(o).mul(np.tanh(c.ref));
    return h.ref.reshape([batch, 1, width]);
  });
  return np.concatenate(states, 1).reshape([batch, tokens, width]);
}

export async function build(sizes) {
  const { batch, tokens, vocabulary, width, layers } = sizes;
  const batches = tokenBatches(sizes, tokens + 1).map((data) => {
    const text = np.array(data).reshape([batch, tokens + 1]);
    return { inputs: text.ref.slice([], [0, tokens]), labels: text.slice([], [1, tokens + 1]) };
  });
  const parameters = {
    table: normal([vocabulary, width], 1),
    layers: Array.from({ length: layers }, () => layerParameters(width)),
    head: denseParameters(width, vocabulary),
  };
  return trainer(sizes, parameters, batches, (p, { inputs, labels }) => {
    const embedded = np.matmul(nn.oneHot(inputs.ref, vocabulary), p.table.ref);
    const x = p.layers.reduce((y, layer) => applyLayer(layer, y, sizes), embedded);
    return crossEntropy(dense(p.head, x), labels);
  });
}
