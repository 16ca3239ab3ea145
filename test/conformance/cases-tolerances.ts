/** How far a backend's float32 numbers may lie from the interpreter's float64 ones, and why. */

import type { OpName } from "../../src/core/graph/index.ts";

/** |seen - expected| <= absolute + relative * |expected|. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** Elements are moved or chosen, or the bits are defined: nothing is rounded. */
const exact: Tolerance = { relative: 0, absolute: 0 };

/** One operation, rounded once: half a unit of the last place (2^-24) on a CPU, up to 2.5 for a division in
 * WGSL. A GPU may give 0 for numbers below float32's smallest normal one. */
const oneRounding: Tolerance = { relative: 2.5 * 2 ** -23, absolute: 2 ** -126 };

/** A function by polynomial or table: a few units of the last place, and near its zeros of the largest value
 * that it met on the way. */
const approximated: Tolerance = { relative: 4e-6, absolute: 1e-6 };

/** e^x multiplies the rounding error of x by x, which the cases keep below 100. */
const exponential: Tolerance = { relative: 1e-5, absolute: 2 ** -126 };

/** Up to some thousand rounded products of size at most 4; the errors add up like a random walk. */
const summed: Tolerance = { relative: 1e-5, absolute: 2e-5 };

/** Sums of up to 4096 numbers of one sign, in any order. */
const longSum: Tolerance = { relative: 5e-5, absolute: 2e-5 };

export const tolerances: { readonly [N in OpName]: Tolerance } = {
  input: exact,
  constant: exact,
  randomUniform: exact,
  foldKey: exact,
  add: oneRounding,
  sub: oneRounding,
  mul: oneRounding,
  div: oneRounding,
  maximum: exact,
  minimum: exact,
  less: exact,
  equal: exact,
  neg: exact,
  abs: exact,
  sign: exact,
  exp: exponential,
  log: approximated,
  sqrt: oneRounding,
  sin: approximated,
  cos: approximated,
  tanh: approximated,
  sigmoid: approximated,
  softplus: approximated,
  erf: approximated,
  relu: exact,
  where: exact,
  cast: exact,
  stopGradient: exact,
  reshape: exact,
  transpose: exact,
  expand: exact,
  slice: exact,
  pad: exact,
  concat: exact,
  gather: exact,
  scatterAdd: longSum,
  reduceSum: summed,
  reduceMax: exact,
  argMax: exact,
  matmul: summed,
  conv2d: summed,
  conv2dInputGradient: summed,
  conv2dWeightGradient: summed,
  blockedConv2d: summed,
  blockedAffine: summed,
};
