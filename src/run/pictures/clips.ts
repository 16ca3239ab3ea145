/** Pictures of clips: their frames side by side, and clips that move beside one another. */

import { type Shape, sizeOf } from "../../core/base/index.ts";
import { encodeAnimation } from "./animation.ts";
import { grid, type ImageValues } from "./grid.ts";
import { encodePng, type Picture } from "./picture.ts";

/** Pixel values of clips [N, T, C, H, W]. */
export interface Clips {
  readonly shape: Shape;
  readonly data: ImageValues;
}

/** How long a frame stays, and the last one before the clip begins again. */
const [frameMs, lastMs] = [125, 500];

/** Clips [N, T, C, H, W], each a line of its frames. */
export function framesPicture({ shape, data }: Clips): Picture {
  const [count, frames, ...image] = shape;
  return grid(data, [count * frames, ...image], { columns: frames });
}

/**
 * Clips [N, T, C, H, W] in a grid, moving together.
 * @param columns clips in a line; as square as it gets where absent
 */
export async function animateClips(
  { shape, data }: Clips,
  format: "webp" | "gif",
  columns?: number,
): Promise<Uint8Array> {
  const [count, frames, ...image] = shape;
  const size = sizeOf(image);
  const pictures: Uint8Array[] = [];
  for (let t = 0; t < frames; t++) {
    const still = data.slice(0, count * size);
    for (let clip = 0; clip < count; clip++) {
      const at = (clip * frames + t) * size;
      still.set(data.subarray(at, at + size), clip * size);
    }
    const picture = grid(still, [count, ...image], columns === undefined ? {} : { columns });
    pictures.push(await encodePng(picture));
  }
  return encodeAnimation(pictures, { format, delayMs: frameMs, lastMs });
}
