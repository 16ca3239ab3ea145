/** Our side of the workload `made`: the step of preset binary/made on images. */

import { randomUniform } from "../../src/core/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeInkBatch } from "./ink.ts";
import { presetFamily } from "./preset-family.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.made;
const { batch, image, white } = sizes;

export const program: FamilyProgram = {
  family: presetFamily("binary/made", { image: { dtype: "uint8", shape: image } }),
  sizes,
  makeBatch: (index) => makeInkBatch(index, batch, image, white),
  // Images are binarized.
  random: (key) => randomUniform(key, [batch, ...image]),
};
