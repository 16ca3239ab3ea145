/** Our side of the workload `diffusion-sampling`: guided samples of preset digits/diffusion, by DDIM. */

import { samplingContender } from "../sampling-contender.ts";
import { family } from "./diffusion.ts";
import { makeLabels } from "./preset-family.ts";
import allSizes from "./sizes.json" with { type: "json" };

const { count, samplingSteps, guidance } = allSizes["diffusion-sampling"];

export const program = samplingContender({
  family,
  count,
  conditions: makeLabels(0, count, allSizes.diffusion.classes),
  controls: { samplingSteps, guidance },
});
