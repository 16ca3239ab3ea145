/** Our side of the workload `spline`: the step of preset points/spline. */

import type { FamilyProgram } from "../family-contender.ts";
import { makePointBatch, pointFamily } from "./points.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.spline;

const family = pointFamily("points/spline");

export const program: FamilyProgram = {
  family,
  sizes,
  makeBatch: (index) => makePointBatch(index, sizes.batch),
};
