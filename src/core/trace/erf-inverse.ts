/** The inverse of the error function. */

import { where } from "./functions.ts";
import type { Tensor } from "./tensor.ts";

/** Polynomials in w - 2.5 and in sqrt(w) - 3, highest power first, with w = -log(1 - x^2) below and above 5. */
const centre = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3,
  0.246640727, 1.50140941,
];
const tail = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406,
  2.83297682,
];

function polynomial(x: Tensor, [highest, next, ...rest]: readonly number[]): Tensor {
  return rest.reduce((sum, coefficient) => sum.mul(x).add(coefficient), x.mul(highest).add(next));
}

/**
 * The number whose error function is x; sqrt(2) times it at 2p - 1 is the normal distribution's quantile at p.
 *
 * Units and ranges: x within (-1, 1), else NaN or without meaning; relative error 4e-7.
 *
 * Source: Giles, "Approximating the erfinv function" (2011), single precision.
 */
export function erfInverse(x: Tensor): Tensor {
  const w = x.neg().add(1).mul(x.add(1)).log().neg();
  const near = polynomial(w.sub(2.5), centre);
  const far = polynomial(w.maximum(1).sqrt().sub(3), tail);
  return where(w.less(5), near, far).mul(x);
}
