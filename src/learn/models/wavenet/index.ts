/** Autoregressive models of sound. */

export {
  type PlannedSoundOptions,
  type PlannedSoundParameters,
  plannedSound,
  planVocabulary,
} from "./planned-sound.ts";
export { muLawAmplitudes, type StretchOptions, stretchBands } from "./stretches.ts";
export { receptiveField, type WaveNetOptions, type WaveNetParameters, waveNet } from "./wavenet.ts";
