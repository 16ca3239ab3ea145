/** The GPT of bench/workloads/gpt.ts in TensorFlow.js. */

import * as tf from "@tensorflow/tfjs";
import { tokenBatches } from "../data.mjs";
import { crossEntropy, dense, embed, gelu, layerNorm, trainer, variable } from "./layers.mjs";

const small = (/** @type {number[]} */ ...shape) => tf.randomNormal(shape, 0, 0.02);

function affine(inputs, outputs) {
  return dense(inputs, outputs, { weight: small(inputs, outputs), bias: tf.zeros([outputs]) });
}

function block({ batch, tokens, width, heads }, future) {
  const [norm1, norm2] = [layerNorm(width), layerNorm(width)];
  const [qkv, out] = [affine(width, 3 * width), affine(width, width)];
  const [up, down] = [affine(width, 4 * width), affine(4 * width, width)];
  const size = width / heads;
  return (x) => {
    const parts = qkv(norm1(x)).reshape([batch, tokens, 3, heads, size]).transpose([2, 0, 3, 1, 4]);
    const [q, k, v] = tf.unstack(parts); // [B, heads, T, D] each
    const weights = tf
      .matMul(q, k, false, true)
      .mul(size ** -0.5)
      .add(future)
      .softmax();
    const mixed = tf.matMul(weights, v).transpose([0, 2, 1, 3]).reshape([batch, tokens, width]);
    const attended = x.add(out(mixed));
    return attended.add(down(gelu(up(norm2(attended)))));
  };
}

export async function build(sizes) {
  const { batch, tokens, vocabulary, width, layers } = sizes;
  const batches = tokenBatches(sizes, tokens + 1).map((data) => tf.tensor2d(data, [batch, tokens + 1], "int32"));
  const hidden = Float32Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > i / tokens ? -1e9 : 0));
  const future = tf.tensor2d(hidden, [tokens, tokens]);
  const table = variable(small(vocabulary, width));
  const positions = variable(small(tokens, width));
  const blocks = Array.from({ length: layers }, () => block(sizes, future));
  const norm = layerNorm(width);
  const head = dense(width, vocabulary, { weight: small(width, vocabulary), bias: null });
  return trainer(sizes, (index) => {
    const inputs = batches[index].slice([0, 0], [batch, tokens]);
    const labels = batches[index].slice([0, 1], [batch, tokens]);
    const x = blocks.reduce((y, apply) => apply(y), embed(table, inputs).add(positions));
    return crossEntropy(head(norm(x)).reshape([-1, vocabulary]), labels.flatten());
  });
}
