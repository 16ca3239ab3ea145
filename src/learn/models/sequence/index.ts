/** Families over sequences of tokens, and how sequences are drawn. */

export { type BeamOptions, beamSearch, repeatRows } from "./beam-search.ts";
export { type Generated, type GenerateOptions, generate } from "./generate.ts";
export {
  type ImageEncoderOptions,
  type ImageEncoderParameters,
  type ImageSight,
  imageEncoder,
  imageMap,
  imageSights,
} from "./image-encoder.ts";
export { type LabelEncoderParameters, labelEncoder } from "./label-encoder.ts";
export { type LanguageModelOptions, type LanguageModelParameters, languageModel } from "./language-model.ts";
export { type DrawingOptions, drawToken, keepProbable, penalizeRepetition } from "./next-token.ts";
export { copyMixture, type PointerOptions, type PointerParameters, pointerNetwork } from "./pointer.ts";
export {
  type SequenceToSequenceOptions,
  type SequenceToSequenceParameters,
  sequenceToSequence,
} from "./sequence-to-sequence.ts";
export type { Encoder, Memory, Reading, Step, Stepping, TokenNetwork } from "./token-network.ts";
