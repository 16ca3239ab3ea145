/** Optimizers, learning-rate schedules, gradient clipping and weight averaging, as pure traced functions over trees.
 * Knows no layer and no device. */

export { type AdamOptions, type AdamState, adam, adamW } from "./adam.ts";
export { averageWeights } from "./average-weights.ts";
export { clipByGlobalNorm } from "./clip-gradients.ts";
export { isHiddenMatrix, type MuonOptions, type MuonState, muon, orthogonalize } from "./muon.ts";
export type { Optimizer, UpdateArguments } from "./optimizer.ts";
export {
  constantRate,
  cosineDecay,
  linearWarmUp,
  type Schedule,
  type ScheduleConfig,
  schedule,
  stepDecay,
  warmUp,
} from "./schedules.ts";
export { type SgdOptions, type SgdState, sgd } from "./sgd.ts";
