/** The encoder-decoder transformer of bench/workloads/seq2seq.ts in jax-js. */

import { nn, numpy as np } from "@jax-js/jax";
import { sinusoids, tokenBatches } from "../data.mjs";
import { dense, layerNorm, normal, normParameters, trainer, uniform } from "./layers.mjs";

function affine(inputs, outputs) {
  return { weight: uniform([inputs, outputs], 6, inputs + outputs), bias: np.zeros([outputs]) };
}

function attentionParameters(width) {
  return {
    query: affine(width, width),
    key: affine(width, width),
    value: affine(width, width),
    out: affine(width, width),
  };
}

function layerParameters({ width, feedForward }, decodes) {
  return {
    attention: attentionParameters(width),
    up: affine(width, feedForward),
    down: affine(feedForward, width),
    norm1: normParameters(width),
    norm2: normParameters(width),
    ...(decodes && { cross: attentionParameters(width), norm3: normParameters(width) }),
  };
}

/** Queries from x, keys and values from a memory. */
function attend(p, x, memory, { batch, tokens, width, heads }, causal) {
  const split = (y) => np.transpose(y.reshape([batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
  const [q, k, v] = [split(dense(p.query, x)), split(dense(p.key, memory)), split(dense(p.value, memory))];
  const scores = np.matmul(q, np.matrixTranspose(k)).mul((width / heads) ** -0.5);
  const seen = causal ? np.where(np.tri(tokens, tokens, 0, { dtype: np.bool }), scores, -1e9) : scores;
  const mixed = np.transpose(np.matmul(nn.softmax(seen, -1), v), [0, 2, 1, 3]).reshape([batch, tokens, width]);
  return dense(p.out, mixed);
}

function feedForward(p, x) {
  return dense(p.down, nn.relu(dense(p.up, x)));
}

function encode(p, x, sizes) {
  const y = layerNorm(p.norm1, x.ref.add(attend(p.attention, x, x, sizes, false)));
  return layerNorm(p.norm2, y.ref.add(feedForward(p, y)));
}

function decode(p, x, memory, sizes) {
  const y = layerNorm(p.norm1, x.ref.add(attend(p.attention, x, x, sizes, true)));
  const z = layerNorm(p.norm2, y.ref.add(attend(p.cross, y, memory, sizes, false)));
  return layerNorm(p.norm3, z.ref.add(feedForward(p, z)));
}

export async function build(sizes) {
  const { batch, tokens, vocabulary, width, layers, smoothing } = sizes;
  const batches = tokenBatches(sizes, tokens + 1).map((data) => {
    const text = np.array(data).reshape([batch, tokens + 1]);
    // The translation is the source, every token exchanged for the next one of the vocabulary.
    const target = np.array(data.map((token) => (token + 1) % vocabulary)).reshape([batch, tokens + 1]);
    return {
      source: text.slice([], [1, tokens + 1]),
      inputs: target.ref.slice([], [0, tokens]),
      labels: target.slice([], [1, tokens + 1]),
    };
  });
  const positions = np.array(sinusoids(tokens, width)).reshape([tokens, width]);
  const stack = (decodes) => Array.from({ length: layers }, () => layerParameters(sizes, decodes));
  const parameters = { table: normal([vocabulary, width], width ** -0.5), encoder: stack(false), decoder: stack(true) };
  return trainer(sizes, parameters, batches, (p, { source, inputs, labels }) => {
    const embed = (text) =>
      np.matmul(nn.oneHot(text.ref, vocabulary), p.table.ref).mul(Math.sqrt(width)).add(positions.ref);
    const memory = p.encoder.reduce((x, layer) => encode(layer, x, sizes), embed(source));
    const y = p.decoder.reduce((x, layer) => decode(layer, x, memory, sizes), embed(inputs));
    const logits = np.matmul(y, np.transpose(p.table.ref));
    const logProbabilities = nn.logSoftmax(logits, -1);
    const chosen = np.sum(logProbabilities.ref.mul(nn.oneHot(labels.ref, vocabulary)), -1);
    const spread = np.mean(logProbabilities.ref, -1);
    return np.mean(chosen.mul(1 - smoothing).add(spread.mul(smoothing))).mul(-1);
  });
}
