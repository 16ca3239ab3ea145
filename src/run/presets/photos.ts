/** What presets over folders of images share: the size that images are read at. */

import { z } from "zod";
import type { ImageFolderOptions } from "../data/index.ts";

/** Sides are cut and scaled to it. */
export const photoOptions = {
  size: z.int().min(8).max(512).multipleOf(4).default(32).describe("height and width that images are read at"),
};

/** Square colour images. */
export function photoImages({ size }: { readonly size: number }): Pick<ImageFolderOptions, "size" | "channels"> {
  return { size: [size, size], channels: 3 };
}
