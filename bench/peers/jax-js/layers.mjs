/** Layers over jax-js arrays. Everything here is traced by `jit`, where a use must not free what it reads: each takes
 * `.ref`, and what is left over costs nothing but while tracing. */

import { jit, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";

let seed = 0;
const nextKey = () => random.key(seed++);

/** Uniform within sqrt(gain / fan). */
export function uniform(shape, gain, fan) {
  const bound = Math.sqrt(gain / fan);
  return random
    .uniform(nextKey(), shape)
    .mul(2 * bound)
    .sub(bound);
}

export function normal(shape, std) {
  return random.normal(nextKey(), shape).mul(std);
}

/** Weight and bias as PyTorch begins with them. */
export function denseParameters(inputs, outputs) {
  return { weight: uniform([inputs, outputs], 1, inputs), bias: uniform([outputs], 1, inputs) };
}

/** x W + b of the last axis. */
export function dense({ weight, bias }, x) {
  const product = np.matmul(x.ref, weight.ref);
  return bias ? product.add(bias.ref) : product;
}

export function normParameters(width) {
  return { weight: np.ones([width]), bias: np.zeros([width]) };
}

/** Of the last axis. */
export function layerNorm({ weight, bias }, x) {
  const deviations = x.ref.sub(np.mean(x.ref, -1, { keepdims: true }));
  const variance = np.mean(np.square(deviations.ref), -1, { keepdims: true });
  return deviations.ref
    .div(np.sqrt(variance.add(1e-5)))
    .mul(weight.ref)
    .add(bias.ref);
}

/** Mean cross-entropy of logits [..., K] against labels [...]. */
export function crossEntropy(logits, labels) {
  const classes = logits.shape.at(-1);
  const chosen = nn.logSoftmax(logits.ref, -1).mul(nn.oneHot(labels.ref, classes));
  return np.sum(chosen).mul(-1 / labels.size);
}

/** Two or more equal parts along an axis. */
export function parts(x, count, axis) {
  return np.split(x.ref, count, axis);
}

/**
 * One Adam step on a batch, compiled as a whole.
 *
 * @param {{ learningRate: number, batches: number }} sizes
 * @param {any} parameters
 * @param {any[]} batches trees of arrays
 * @param {(parameters: any, batch: any, key: any) => any} lossOf
 */
export function trainer({ learningRate }, parameters, batches, lossOf) {
  const zeros = () => tree.map((leaf) => np.zerosLike(leaf.ref), parameters);
  let state = { parameters, first: zeros(), second: zeros(), step: np.array(0) };
  const update = jit((current, batch, key) => {
    const [loss, gradients] = valueAndGrad((p) => lossOf(p, batch, key))(tree.ref(current.parameters));
    const step = current.step.ref.add(1);
    const scale = np
      .sqrt(
        np
          .exp(step.ref.mul(Math.log(0.999)))
          .mul(-1)
          .add(1),
      )
      .div(
        np
          .exp(step.ref.mul(Math.log(0.9)))
          .mul(-1)
          .add(1),
      );
    const first = tree.map((m, g) => m.ref.mul(0.9).add(g.ref.mul(0.1)), current.first, gradients);
    const second = tree.map((v, g) => v.ref.mul(0.999).add(np.square(g.ref).mul(0.001)), current.second, gradients);
    const moved = tree.map(
      (p, m, v) => p.ref.sub(m.ref.mul(scale.ref).div(np.sqrt(v.ref).add(1e-8)).mul(learningRate)),
      current.parameters,
      first,
      second,
    );
    return { state: { parameters: moved, first, second, step }, loss };
  });
  return {
    parameters: tree.leaves(parameters).reduce((sum, leaf) => sum + leaf.size, 0),
    step: async (/** @type {number} */ index) => {
      const result = update(state, tree.ref(batches[index % batches.length]), random.key(index));
      state = result.state;
      const [loss] = await result.loss.data();
      return loss;
    },
  };
}
