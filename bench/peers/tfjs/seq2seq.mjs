/** The encoder-decoder transformer of bench/workloads/seq2seq.ts in TensorFlow.js. */

import * as tf from "@tensorflow/tfjs";
import { sinusoids, tokenBatches } from "../data.mjs";
import { crossEntropy, dense, embed, layerNorm, trainer, uniform, variable } from "./layers.mjs";

function affine(inputs, outputs, activation = "linear") {
  return dense(inputs, outputs, {
    weight: uniform([inputs, outputs], 6, inputs + outputs),
    bias: tf.zeros([outputs]),
    activation,
  });
}

/** Queries from x, keys and values from a memory; `future` is added to the scores. */
function attention({ batch, tokens, width, heads }) {
  const [query, key, value, out] = Array.from({ length: 4 }, () => affine(width, width));
  const split = (y) => y.reshape([batch, tokens, heads, width / heads]).transpose([0, 2, 1, 3]);
  return (x, memory, future) => {
    const [q, k, v] = [split(query(x)), split(key(memory)), split(value(memory))];
    const scores = tf.matMul(q, k, false, true).mul((width / heads) ** -0.5);
    const weights = (future ? scores.add(future) : scores).softmax();
    return out(tf.matMul(weights, v).transpose([0, 2, 1, 3]).reshape([batch, tokens, width]));
  };
}

function mlp({ width, feedForward }) {
  const [up, down] = [affine(width, feedForward, "relu"), affine(feedForward, width)];
  return (x) => down(up(x));
}

function encoderLayer(sizes) {
  const [attend, inner] = [attention(sizes), mlp(sizes)];
  const [norm1, norm2] = [layerNorm(sizes.width), layerNorm(sizes.width)];
  return (x) => {
    const y = norm1(x.add(attend(x, x)));
    return norm2(y.add(inner(y)));
  };
}

function decoderLayer(sizes) {
  const [attend, cross, inner] = [attention(sizes), attention(sizes), mlp(sizes)];
  const [norm1, norm2, norm3] = [layerNorm(sizes.width), layerNorm(sizes.width), layerNorm(sizes.width)];
  return (x, memory, future) => {
    const y = norm1(x.add(attend(x, x, future)));
    const z = norm2(y.add(cross(y, memory)));
    return norm3(z.add(inner(z)));
  };
}

export async function build(sizes) {
  const { batch, tokens, vocabulary, width, layers, smoothing } = sizes;
  const texts = tokenBatches(sizes, tokens + 1);
  const shape = [batch, tokens + 1];
  const sources = texts.map((data) => tf.tensor2d(data, shape, "int32"));
  // The translation is the source, every token exchanged for the next one of the vocabulary.
  const targets = texts.map((data) =>
    tf.tensor2d(
      data.map((token) => (token + 1) % vocabulary),
      shape,
      "int32",
    ),
  );
  const hidden = Float32Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > i / tokens ? -1e9 : 0));
  const future = tf.tensor2d(hidden, [tokens, tokens]);
  const positions = tf.tensor2d(sinusoids(tokens, width), [tokens, width]);
  const table = variable(tf.randomNormal([vocabulary, width], 0, width ** -0.5));
  const encoder = Array.from({ length: layers }, () => encoderLayer(sizes));
  const decoder = Array.from({ length: layers }, () => decoderLayer(sizes));
  const read = (text) => embed(table, text).mul(Math.sqrt(width)).add(positions);
  return trainer(sizes, (index) => {
    const memory = encoder.reduce((x, layer) => layer(x), read(sources[index].slice([0, 1], [batch, tokens])));
    const y = decoder.reduce(
      (x, layer) => layer(x, memory, future),
      read(targets[index].slice([0, 0], [batch, tokens])),
    );
    const logits = tf.matMul(y.reshape([-1, width]), table, false, true);
    return crossEntropy(logits, targets[index].slice([0, 1], [batch, tokens]).flatten(), smoothing);
  });
}
