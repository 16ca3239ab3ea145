/** Sound: WAV files in and out, other rates, companding, log-mel features, folders of recordings with transcripts, and data
 * sets of them. Knows no model. */

export { type DialToneOptions, dialTones } from "./dial-tones.ts";
export { divideRecordings } from "./divide-recordings.ts";
export { readSound } from "./hear-file.ts";
export { type JoinOptions, joinRecordings } from "./join-recordings.ts";
export {
  loadSpeech,
  type SoundFeatures,
  type SpeechReading,
  speechSplits,
  speechTokenizerKinds,
} from "./load-speech.ts";
export { loadWaves, soundOfTokens, type WaveReading, waveSplits, waveVocabulary } from "./load-waves.ts";
export {
  type LogMel,
  type LogMelOptions,
  logMel,
  logMelsAt,
  type Normalization,
  normalizations,
  normalizeFeatures,
} from "./log-mel.ts";
export { computeLogMels, type LogMelsOptions } from "./log-mels.ts";
export { hzOfMel, type MelScale, melOfHz } from "./mel-filters.ts";
export { decodeMuLaw, encodeMuLaw } from "./mu-law.ts";
export { type Recording, type Recordings, type RecordingsOptions, readRecordings } from "./recordings.ts";
export { openResampler, type Resampler, resampleSound } from "./resample.ts";
export type { SplitName } from "./transcripts.ts";
export { type DecodedSound, decodeWav, encodeWav, type Sound, type WavOptions, writeWav } from "./wav.ts";
