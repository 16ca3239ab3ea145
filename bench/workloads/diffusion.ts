/** Our side of the workload `diffusion`: the step of preset digits/diffusion. */

import { foldKey, randomNormal, randomUniform } from "../../src/core/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeImageBatch } from "./images.ts";
import { makeLabels, presetFamily } from "./preset-family.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.diffusion;
const { batch, image, classes } = sizes;

export const family = presetFamily("digits/diffusion", { image: { dtype: "uint8", shape: image } }, classes);

export const program: FamilyProgram = {
  family,
  sizes,
  makeBatch: (index) => ({ ...makeImageBatch(index, batch, image), ...makeLabels(index, batch, classes) }),
  // Noise, one shift of all times, and which labels are hidden.
  random: (key) => [
    randomNormal(foldKey(key, 0), [batch, ...image]),
    randomUniform(foldKey(key, 1), [1]),
    randomUniform(foldKey(key, 2), [batch]),
  ],
};
