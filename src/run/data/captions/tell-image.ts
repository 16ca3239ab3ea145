/** One image that a person shows to a model. */

import { stat } from "node:fs/promises";
import { GalateaError, type Shape } from "../../../core/base/index.ts";
import { readNamedImages } from "../named-images.ts";
import type { Teller } from "../teller.ts";

/** @param shape of the images that the model reads, [C, H, W] */
export function imageTeller(shape: Shape): Teller {
  return {
    what: "an image file",
    read: async (path) => {
      if ((await stat(path).catch(() => undefined))?.isDirectory()) {
        throw new GalateaError("data", path, "is a folder", "name one image");
      }
      return { fields: { image: (await readNamedImages(path, shape)).data } };
    },
  };
}
