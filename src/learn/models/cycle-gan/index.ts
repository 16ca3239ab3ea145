/** Translation of images into images: between two domains, or from pairs. */

export { type CycleGanOptions, type CycleGanParameters, cycleGan } from "./cycle-gan.ts";
export { type PatchJudgeOptions, patchJudge, type TranslatorOptions, translator } from "./networks.ts";
export { type Pix2pixOptions, type Pix2pixParameters, pix2pix } from "./pix2pix.ts";
export type { TranslationOptions } from "./translation.ts";
