/** Our side of the workload `cyclegan`: the step of preset style/cyclegan. */

import type { FamilyProgram } from "../family-contender.ts";
import { makeImageBatch } from "./images.ts";
import { presetFamily } from "./preset-family.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.cyclegan;
const { batch, batches, image } = sizes;
const field = { dtype: "uint8", shape: image } as const;

export const program: FamilyProgram = {
  family: presetFamily("style/cyclegan", { image: field, target: field }),
  sizes,
  makeBatch: (index) => ({
    ...makeImageBatch(index, batch, image),
    target: makeImageBatch(batches + index, batch, image).image,
  }),
};
