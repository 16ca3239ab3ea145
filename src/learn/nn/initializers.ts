/** Initial values of parameters, by the names of the papers that derived them.
 *
 * For a weight, `fans` are the numbers of inputs and outputs that each unit is joined to, times the
 * kernel's area for a convolution; they are counted as PyTorch counts them, by the weight's layout (see
 * `convTranspose2d`). */

import { type Shape, sizeOf } from "../../core/base/index.ts";
import { full, randomNormal, randomTruncatedNormal, randomUniform, type Tensor } from "../../core/trace/index.ts";

export interface Fans {
  readonly inputs: number;
  readonly outputs: number;
}

/** Traced: the initial value of one parameter. Shapes: key uint32 [2]; the result has `shape`. */
export type Initializer = (key: Tensor, shape: Shape, fans: Fans) => Tensor;

/**
 * Uniform, keeping variance forward and backward through layers that are linear near 0.
 *
 * U(-b, b) with b = sqrt(6 / (inputs + outputs)).
 *
 * Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
 * (2010), equation 16.
 */
export const glorotUniform: Initializer = (key, shape, { inputs, outputs }) =>
  symmetric(key, shape, Math.sqrt(6 / (inputs + outputs)));

/**
 * Normal, keeping variance forward and backward through layers that are linear near 0.
 *
 * N(0, s^2) with s = sqrt(2 / (inputs + outputs)).
 *
 * Source: Glorot and Bengio (2010), equation 12.
 */
export const glorotNormal: Initializer = (key, shape, { inputs, outputs }) =>
  randomNormal(key, shape).mul(Math.sqrt(2 / (inputs + outputs)));

/**
 * Uniform, keeping variance through layers followed by ReLU.
 *
 * U(-b, b) with b = sqrt(6 / inputs).
 *
 * Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers" (2015), equation 10.
 */
export const heUniform: Initializer = (key, shape, { inputs }) => symmetric(key, shape, Math.sqrt(6 / inputs));

/**
 * Normal, keeping variance through layers followed by ReLU.
 *
 * N(0, s^2) with s = sqrt(2 / inputs).
 *
 * Source: He, Zhang, Ren and Sun (2015), equation 10.
 */
export const heNormal: Initializer = (key, shape, { inputs }) => randomNormal(key, shape).mul(Math.sqrt(2 / inputs));

/**
 * Uniform, keeping variance through linear layers.
 *
 * U(-b, b) with b = sqrt(3 / inputs).
 *
 * Source: LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998), section 4.6.
 */
export const leCunUniform: Initializer = (key, shape, { inputs }) => symmetric(key, shape, Math.sqrt(3 / inputs));

/**
 * Normal, keeping variance through linear layers.
 *
 * N(0, s^2) with s = sqrt(1 / inputs).
 *
 * Source: LeCun, Bottou, Orr and Müller (1998), equation 16.
 */
export const leCunNormal: Initializer = (key, shape, { inputs }) => randomNormal(key, shape).mul(Math.sqrt(1 / inputs));

/**
 * What PyTorch gives weights and biases of linear and convolution layers.
 *
 * U(-b, b) with b = 1 / sqrt(inputs): `kaiming_uniform_` with a = sqrt(5).
 *
 * Source: PyTorch 2, `torch/nn/modules/linear.py`, `Linear.reset_parameters`.
 */
export const torchDefault: Initializer = (key, shape, { inputs }) => symmetric(key, shape, 1 / Math.sqrt(inputs));

export const zeros: Initializer = (_, shape) => full(shape, 0);

export const ones: Initializer = (_, shape) => full(shape, 1);

/** One number everywhere. */
export function constant(number: number): Initializer {
  return (_, shape) => full(shape, number);
}

/** N(mean, std^2). */
export function normal(std: number, mean = 0): Initializer {
  return (key, shape) => {
    const centred = randomNormal(key, shape).mul(std);
    return mean === 0 ? centred : centred.add(mean);
  };
}

/** N(0, std^2) of which only numbers within `bound` standard deviations occur; PyTorch's `trunc_normal_` with bounds. */
export function truncatedNormal(std: number, bound = 2): Initializer {
  return (key, shape) => randomTruncatedNormal(key, shape, -bound, bound).mul(std);
}

/** U(low, high). */
export function uniform(low: number, high: number): Initializer {
  return (key, shape) => randomUniform(key, shape, low, high);
}

/** Steps that lift small singular values, by 3.44 each, and steps that settle all of them at 1. */
const liftingSteps = 14;
const settlingSteps = 6;

/**
 * A uniformly random matrix with orthonormal rows (or columns, where there are fewer), times a gain.
 *
 * W = gain * U V^T of a normal matrix G = U S V^T. From X = G / |G| we iterate on odd polynomials of the
 * singular values, first p(s) = 3.4445 s - 4.7750 s^3 + 2.0315 s^5, which lifts them into 0.7 .. 1.2,
 * then p(s) = (3 s - s^3) / 2, which converges to 1 quadratically.
 *
 * Shapes: axes after the first count as one, [outputs, inputs * kernel area].
 * Units and ranges: W W^T deviates from gain^2 I by about 1e-6.
 *
 * Source: Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep
 * linear neural networks" (2014). They, and PyTorch, take Q of a QR decomposition; the polar factor has the
 * same uniform distribution and needs only products. Coefficients of the lifting polynomial: Jordan, "Muon" (2024).
 */
export function orthogonal(gain = 1): Initializer {
  return (key, shape) => {
    const rows = shape[0];
    const normals = randomNormal(key, [rows, sizeOf(shape) / rows]);
    let x = normals.div(normals.square().sum().sqrt());
    for (let step = 0; step < liftingSteps; step++) x = oddPolynomial(x, 3.4445, -4.775, 2.0315);
    for (let step = 0; step < settlingSteps; step++) x = oddPolynomial(x, 1.5, -0.5, 0);
    return x.mul(gain).reshape(shape);
  };
}

/** a X + b (X X^T) X + c (X X^T)^2 X, with the products on the side where the Gram matrix is smaller. */
function oddPolynomial(x: Tensor, a: number, b: number, c: number): Tensor {
  const [rows, columns] = x.shape;
  const wide = rows <= columns;
  const gram = wide ? x.matmul(x, { transposeB: true }) : x.matmul(x, { transposeA: true });
  const factor = c === 0 ? gram.mul(b) : gram.mul(b).add(gram.matmul(gram).mul(c));
  return x.mul(a).add(wide ? factor.matmul(x) : x.matmul(factor));
}

function symmetric(key: Tensor, shape: Shape, bound: number): Tensor {
  return randomUniform(key, shape, -bound, bound);
}
