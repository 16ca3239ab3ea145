/** Invertible maps with known Jacobian determinants: the mathematics of normalizing flows, without networks. */

export { affine, type ElementwiseBijection, type ElementwiseResult } from "./elementwise.ts";
export { type ImageSqueeze, squeeze, unsqueeze } from "./layout.ts";
export { fromUnit, toUnit, type UnitOptions } from "./logit.ts";
export { type LuFactors, type LuMatrices, luDecompose, luInverse, luMatrix, randomRotation } from "./lu.ts";
export { type RationalQuadraticOptions, rationalQuadratic } from "./rational-quadratic.ts";
