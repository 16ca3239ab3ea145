/** What people do with a trained run and images of their own: denoise them, find odd ones, change them.
 * Plain arrays in and out; reads no files and draws nothing. */

export {
  type AnomalyOptions,
  type AnomalyScores,
  judgeAnomalies,
  scoreAnomalies,
} from "./anomaly.ts";
export { type Augmentation, type AugmentOptions, augment, type Spread } from "./augment.ts";
export { type ContinueClipsOptions, continueClips } from "./clips.ts";
export {
  addNoise,
  type DenoiseJudgement,
  type DenoiseOptions,
  denoise,
  type Fidelity,
  fidelity,
  judgeDenoising,
  medianFilter,
} from "./denoise.ts";
export {
  type AttributeOptions,
  addAttribute,
  type InpaintOptions,
  inpaint,
  interpolate,
  type TranslateOptions,
  translate,
  type WayEnd,
  type WayOptions,
} from "./edit.ts";
export { type InspectOptions, insideToJson, inspect } from "./inspect.ts";
export { type ImageArray, imageShapeOf, type TaskOptions } from "./model-session.ts";
