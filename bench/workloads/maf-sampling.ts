/** Our side of the workload `maf-sampling`: samples of preset points/maf. */

import { samplingContender } from "../sampling-contender.ts";
import { family } from "./maf.ts";
import allSizes from "./sizes.json" with { type: "json" };

export const program = samplingContender({ family, count: allSizes["maf-sampling"].count });
