/** Layers over TensorFlow.js tensors, with variables made on the way. */

import * as tf from "@tensorflow/tfjs";

/** All variables so far. @type {tf.Variable[]} */
const variables = [];

/** @param {tf.Tensor} value */
export function variable(value) {
  const made = tf.variable(value);
  variables.push(made);
  return made;
}

/** Number of values in all variables. */
export function parameterCount() {
  return variables.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Uniform within sqrt(gain / fan).
 *
 * @param {number[]} shape
 * @param {number} gain
 * @param {number} fan
 */
export function uniform(shape, gain, fan) {
  const bound = Math.sqrt(gain / fan);
  return tf.randomUniform(shape, -bound, bound);
}

/**
 * x W + b of the last axis; one kernel with its activation.
 *
 * @param {number} inputs
 * @param {number} outputs
 * @param {{ weight?: tf.Tensor, bias?: tf.Tensor | null, activation?: "linear" | "relu" }} [options] what it begins with
 */
export function dense(inputs, outputs, options = {}) {
  const weight = variable(options.weight ?? uniform([inputs, outputs], 1, inputs));
  const bias = options.bias === null ? undefined : variable(options.bias ?? uniform([outputs], 1, inputs));
  return (/** @type {tf.Tensor} */ x) => {
    const rows = x.reshape([-1, inputs]);
    const y = tf.fused.matMul({ a: rows, b: weight, bias, activation: options.activation ?? "linear" });
    return y.reshape([...x.shape.slice(0, -1), outputs]);
  };
}

/** Of the last axis. @param {number} width */
export function layerNorm(width) {
  const [weight, bias] = [variable(tf.ones([width])), variable(tf.zeros([width]))];
  return (/** @type {tf.Tensor} */ x) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(weight).add(bias);
  };
}

/** Rows of a table by number, as a product: the wasm backend has no gradient of a gather. */
export function embed(/** @type {tf.Tensor} */ table, /** @type {tf.Tensor} */ tokens) {
  return tf
    .oneHot(tokens.flatten(), table.shape[0])
    .matMul(table)
    .reshape([...tokens.shape, table.shape[1]]);
}

/** Exact: x (1 + erf(x / sqrt 2)) / 2. @param {tf.Tensor} x */
export function gelu(x) {
  return x.mul(Math.SQRT1_2).erf().add(1).mul(x.mul(0.5));
}

/** Mean cross-entropy of logits [N, K] against labels [N], with label smoothing. */
export function crossEntropy(/** @type {tf.Tensor} */ logits, /** @type {tf.Tensor} */ labels, smoothing = 0) {
  const logProbabilities = logits.logSoftmax();
  const classes = logits.shape[1];
  const chosen = logProbabilities.mul(tf.oneHot(labels, classes)).sum(1);
  const spread = smoothing > 0 ? logProbabilities.mean(1).mul(smoothing) : tf.scalar(0);
  return chosen
    .mul(1 - smoothing)
    .add(spread)
    .mean()
    .neg();
}

/**
 * One Adam step on a batch.
 *
 * @param {{ learningRate: number, batches: number }} sizes
 * @param {(index: number) => tf.Tensor} lossOf loss of the index-th batch
 */
export function trainer({ learningRate, batches }, lossOf) {
  const optimizer = tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
  return {
    parameters: parameterCount(),
    step: async (/** @type {number} */ index) => {
      const cost = tf.tidy(() => optimizer.minimize(() => lossOf(index % batches), true, variables));
      const [loss] = await cost.data();
      cost.dispose();
      return loss;
    },
  };
}
