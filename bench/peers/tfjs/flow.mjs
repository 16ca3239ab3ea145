/** The RealNVP of bench/workloads/flow.ts in TensorFlow.js. */

import * as tf from "@tensorflow/tfjs";
import { correlatedBatches } from "../data.mjs";
import { dense, trainer } from "./layers.mjs";

export async function build(sizes) {
  const { batch, features, hidden, layers } = sizes;
  const batches = correlatedBatches(sizes).map((data) => tf.tensor2d(data, [batch, features]));
  const conditioners = Array.from({ length: layers }, () => {
    const widths = [features / 2, ...hidden];
    const inner = hidden.map((outputs, i) => dense(widths[i], outputs, { activation: "relu" }));
    const last = widths[widths.length - 1];
    inner.push(dense(last, features, { weight: tf.zeros([last, features]), bias: tf.zeros([features]) }));
    return (x) => inner.reduce((y, layer) => layer(y), x);
  });
  return trainer(sizes, (index) => {
    let z = batches[index];
    let logDeterminant = tf.zeros([batch]);
    for (const conditioner of conditioners) {
      const [kept, moved] = tf.split(z, 2, 1);
      const [shift, raw] = tf.split(conditioner(kept), 2, 1);
      const logScale = raw.tanh();
      z = tf.concat([moved.mul(logScale.exp()).add(shift), kept], 1);
      logDeterminant = logDeterminant.add(logScale.sum(1));
    }
    const logPrior = z
      .square()
      .add(Math.log(2 * Math.PI))
      .sum(1)
      .mul(-0.5);
    return logPrior.add(logDeterminant).mean().neg();
  });
}
