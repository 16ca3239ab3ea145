/** Our side of the workload `vqvae`: the step of preset digits/vqvae, its prior included. */

import { randomGumbel } from "../../src/core/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeImageBatch } from "./images.ts";
import { makeLabels, presetFamily } from "./preset-family.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.vqvae;
const { batch, image, classes, channels } = sizes;
const cells = (image[1] * image[2]) / 4 ** channels.length;

export const program: FamilyProgram = {
  family: presetFamily("digits/vqvae", { image: { dtype: "uint8", shape: image } }, classes),
  sizes,
  makeBatch: (index) => ({ ...makeImageBatch(index, batch, image), ...makeLabels(index, batch, classes) }),
  // Where dead codes go.
  random: (key) => randomGumbel(key, [batch * cells]),
};
