/** Recurrent networks of sequences: encoder, and decoder that is also a language model. */

export {
  type LstmAttentionOptions,
  type LstmDecoderOptions,
  type LstmDecoderParameters,
  type LstmFeed,
  type LstmStart,
  lstmDecoder,
  lstmFeeds,
  lstmStarts,
} from "./lstm-decoder.ts";
export { type LstmEncoderOptions, type LstmEncoderParameters, lstmEncoder, lstmEncoderSize } from "./lstm-encoder.ts";
