/** Autoregressive models: one element after the other, each given those before. */

export { type PixelCnn, pixelCnn } from "./pixel-cnn.ts";
export {
  type GridRequest,
  type LevelInput,
  levelInputs,
  type PixelCnnOptions,
  type PixelCnnParameters,
} from "./pixel-cnn-parts.ts";
