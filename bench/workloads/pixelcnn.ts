/** Our side of the workload `pixelcnn`: the step of preset digits/pixelcnn. */

import { randomUniform } from "../../src/core/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeInkBatch } from "./ink.ts";
import { makeLabels, presetFamily } from "./preset-family.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.pixelcnn;
const { batch, image, white, classes } = sizes;

export const family = presetFamily("digits/pixelcnn", { image: { dtype: "uint8", shape: image } }, classes);

export const program: FamilyProgram = {
  family,
  sizes,
  makeBatch: (index) => ({ ...makeInkBatch(index, batch, image, white), ...makeLabels(index, batch, classes) }),
  // Images are binarized.
  random: (key) => randomUniform(key, [batch, ...image]),
};
