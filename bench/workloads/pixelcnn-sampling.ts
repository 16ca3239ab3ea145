/** Our side of the workload `pixelcnn-sampling`: samples of preset digits/pixelcnn, in one compiled loop over cells. */

import { samplingContender } from "../sampling-contender.ts";
import { family } from "./pixelcnn.ts";
import { makeLabels } from "./preset-family.ts";
import allSizes from "./sizes.json" with { type: "json" };

const { count } = allSizes["pixelcnn-sampling"];

export const program = samplingContender({
  family,
  count,
  conditions: makeLabels(0, count, allSizes.pixelcnn.classes),
});
