/** Normalizing flows over images and vectors: exact densities by invertible layers. */

export {
  glow,
  type ImageFlowOptions,
  iaf,
  imageRealNvp,
  maf,
  realNvp,
  type SplineFlowOptions,
  splineAutoregressive,
  splineCoupling,
  type VectorFlowOptions,
} from "./architectures.ts";
export { type AutoregressiveOptions, autoregressive } from "./autoregressive.ts";
export {
  type CouplingOptions,
  checkerboard,
  coupling,
  type MaskedCouplingOptions,
  maskedCoupling,
} from "./coupling.ts";
export { type ElementwiseParameters, elementwise } from "./elementwise.ts";
export { type FlowOptions, type FlowParameters, flow } from "./flow.ts";
export { chain, type FlowLayer, type Forward, type Given, type Inverse, inverted } from "./layer.ts";
export { actnorm, invertibleLinear, permute, squeezeLayer, standardize } from "./linear-layers.ts";
export { type MaskedNetworkOptions, maskedNetwork } from "./masked-network.ts";
export { type MultiScaleOptions, multiScale } from "./multi-scale.ts";
export {
  type Conditioner,
  type ConvConditionerOptions,
  convConditioner,
  type MakeConditioner,
  type MlpConditionerOptions,
  mlpConditioner,
} from "./networks.ts";
