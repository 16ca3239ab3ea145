/** Our side of the workload `glow`: the step of preset digits/glow. */

import { randomUniform } from "../../src/core/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeImageBatch } from "./images.ts";
import { presetFamily } from "./preset-family.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.glow;
const { batch, image } = sizes;

export const program: FamilyProgram = {
  family: presetFamily("digits/glow", { image: { dtype: "uint8", shape: image } }),
  sizes,
  makeBatch: (index) => makeImageBatch(index, batch, image),
  // Dequantization.
  random: (key) => randomUniform(key, [batch, ...image]),
};
