/** Presets: families with data and numbers that work, and the options that configure them.
 * Builds models; trains nothing. */

import { closest } from "fastest-levenshtein";
import { GalateaError } from "../../core/index.ts";
import { answerSpan, answerTransformer } from "./answer.ts";
import { binaryMade, digitsPixelCnn } from "./autoregressive.ts";
import { captionAttention } from "./caption.ts";
import { digitsDiffusion, digitsFlowMatching, photosDiffusion, pointsDiffusion } from "./diffusion.ts";
import { digitsConvVae, digitsVae } from "./digits.ts";
import { digitsGlow, digitsRealNvp, pointsMaf, pointsRealNvp, pointsSpline } from "./flows.ts";
import { digitsDcgan, digitsWganGp, photosDcgan, pointsGan, styleCyclegan } from "./gans.ts";
import { musicLstm, musicTransformer } from "./music.ts";
import type { Preset } from "./preset.ts";
import { pronounceLstm, pronounceTransformer } from "./pronounce.ts";
import { seriesLstm, seriesTransformer } from "./series.ts";
import { soundWavenet } from "./sound.ts";
import { speechLstm } from "./speech.ts";
import { summarizePointer, summarizeTransformer } from "./summarize.ts";
import { textGpt, textLstm } from "./text.ts";
import { translateLstm, translateTransformer } from "./translate.ts";
import { digitsCvae, digitsDenoisingVae, digitsHierarchicalVae } from "./vaes.ts";
import { videoDiffusion } from "./video.ts";
import { digitsVqVae, photosVqVae } from "./vq-vaes.ts";

export {
  type ConfigSchema,
  describeOptions,
  type OptionDescription,
  parseAssignments,
  parseConfig,
  type SharedConfig,
  sharedDefaults,
  sharedOptions,
} from "./config.ts";
export { imageShape } from "./digits.ts";
export { vectorSize } from "./flows.ts";
export { type DataDescription, definePreset, type Preset } from "./preset.ts";

/** All presets that ship with Galatea. */
export const presets: readonly Preset[] = [
  digitsVae,
  digitsConvVae,
  digitsCvae,
  digitsDenoisingVae,
  digitsHierarchicalVae,
  digitsVqVae,
  photosVqVae,
  binaryMade,
  digitsPixelCnn,
  digitsRealNvp,
  digitsGlow,
  pointsRealNvp,
  pointsSpline,
  pointsMaf,
  digitsDcgan,
  digitsWganGp,
  pointsGan,
  photosDcgan,
  styleCyclegan,
  digitsDiffusion,
  digitsFlowMatching,
  pointsDiffusion,
  photosDiffusion,
  videoDiffusion,
  textGpt,
  textLstm,
  translateTransformer,
  translateLstm,
  pronounceLstm,
  pronounceTransformer,
  summarizeTransformer,
  summarizePointer,
  answerTransformer,
  answerSpan,
  seriesLstm,
  seriesTransformer,
  musicLstm,
  musicTransformer,
  captionAttention,
  speechLstm,
  soundWavenet,
];

/**
 * The preset of a name.
 * @throws GalateaError `usage` naming the nearest one when there is none.
 */
export function findPreset(name: string): Preset {
  const found = presets.find((preset) => preset.name === name);
  if (found) return found;
  const names = presets.map((preset) => preset.name);
  throw new GalateaError(
    "usage",
    name,
    "no such preset",
    `did you mean ${closest(name, names)}? \`galatea presets\` lists all ${names.length}`,
  );
}
