/** Transformers: the encoder, and the decoder that is also a GPT. */

export { type SpanExtractorOptions, type SpanExtractorParameters, spanExtractor } from "./span-extractor.ts";
export { type StoryEncoderOptions, type StoryEncoderParameters, storyEncoder } from "./story-encoder.ts";
export {
  type PositionKind,
  positionKinds,
  type TokenDecoderOptions,
  type TokenDecoderParameters,
  type TransformerNetworkOptions,
  tokenDecoder,
} from "./token-decoder.ts";
export { type TokenEncoderOptions, tokenEncoder } from "./token-encoder.ts";
