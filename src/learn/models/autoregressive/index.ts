/** Autoregressive models: one element after the other, each given those before. */

export { type ImagePixelCnnOptions, imagePixelCnn } from "./image-pixel-cnn.ts";
export { type BinaryEvent, type MadeOptions, made } from "./made.ts";
export { type Ordering, orderings } from "./made-masks.ts";
export type { MadeParameters } from "./made-parameters.ts";
export { type PixelCnn, pixelCnn } from "./pixel-cnn.ts";
export {
  type GridRequest,
  type LevelInput,
  levelInputs,
  type PixelCnnOptions,
  type PixelCnnParameters,
} from "./pixel-cnn-parts.ts";
