/** The data set `scenes`: images of a few things with all that may be said of them, made when they are needed. */

import { foldKey, hashName, keyFromSeed } from "../../../core/base/index.ts";
import type { DataSplits } from "../dataset.ts";
import { type CaptionedImages, type CaptionReading, captionSplits } from "./caption-splits.ts";
import { drawScene } from "./draw-scene.ts";
import { captionsOf, makeScene, type Scene } from "./scene.ts";

export const scenesDescription =
  "50,000 scenes of two or three things, drawn here, with captions such as `a small red circle left of a big blue square`";

type Split = "train" | "validation" | "test";

const counts: Readonly<Record<Split, number>> = { train: 50_000, validation: 1000, test: 1000 };
/** Pixels of height and width where nobody says. */
const usualSide = 64;

/** Scene number `index` of a split, which is the same on every machine; of images of another size, its things are larger. */
export function sceneOf(split: Split, index: number, side = usualSide): Scene {
  const key = foldKey(keyFromSeed(0), hashName(`scenes ${split}`));
  return makeScene(foldKey(key, index), side);
}

/**
 * The splits of `scenes`. Of a scene's captions the usual one is learned, so that images say which thing comes next; all of them
 * are right.
 *
 * Shapes: `image` uint8 [3, side, side].
 */
export function sceneSplits(reading: CaptionReading, side = usualSide): Promise<DataSplits> {
  const part = (split: Split): CaptionedImages => {
    const scenes = Array.from({ length: counts[split] }, (_, index) => sceneOf(split, index, side));
    return {
      shape: [3, side, side],
      gather: (images) => {
        const size = 3 * side * side;
        const pixels = new Uint8Array(images.length * size);
        for (const [at, image] of images.entries()) drawScene(scenes[image], pixels, at * size);
        return pixels;
      },
      examples: scenes.map((scene, image) => {
        const right = captionsOf(scene);
        return { image, caption: right[0], right };
      }),
    };
  };
  const parts = { train: part("train"), validation: part("validation"), test: part("test") };
  return captionSplits({ name: "scenes", description: scenesDescription, notes: [] }, parts, reading);
}
