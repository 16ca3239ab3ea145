/** The RealNVP of bench/workloads/flow.ts in jax-js. */

import { numpy as np } from "@jax-js/jax";
import { correlatedBatches } from "../data.mjs";
import { denseParameters, parts, trainer } from "./layers.mjs";
import { perceptron } from "./vae.mjs";

export async function build(sizes) {
  const { batch, features, hidden, layers } = sizes;
  const batches = correlatedBatches(sizes).map((data) => np.array(data).reshape([batch, features]));
  const parameters = Array.from({ length: layers }, () => {
    const widths = [features / 2, ...hidden];
    const inner = hidden.map((outputs, i) => denseParameters(widths[i], outputs));
    return [...inner, { weight: np.zeros([widths[widths.length - 1], features]), bias: np.zeros([features]) }];
  });
  return trainer(sizes, parameters, batches, (couplings, x) => {
    let z = x;
    let logDeterminant = np.zeros([batch]);
    for (const conditioner of couplings) {
      const [kept, moved] = parts(z, 2, 1);
      const [shift, raw] = parts(perceptron(conditioner, kept), 2, 1);
      const logScale = np.tanh(raw);
      z = np.concatenate([moved.mul(np.exp(logScale.ref)).add(shift), kept.ref], 1);
      logDeterminant = logDeterminant.add(np.sum(logScale.ref, 1));
    }
    const logPrior = np.sum(np.square(z.ref).add(Math.log(2 * Math.PI)), 1).mul(-0.5);
    return np.mean(logPrior.add(logDeterminant)).mul(-1);
  });
}
