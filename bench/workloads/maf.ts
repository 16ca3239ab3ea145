/** Our side of the workload `maf`: the step of preset points/maf. */

import type { FamilyProgram } from "../family-contender.ts";
import { makePointBatch, pointFamily } from "./points.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.maf;

export const family = pointFamily("points/maf");

export const program: FamilyProgram = {
  family,
  sizes,
  makeBatch: (index) => makePointBatch(index, sizes.batch),
};
