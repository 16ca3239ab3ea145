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

/** Sines and cosines that are off by some 1e-7, times a radius of up to 5.77. */
const transformed: Tolerance = { relative: 0, absolute: 1.5e-6 };

/** e^x multiplies the rounding error of x by x, which the cases keep below 100. */
const exponential: Tolerance = { relative: 1e-5, absolute: 2 ** -126 };

/** A function that there is for its accuracy near 0: a few units of the last place wherever it is computed. */
const accurateNearZero: Tolerance = { relative: 4e-6, absolute: 2 ** -126 };

/** Up to some thousand rounded products of size at most 4; the errors add up like a random walk. */
const summed: Tolerance = { relative: 1e-5, absolute: 2e-5 };

/** Sums of up to 4096 numbers of one sign, in any order. */
const longSum: Tolerance = { relative: 5e-5, absolute: 2e-5 };

/** Rounding errors of up to 100 rows, enlarged by the matrices' condition, which is below 100. */
const solved: Tolerance = { relative: 5e-5, absolute: 5e-5 };

export const tolerances: { readonly [N in OpName]: Tolerance } = {
  input: exact,
  constant: exact,
  randomUniform: exact,
  randomBernoulli: exact,
  randomNormal: transformed,
  foldKey: exact,
  add: oneRounding,
  sub: oneRounding,
  mul: oneRounding,
  div: oneRounding,
  mod: exact,
  pow: exponential,
  maximum: exact,
  minimum: exact,
  less: exact,
  lessEqual: exact,
  equal: exact,
  and: exact,
  or: exact,
  not: exact,
  neg: exact,
  abs: exact,
  sign: exact,
  floor: exact,
  round: exact,
  exp: exponential,
  expm1: accurateNearZero,
  log: approximated,
  log1p: accurateNearZero,
  sqrt: oneRounding,
  sin: approximated,
  cos: approximated,
  tanh: approximated,
  sigmoid: approximated,
  softplus: approximated,
  erf: approximated,
  relu: exact,
  leakyRelu: oneRounding,
  elu: approximated,
  where: exact,
  cast: exact,
  stopGradient: exact,
  reshape: exact,
  transpose: exact,
  expand: exact,
  slice: exact,
  reverse: exact,
  pad: exact,
  concat: exact,
  gather: exact,
  scatterAdd: longSum,
  takeAlongAxis: exact,
  scatterAddAlongAxis: longSum,
  dynamicSlice: exact,
  dynamicUpdateSlice: exact,
  reduceSum: summed,
  reduceMax: exact,
  reduceMin: exact,
  argMax: exact,
  argMin: exact,
  cumulativeSum: summed,
  topK: exact,
  matmul: summed,
  triangularSolve: solved,
  conv2d: summed,
  conv2dInputGradient: summed,
  conv2dWeightGradient: summed,
  softmax: exponential,
  logSoftmax: approximated,
  crossEntropy: approximated,
  gelu: approximated,
  layerNorm: summed,
  scan: summed,
  loop: summed,
  checkpoint: summed,
  barrier: exact,
  blockedConv2d: summed,
  maxPool2d: exact,
  maxPool2dPlaces: exact,
  averagePool2d: summed,
  averagePool2dGradient: summed,
  blockedAffine: summed,
};
