/** The LSTM language model of bench/workloads/lstm.ts in TensorFlow.js: a loop over the steps. */

import * as tf from "@tensorflow/tfjs";
import { tokenBatches } from "../data.mjs";
import { crossEntropy, dense, embed, trainer, variable } from "./layers.mjs";

/** [B, T, width] -> [B, T, width]. */
function layer({ batch, width }) {
  const [input, state] = [dense(width, 4 * width), dense(width, 4 * width)];
  return (x) => {
    let [h, c] = [tf.zeros([batch, width]), tf.zeros([batch, width])];
    const states = tf.unstack(input(x), 1).map((gates) => {
      const [i, f, g, o] = tf.split(gates.add(state(h)), 4, 1);
      c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
      h = o.sigmoid().mul(c.tanh());
      return h;
    });
    return tf.stack(states, 1);
  };
}

export async function build(sizes) {
  const { batch, tokens, vocabulary, width, layers } = sizes;
  const batches = tokenBatches(sizes, tokens + 1).map((data) => tf.tensor2d(data, [batch, tokens + 1], "int32"));
  const table = variable(tf.randomNormal([vocabulary, width]));
  const stack = Array.from({ length: layers }, () => layer(sizes));
  const head = dense(width, vocabulary);
  return trainer(sizes, (index) => {
    const inputs = batches[index].slice([0, 0], [batch, tokens]);
    const labels = batches[index].slice([0, 1], [batch, tokens]);
    const x = stack.reduce((y, apply) => apply(y), embed(table, inputs));
    return crossEntropy(head(x).reshape([-1, vocabulary]), labels.flatten());
  });
}
