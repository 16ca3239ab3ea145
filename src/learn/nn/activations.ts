/** Elementwise nonlinearities, as functions of a tensor; each may stand as a layer in `sequential`.
 *
 * Shapes: any, kept. They are written for few passes over the tensor, forward and backward. */

import type { Tensor } from "../../core/trace/index.ts";
import type { TensorFunction } from "./module.ts";

/** max(x, 0). Source: Nair and Hinton (2010). */
export function relu(x: Tensor): Tensor {
  return x.relu();
}

/** x where x > 0, else slope * x, with a slope within 0 to 1. Source: Maas, Hannun and Ng (2013). */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return x.leakyRelu(slope);
}

/**
 * x where x > 0, else alpha (e^x - 1).
 *
 * Units and ranges: e^x - 1 is rounded at 6e-8, absolutely, near 0.
 *
 * Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by ELUs" (2016).
 */
export function elu(x: Tensor, alpha = 1): Tensor {
  return x.elu(alpha);
}

/**
 * x Phi(x) = x (1 + erf(x / sqrt 2)) / 2, exact.
 *
 * Source: Hendrycks and Gimpel, "Gaussian error linear units" (2016); not their tanh approximation.
 */
export function gelu(x: Tensor): Tensor {
  return x.gelu();
}

/**
 * x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2: the approximation of {@link gelu} that GPT-2 was trained with.
 *
 * Source: Hendrycks and Gimpel, "Gaussian error linear units" (2016), section 2.
 */
export function geluTanh(x: Tensor): Tensor {
  const inner = x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(inner.tanh().add(1)).mul(0.5);
}

/** x / (1 + e^-x). Source: Elfwing, Uchibe and Doya (2018); also known as swish. */
export function silu(x: Tensor): Tensor {
  return x.mul(x.sigmoid());
}

/** (e^x - e^-x) / (e^x + e^-x). */
export function tanh(x: Tensor): Tensor {
  return x.tanh();
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: Tensor): Tensor {
  return x.sigmoid();
}

/** log(1 + e^x), without overflow. Source: Dugas et al. (2001). */
export function softplus(x: Tensor): Tensor {
  return x.softplus();
}

/** x. */
export function identity(x: Tensor): Tensor {
  return x;
}

export type ActivationName =
  | "relu"
  | "leakyRelu"
  | "elu"
  | "gelu"
  | "geluTanh"
  | "silu"
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "identity";

/** By name, for configs. */
export const activations: Readonly<Record<ActivationName, TensorFunction>> = {
  relu,
  leakyRelu: (x) => leakyRelu(x),
  elu: (x) => elu(x),
  gelu,
  geluTanh,
  silu,
  tanh,
  sigmoid,
  softplus,
  identity,
};
