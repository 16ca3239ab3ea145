/** Where a graphics device may do otherwise than the interpreter, as WGSL and ONNX Runtime's kernels have it. */

import { type Tolerance, tolerances } from "../conformance/cases-tolerances.ts";
import type { Leniency } from "../conformance/run.ts";

/** WGSL asks for sine and cosine within 2^-11, and only between -pi and pi. */
const trigonometric: Tolerance = { relative: 0, absolute: 2 ** -11 };
/** WGSL derives the hyperbolic tangent from exponentials, and logarithms near 1 are coarse: few digits near 0. */
const nearZero: Tolerance = { relative: 1e-3, absolute: 1e-6 };
/** WGSL asks for logarithms between 1/2 and 2 within 2^-21. */
const logarithmic: Tolerance = { relative: 1e-4, absolute: 1e-5 };
/** ONNX Runtime's WebGPU kernel adds float32 numbers one by one. */
const oneByOne: Tolerance = { relative: 5e-5, absolute: 2e-5 };

const longOneByOne: Tolerance = { relative: 5e-5, absolute: 5e-5 };

/** WGSL lets a device compute as if there were no NaN and infinity; what moves numbers keeps them. */
const computesFinite = ["relu", "sign", "reduceMax", "reduceMin", "maxPool2d"];

export const leniency: Leniency = {
  tolerances: {
    sin: trigonometric,
    cos: trigonometric,
    expm1: nearZero,
    log1p: nearZero,
    randomNormal: logarithmic,
    cumulativeSum: oneByOne,
    conv2d: longOneByOne,
    // Its cases have sines in them.
    checkpoint: trigonometric,
  },
  finiteOnly: (op) => tolerances[op].relative > 0 || computesFinite.includes(op),
};
