/** From sound to text. */

export {
  type CtcRecognizerOptions,
  type CtcRecognizerParameters,
  collapse,
  ctcRecognizer,
  framesAfter,
} from "./ctc-recognizer.ts";
export { type PrefixBeamOptions, prefixBeamSearch } from "./prefix-beam-search.ts";
