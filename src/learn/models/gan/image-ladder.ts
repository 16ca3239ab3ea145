/** The sizes between an image and the small map of features that a convolutional GAN starts from. */

import { formatShape, GalateaError, type Shape } from "../../../core/base/index.ts";

export interface ImageLadder {
  /** Height and width after each halving, the largest first; one for each layer. */
  readonly steps: readonly (readonly [height: number, width: number])[];
  readonly smallest: readonly [height: number, width: number];
}

/** Halving ends at sides below this. */
const smallSide = 8;

/**
 * Halvings of an image's sides until the shorter one is below 8: 28 -> 14, 7; 32 -> 16, 8, 4; 64 -> 32, 16, 8, 4.
 * @throws GalateaError `data` when the sides cannot be halved twice.
 */
export function imageLadder(shape: Shape): ImageLadder {
  const steps: (readonly [number, number])[] = [];
  let [height, width] = [shape[1], shape[2]];
  while (height % 2 === 0 && width % 2 === 0 && Math.min(height, width) >= smallSide) {
    [height, width] = [height / 2, width / 2];
    steps.push([height, width]);
  }
  if (steps.length < 2) {
    const right = "sides must be multiples of 4 from 16 up, such as 28, 32 or 64: choose an image size";
    throw new GalateaError("data", "image", `images of ${formatShape(shape)} cannot be halved twice`, right);
  }
  return { steps, smallest: [height, width] };
}
