/** A denoiser of clips from one of images. */

import type { Shape } from "../../../core/base/index.ts";
import type { Denoiser } from "./denoiser.ts";

/**
 * A denoiser of clips that takes their frames for the channels of one image: what moves is seen by every convolution.
 *
 * Shapes: x [B, T, C, H, W] -> the same.
 * @param imageDenoiser makes the network for images [T * C, H, W]
 */
export function framesAsChannels(
  [frames, channels, height, width]: Shape,
  imageDenoiser: (shape: Shape) => Denoiser,
): Denoiser {
  const shape = [frames * channels, height, width];
  const { init, apply } = imageDenoiser(shape);
  return {
    init,
    apply: (tree, x, inputs, context) => {
      return apply(tree, x.reshape([x.shape[0], ...shape]), inputs, context).reshape(x.shape);
    },
  };
}
